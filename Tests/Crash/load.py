"""Publishers that note what they sent, and what was confirmed to them."""

import base64
import copy
import json
import random
import threading
import time
from urllib.parse import quote

from serving import Connection, request

TOPICS = {"four": 4, "one": 1, "eight": 8}
UNMADE_TOPIC = "auto"  # The first publish makes it.
CONNECTIONS = 6
PIPELINED_MAX = 6
BODY_SIZE_MAX = 100_000
DELAY_MAX_MILLISECONDS = 700


class Message:
    """One message as it was sent; its number begins its body."""

    def __init__(self, number, topic, key, size, chance):
        self.number, self.topic, self.key = number, topic, key
        filler = chance.randbytes(size)
        if chance.randrange(2):
            filler = base64.b64encode(filler)[:size]
        self.body = f"{number}:".encode() + filler
        self.delay = 0  # in milliseconds
        self.is_buffered = False
        self.idempotency_key = None
        self.batch = None  # What all messages of one batch share: the number of the first.
        self.id = None  # as it was confirmed
        self.is_confirmed = False
        self.held_until = None

    def confirm(self, told):
        self.is_confirmed = True
        self.id = told.get("id")
        self.held_until = told.get("held_until")

    def request(self):
        target = f"/v1/topics/{self.topic}/messages"
        options = [f"key={quote(self.key)}"] if self.key is not None else []
        options += [f"delay={self.delay}ms"] if self.delay else []
        options += ["durability=buffered"] if self.is_buffered else []
        fields = {"Request-Id": self.number}
        if self.idempotency_key:
            fields["Idempotency-Key"] = self.idempotency_key
        return request("POST", target + "?" + "&".join(options), self.body, **fields)


class Batch:
    """Messages of one request: all of them are stored, or none."""

    def __init__(self, messages):
        self.messages = messages
        self.topic = messages[0].topic
        for message in messages:
            message.batch = messages[0].number

    def request(self):
        listed = [self._member(message) for message in self.messages]
        fields = {"Request-Id": self.messages[0].number, "Content-Type": "application/json"}
        if self.messages[0].idempotency_key:
            fields["Idempotency-Key"] = self.messages[0].idempotency_key
        body = json.dumps({"messages": listed}).encode()
        return request("POST", f"/v1/topics/{self.topic}/batches", body, **fields)

    @staticmethod
    def _member(message):
        member = {"value_base64": base64.b64encode(message.body).decode()}
        if message.key is not None:
            member["key"] = message.key
        return member


class Ledger:
    """All that was sent to one data directory."""

    def __init__(self):
        self.messages = {}  # by number
        self.requests = {}  # messages and batches, by the number of their request
        self.refusals = []  # answers that confirm nothing
        self.seen = {}  # the number of the message at (topic, partition, offset)
        self.settled = set()  # Numbers of messages confirmed before what is on the way now.
        self.lock = threading.Lock()

    def note(self, order):
        messages = order.messages if isinstance(order, Batch) else [order]
        with self.lock:
            for message in messages:
                self.messages[message.number] = message
            self.requests[messages[0].number] = order

    def take(self, answer):
        """Notes what an answer says of the request whose number it bears."""
        order = self.requests[answer.fields["request-id"]]
        if answer.status not in (201, 202):
            with self.lock:
                self.refusals.append(answer)
            if answer.json()["outcome"] == "done":
                # It is there, and nobody said where.
                for message in order.messages if isinstance(order, Batch) else [order]:
                    message.is_confirmed = True
            return
        told = answer.json()
        if isinstance(order, Batch):
            for message, one in zip(order.messages, told["messages"], strict=True):
                message.confirm(one)
        else:
            order.confirm(told)

    def forget(self, topic):
        """Nothing of a topic that is deleted has to be there any more."""
        self.messages = {
            number: message for number, message in self.messages.items() if message.topic != topic}
        self.seen = {place: number for place, number in self.seen.items() if place[0] != topic}

    def as_of(self, answered):
        """The ledger as it was when, of what this one has on the way, these requests were answered."""
        past = Ledger()
        past.seen = dict(self.seen)
        for number, message in self.messages.items():
            was_confirmed = number in self.settled or (message.batch or number) in answered
            past.messages[number] = message = copy.copy(message)
            message.is_confirmed = message.is_confirmed and was_confirmed
            if message.is_confirmed:
                past.settled.add(number)
        return past

    @property
    def confirmed(self):
        return sum(message.is_confirmed for message in self.messages.values())


class Load:
    """Some connections that publish until the server is gone or they are told to stop."""

    def __init__(self, port, ledger, run, options):
        self.port, self.ledger = port, ledger
        self.is_over = False
        lanes = [Lane(f"{run}.{lane}", options) for lane in range(CONNECTIONS)]
        self.threads = [
            threading.Thread(target=self._publish, args=(lane, )) for lane in lanes]
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def _publish(self, lane):
        try:
            connection = Connection(self.port)
            while not self.is_over:
                orders = [lane.order() for _ in range(lane.chance.randint(1, PIPELINED_MAX))]
                for order in orders:
                    self.ledger.note(order)
                connection.send(b"".join(order.request() for order in orders))
                left = len(orders)
                while left:
                    answers = connection.answers()
                    for answer in answers:
                        self.ledger.take(answer)
                    if not answers:
                        return
                    left -= len(answers)
            connection.close()
        except OSError:
            # The server was killed, which is what this is about.
            return


class Lane:
    """What one connection sends: keys are its own, so that their order is known."""

    def __init__(self, name, options):
        self.name, self.count = name, 0
        self.spreads, self.repeats = options.spread, options.repeat
        self.chance = random.Random(f"{options.seed} {name}")

    def order(self):
        topic = self.chance.choice([*TOPICS, UNMADE_TOPIC])
        if self.chance.randrange(8) == 0:
            return self._batch(topic)
        size = BODY_SIZE_MAX if self.chance.randrange(40) == 0 else 1_000
        message = self._message(topic, self._key(), size)
        kind = self.chance.randrange(12)
        if kind == 0:
            message.delay = self.chance.randint(100, DELAY_MAX_MILLISECONDS)
        elif kind == 1:
            message.is_buffered = True
        elif kind < 5 and self.repeats:
            message.idempotency_key = f"message {message.number}"
        return message

    def _batch(self, topic):
        key = self._key()
        messages = [
            self._message(topic, self._key() if self.spreads else key, 300)
            for _ in range(self.chance.randint(2, 9))]
        if self.repeats and self.chance.randrange(2):
            messages[0].idempotency_key = f"batch {messages[0].number}"
        return Batch(messages)

    def _key(self):
        return self.chance.choice([None, *(f"{self.name} {letter}" for letter in "abcd")])

    def _message(self, topic, key, size_max):
        self.count += 1
        size = self.chance.randint(0, size_max)
        return Message(f"{self.name}-{self.count}", topic, key, size, self.chance)


def add_options(parser):
    """The options of a program that publishes."""
    parser.add_argument("program", help="the server")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--directory", help="where the data is made; a real disk, not memory")
    parser.add_argument(
        "--spread", action="store_true", help="publish batches over several shards, too")
    parser.add_argument(
        "--repeat", action="store_true", help="repeat by Idempotency-Key what was not confirmed")
