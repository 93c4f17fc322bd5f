#!/usr/bin/env python3
"""Has producers and rude consumers of five groups work for minutes, kills the server now and then, and
holds all that they were told against what is promised.

    Tests/Crash/soak.py .build/release/posthorn --minutes 10 --seed 1
"""

import argparse
import collections
import contextlib
import datetime
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from groupbook import GroupBook, number_of
from grouping import Busy, call, put
from serving import Broker, Connection, Lost
from soakers import Consumer, Producer

TOPICS = {"work": 4, "ledger": 4}
ATTEMPTS_MAX = 1000
# The topic and the order of a group; then its most attempts, and of 100 pulls those that fail.
GROUPS = {
    "loose": ("work", "none", ATTEMPTS_MAX, 8), "strict": ("work", "key", ATTEMPTS_MAX, 8),
    "mortal": ("work", "none", 3, 20), "seeker": ("work", "none", ATTEMPTS_MAX, 4),
    "line": ("ledger", "partition", ATTEMPTS_MAX, 4),
}
SEEKER_MESSAGES_MAX = 100
BACKLOG_MAX = 2000
LIFE_SECONDS = (5, 40)
SEEK_SECONDS, REDRIVE_SECONDS = (5, 15), (3, 8)
BEGIN_SECONDS = 10
END_SECONDS_MAX = 120
MEMORY_GROWTH_MAX = 256 << 20
FAULTS_MAX = 20


