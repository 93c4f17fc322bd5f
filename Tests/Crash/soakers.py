"""Who publishes and who consumes in a soak: at random, rudely at times, and noting all that is confirmed."""

import json
import random
import threading
import time

from groupbook import TOLERANCE_SECONDS
from grouping import Busy, call
from serving import Connection, Lost, request

KEYS = 32
LEASES = [0.3, 0.5, 1.0, 2.0]  # seconds
WAIT_MAX = 300  # milliseconds


class Client(threading.Thread):
    """Does something again and again, over a connection that is made anew when the server is."""

    def __init__(self, soak, name, seed):
        super().__init__(name=name, daemon=True)
        self.soak, self.chance = soak, random.Random(seed)
        self.connection, self.life = None, 0

    def run(self):
        while not self.soak.is_over:
            try:
                self.act()
            except Busy:
                time.sleep(0.05)
            except (OSError, Lost):
                self.part()
            except Exception as error:  # What nobody thought of is a finding, too.
                self.soak.complain(f"{self.name} met {error!r}")
                return

    def connect(self):
        if self.connection is None:
            self.life = self.soak.life
            self.connection = Connection(self.soak.port)
        return self.connection

    def part(self):
        """A connection ends with its server only."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
            self.soak.note_broken(self.life)
        time.sleep(0.05)

    def maybe(self, percent):
        return self.chance.randrange(100) < percent


class Producer(Client):
    """Publishes, and repeats what was not confirmed until it is, by its Idempotency-Key."""

    def __init__(self, soak, name, seed, topic, pause):
        super().__init__(soak, name, seed)
        self.topic, self.pause, self.order = topic, pause, None

    def act(self):
        if self.order is None:
            time.sleep(self.chance.uniform(0, 2 * self.pause))
            if not self.soak.takes_more(self.topic):
                return
            self.order = self.make()
        numbers, verb, query, body = self.order
        answer = self.connect().ask(
            "POST", f"/v1/topics/{self.topic}/{verb}{query}", body,
            content_type="application/json", idempotency_key=f"n{numbers[0][0]}")
        if answer.status in (503, 504):
            raise Busy
        if answer.status != 201:
            self.soak.complain(f"a publish is answered with {answer.status}: {answer.body.decode()}")
        self.soak.published(self.topic, numbers)
        self.order = None

    def make(self):
        if self.maybe(20):
            numbers = [self.number() for _ in range(self.chance.randrange(2, 8))]
            messages = [{"value": self.body(number), "key": key} for number, key in numbers]
            return numbers, "batches", "", json.dumps({"messages": messages}).encode()
        number, key = self.number()
        delay = f"&delay={self.chance.randrange(50, 2000)}ms" if self.maybe(15) else ""
        return [(number, key)], "messages", f"?key={key}{delay}", self.body(number).encode()

    def number(self):
        return self.soak.next_number(), f"k{self.chance.randrange(KEYS)}"

    def body(self, number):
        return f"{number}:" + "x" * self.chance.randrange(200)


class Consumer(Client):
    """Pulls, and does with what it gets whatever consumers do."""

    def __init__(self, soak, name, seed, book, nacks, messages_max):
        super().__init__(soak, name, seed)
        self.book, self.nacks, self.messages_max = book, nacks, messages_max
        self.held = None  # What the next pull acks.

    def act(self):
        if not self.soak.is_calm and self.maybe(3):
            return self.vanish()
        with self.soak.gate(self.book.name):
            self.work()

    def work(self):
        lease = self.chance.choice(LEASES)
        pull_id = f"{self.name}-{self.soak.next_number()}" if self.maybe(15) else None
        body = self.pull_body(lease, pull_id)
        held, self.held = self.held, None
        if held:
            body["settle"] = {"acks": [held["receipt"]]}
            until = self.about_to_ack(held["messages"])
        asked = time.monotonic()
        answer = self.post("pull", body)
        if held:
            self.acked(held["messages"], answer["settled"]["results"][0], until)
        self.got(answer, asked, lease)
        if not answer["messages"]:
            return
        if pull_id and not held and self.maybe(50):
            self.repeat(body, answer, asked + lease)
        self.finish(answer, asked, lease)

    def pull_body(self, lease, pull_id):
        body = {"topics": [self.book.topic], "consumer": self.name, "lease": f"{int(lease * 1000)}ms",
                "max_messages": self.chance.randrange(1, self.messages_max),
                "wait": 0 if self.maybe(10) else f"{self.chance.randrange(10, WAIT_MAX)}ms"}
        return {**body, "pull_id": pull_id} if pull_id else body

    def got(self, answer, asked, lease):
        self.soak.note_places(self.book.topic, answer["messages"])
        self.book.take(answer, asked, time.monotonic(), lease, self.life)

    def repeat(self, body, answer, until):
        """As after an answer that was lost on its way: the same again is the same."""
        asked, life = time.monotonic(), self.life
        again = self.post("pull", body)
        is_certain = time.monotonic() < until - TOLERANCE_SECONDS and life == self.life
        receipts = [{one["receipt"] for one in each["messages"]} for each in (answer, again)]
        if not is_certain:
            self.got(again, asked, 0)
        elif receipts[0] != receipts[1]:
            self.soak.complain(f"{self.book.name}: a pull that is repeated gets something else")

    def finish(self, answer, asked, lease):
        messages, way = answer["messages"], self.chance.randrange(100)
        if self.soak.is_calm:
            way = 0
        if way < 45:
            self.ack(answer["receipt"], messages)
        elif way < 65:
            self.held = {"receipt": answer["receipt"], "messages": messages}
        elif way < 72:
            for one in messages:
                self.ack(one["receipt"], [one])
        elif way < 72 + self.nacks:
            self.nack(messages)
        elif way < 92:
            self.extend(answer["receipt"], messages)
            self.ack(answer["receipt"], messages)
        elif way < 96:
            time.sleep(max(asked + lease + 0.2 - time.monotonic(), 0))
            self.ack(answer["receipt"], messages)
        # And some are forgotten.

    def about_to_ack(self, messages):
        """Notes an ack that leaves now; until when it has to count, or nothing."""
        ends = [self.book.certain_until(one, self.life) for one in messages]
        self.book.ask_ack(messages)
        return min(ends) if all(ends) else None

    def ack(self, receipt, messages):
        until = self.about_to_ack(messages)
        self.acked(messages, self.post("settle", {"acks": [receipt]})["results"][0], until)

    def acked(self, messages, result, until):
        """An ack that is answered while the lease runs has to count."""
        self.book.take_ack(messages, result, until is not None and time.monotonic() < until)

    def extend(self, receipt, messages):
        sent = time.monotonic()
        told = self.post("settle", {"extends": [{"receipt": receipt, "by": "1s"}]})["results"][0]
        if told["status"] == "extended":
            self.book.extend(messages, sent, 1.0)
        elif told["status"] != "lost":
            self.soak.complain(f"{self.book.name}: an extend is {told['status']}")

    def nack(self, messages):
        delay = self.chance.choice([0, 100, 500])
        nacks = [{"receipt": one["receipt"], "delay": f"{delay}ms", "reason": "soak"} for one in messages]
        sent = time.monotonic()
        self.book.let_go(messages)
        results = self.post("settle", {"nacks": nacks})["results"]
        for one, result in zip(messages, results, strict=True):
            self.book.take_nack(one, result, sent, delay / 1000)

    def vanish(self):
        """Asks for work, and is gone before or while it comes."""
        body = json.dumps(self.pull_body(self.chance.choice(LEASES), None)).encode()
        try:
            connection = Connection(self.soak.port)
            connection.send(request("POST", f"/v1/groups/{self.book.name}/pull", body,
                                    content_type="application/json"))
            time.sleep(self.chance.choice([0, 0.01, 0.1]))
            connection.close()
        except OSError:
            pass  # The server is gone, too.

    def post(self, what, body):
        return call(self.connect(), self.book.name, what, body, self.soak.complain)