class Soak:
    """The server, everybody who calls it, and what is known of them."""

    def __init__(self, options, data):
        self.options, self.data = options, data
        self.chance = random.Random(options.seed)
        self.lock = threading.Lock()
        self.broker, self.port, self.life = None, 0, 0
        self.is_killing = self.is_calm = self.is_over = False
        self.faults, self.last_number = [], 0
        self.confirmed = {name: set() for name in TOPICS}
        self.places = {name: {} for name in TOPICS}  # The partition and offset of each message.
        self.books = {
            name: GroupBook(name, topic, ordering, attempts < ATTEMPTS_MAX, self.complain)
            for name, (topic, ordering, attempts, _) in GROUPS.items()}
        self.gates = collections.defaultdict(contextlib.nullcontext, seeker=threading.RLock())
        self.redriven = 0
        self.memory = {"begin": None, "most": 0, "end": 0}

    # What others ask and tell

    def complain(self, text):
        with self.lock:
            self.faults.append(text)

    def gate(self, group):
        """Nobody of a group that is moved is under way meanwhile."""
        return self.gates[group]

    def next_number(self):
        with self.lock:
            self.last_number += 1
            return self.last_number

    def takes_more(self, topic):
        done = min(
            len(book.acked) + len(book.maybe) for name, book in self.books.items()
            if book.topic == topic and name != "seeker")
        return not self.is_calm and len(self.confirmed[topic]) - done < BACKLOG_MAX

    def published(self, topic, numbers):
        with self.lock:
            self.confirmed[topic].update(number for number, _ in numbers)

    def note_places(self, topic, messages):
        with self.lock:
            for one in messages:
                number, place = number_of(one), (one["partition"], one["offset"])
                if self.places[topic].setdefault(number, place) != place:
                    self.faults.append(f"{number} is at {place}, and at {self.places[topic][number]}")
                if number > self.last_number:
                    self.faults.append(f"{number} was never sent")

    def note_broken(self, life):
        if life == self.life and not self.is_killing:
            self.complain("a connection broke, and the server was not killed")

    # The server

    def start(self):
        self.broker = Broker(self.options.program, self.data).wait_until_it_listens()
        self.port = self.broker.port
        self.life += 1
        self.is_killing = False

    def kill(self):
        self.is_killing = True  # So connections may break.
        self.broker.kill()
        self.start()

    def prepare(self):
        connection = Connection(self.port)
        for name, partitions in TOPICS.items():
            put(connection, f"topics/{name}", {"partitions": partitions})
        for name, (_, ordering, attempts, _) in GROUPS.items():
            put(connection, f"groups/{name}",
                {"ordering": ordering, "max_attempts": attempts, "backoff": ["50ms"]})
        connection.close()

    def measure(self):
        with open(f"/proc/{self.broker.process.pid}/statm") as sizes:
            memory = int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        self.memory["begin"] = self.memory["begin"] or memory
        self.memory["most"], self.memory["end"] = max(self.memory["most"], memory), memory
        if self.memory["most"] - self.memory["begin"] > MEMORY_GROWTH_MAX:
            self.complain(f"the server has grown to {memory >> 20} MiB")

    # What an operator does

    def operate(self, group, what, body):
        """Asks until there is an answer."""
        while True:
            try:
                connection = Connection(self.port)
                try:
                    return call(connection, group, what, body, self.complain)
                finally:
                    connection.close()
            except (Busy, OSError, Lost):
                time.sleep(0.1)
                if self.is_over:
                    raise Lost(f"nobody answered a {what}") from None

    def seek(self):
        """Moves a group back by some seconds: what came since comes again."""
        back = datetime.timedelta(seconds=self.chance.uniform(0, 5))
        to = (datetime.datetime.now(datetime.timezone.utc) - back).isoformat(timespec="milliseconds")
        with self.gate("seeker"):
            told = self.operate("seeker", "seek", {"topic": "work", "to": to.replace("+00:00", "Z")})
            offsets = {one["partition"]: one["offset"] for one in told["partitions"]}
            with self.lock:
                places = dict(self.places["work"])
            self.books["seeker"].sought(offsets, places)

    def redrive(self):
        for name, book in self.books.items():
            if book.is_mortal:
                told = self.operate(name, "redrive", {"topic": book.topic})
                self.redriven += told["redriven"]

    # The whole of it

    def hire(self):
        clients = [
            Producer(self, f"producer-{topic}-{number}", self.chance.random(), topic, pause)
            for topic, pause in [("work", 0.03), ("ledger", 0.3)] for number in range(2)]
        for name, (_, _, _, nacks) in GROUPS.items():
            most = SEEKER_MESSAGES_MAX if name == "seeker" else 20
            clients += [
                Consumer(self, f"{name}-{number}", self.chance.random(), self.books[name], nacks, most)
                for number in range(3)]
        for client in clients:
            client.start()
        return clients

    def run(self):
        self.start()
        self.prepare()
        clients = self.hire()
        try:
            self.work()
            self.calm_down()
        finally:
            self.is_over = True
            for client in clients:
                client.join(5)
        self.broker.stop()
        checked = subprocess.run(
            [self.options.program, "check", self.data], capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            raise Lost(f"posthorn check ends with {checked.returncode}:\n{checked.stdout}")

    def work(self):
        begin = time.monotonic()
        end = begin + self.options.minutes * 60
        kill, seek, redrive = (
            begin + self.chance.uniform(*span) for span in (LIFE_SECONDS, SEEK_SECONDS, REDRIVE_SECONDS))
        while (now := time.monotonic()) < end and len(self.faults) < FAULTS_MAX:
            time.sleep(0.2)
            if now > begin + BEGIN_SECONDS:
                self.measure()
            if now > kill:
                self.kill()
                kill = now + self.chance.uniform(*LIFE_SECONDS)
            if now > seek:
                self.seek()
                seek = now + self.chance.uniform(*SEEK_SECONDS)
            if now > redrive:
                self.redrive()
                redrive = now + self.chance.uniform(*REDRIVE_SECONDS)
            self.show(f"{now - begin:.0f} s: {self.summary()}")
        self.judge()

    def calm_down(self):
        """From here on everybody acks: what was confirmed has to be settled soon."""
        self.is_calm = True
        deadline = time.monotonic() + END_SECONDS_MAX
        while left := self.unsettled():
            self.judge()
            if time.monotonic() > deadline:
                raise Lost(f"stuck: {left}")
            self.redrive()
            self.show(f"left: {left}")
            time.sleep(0.5)
        self.measure()
        self.judge()

    def unsettled(self):
        """What is not done yet, of what clients know and of what the server says."""
        left = {}
        for name, book in self.books.items():
            missing = book.missing(self.confirmed[book.topic], self.places[book.topic])
            if missing:
                left[name] = f"{len(missing)} messages, such as {missing[0]}"
            elif (open_ := self.open_of(name)):
                left[name] = open_
        return left

    def open_of(self, group):
        connection = Connection(self.port)
        told = connection.ask("GET", f"/v1/groups/{group}").json()
        connection.close()
        partitions = [one for topic in told["topics"] for one in topic["partition_list"]]
        sums = {what: sum(one[what] for one in partitions)
                for what in ("lag", "in_flight", "retrying", "dead")}
        return {what: count for what, count in sums.items() if count}

    def judge(self):
        if self.faults:
            raise Lost("\n".join(self.faults[:FAULTS_MAX]))

    def summary(self):
        confirmed = sum(len(numbers) for numbers in self.confirmed.values())
        books = self.books.values()
        memory = {name: f"{(size or 0) >> 20}" for name, size in self.memory.items()}
        return (
            f"{self.life - 1} kills, {confirmed} messages confirmed, "
            f"{sum(book.deliveries for book in books)} handed out to {len(GROUPS)} groups, "
            f"{sum(len(book.acked) for book in books)} acks confirmed, "
            f"{sum(len(book.maybe) for book in books)} of which nobody heard, "
            f"{sum(book.lost for book in books)} late ones lost, {self.redriven} dead letters sent back, "
            f"{len(self.books['seeker'].seeks)} seeks, RSS {memory['begin']} MiB at first, "
            f"{memory['most']} at most, {memory['end']} at last")

    def show(self, text):
        if sys.stdout.isatty():
            print(f"\r\033[K{text}", end="", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options.add_argument("--directory", help="where the data is made; a real disk, not memory")
    options = options.parse_args()
    place = tempfile.mkdtemp(prefix="posthorn-soak-", dir=options.directory)
    soak = Soak(options, os.path.join(place, "data"))
    try:
        soak.run()
    except Lost as lost:
        soak.show("")
        print(f"FAILED: {lost}\nseed {options.seed}, data kept in {place}\n{soak.summary()}")
        if soak.broker.process.poll() is None:
            soak.broker.process.kill()
        return 1
    soak.show("")
    shutil.rmtree(place)
    print(f"{options.minutes:g} minutes: {soak.summary()}; each message until its ack, and never after; "
          f"seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
