#!/usr/bin/env python3
"""Kills a server while a group works, and checks that every message is handed out until it is acked, and
never after an ack that was confirmed.

    Tests/Crash/serve_groups.py .build/debug/posthorn --kills 20 --seed 1
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time

from grouping import Busy, call, put
from serving import Broker, Connection, Lost

PARTITIONS = 4
WORKERS = 4
LIFE_SECONDS_MAX = 0.8
END_SECONDS_MAX = 60
LEASE = "1s"
GROUPS = {"loose": "none", "strict": "key"}


class Book:
    """What was confirmed, by whom."""

    def __init__(self):
        self.lock = threading.Lock()
        self.published = {}  # The key and the number of a message by its id.
        self.acked = {name: {} for name in GROUPS}  # When an ack of an id was confirmed.
        self.asked = {name: set() for name in GROUPS}  # Ids that somebody tried to ack.
        self.deliveries = 0
        self.faults = []


class Worker(threading.Thread):
    """Pulls for one group and acks what it got, inside the next pull or by itself."""

    def __init__(self, port, group, book, chance, forgets):
        super().__init__()
        self.port, self.group, self.book, self.forgets = port, group, book, forgets
        self.chance = random.Random(chance.random())
        self.is_over = False
        self.keys = {}

    def run(self):
        try:
            connection, settle = Connection(self.port), None
            while not self.is_over:
                try:
                    settle = self.work(connection, settle)
                except Busy:
                    time.sleep(0.02)
        except (OSError, Lost):
            pass  # The server is gone.

    def work(self, connection, settle):
        """Pulls once, and acks what the pull before gave; returns what is to be acked next."""
        asked = time.monotonic()
        body = {"topics": ["work"], "wait": "100ms", "lease": LEASE, "consumer": self.name,
                "max_messages": self.chance.randrange(1, 30)}
        is_inside = settle and self.chance.randrange(2)
        if is_inside:
            body["settle"] = {"acks": [settle[0]]}
        answer = self.post(connection, "pull", body)
        if is_inside:
            self.note_acked(answer["settled"]["results"], settle[1])
        elif settle:
            told = self.post(connection, "settle", {"acks": [settle[0]]})
            self.note_acked(told["results"], settle[1])
        self.note_pulled(answer["messages"], asked)
        # Some are forgotten, and come again when their lease is over.
        if not answer["messages"] or self.forgets and not self.chance.randrange(10):
            return None
        ids = [one["id"] for one in answer["messages"]]
        with self.book.lock:
            self.book.asked[self.group].update(ids)
        return answer["receipt"], ids

    def post(self, connection, what, body):
        return call(connection, self.group, what, body, self.fault)

    def note_acked(self, results, ids):
        exceptions = {one["id"] for one in results[0].get("messages", [])}
        if results[0]["status"] in ("acked", "already_acked"):
            now = time.monotonic()
            with self.book.lock:
                for one in ids:
                    if one not in exceptions:
                        self.book.acked[self.group].setdefault(one, now)

    def note_pulled(self, messages, asked):
        with self.book.lock:
            self.book.deliveries += len(messages)
            for one in messages:
                acked = self.book.acked[self.group].get(one["id"])
                if acked is not None and acked < asked:
                    self.fault(f"{one['id']} was handed out {asked - acked:.3f} s after its ack")
        if GROUPS[self.group] == "key":
            keys = [one["key"] for one in messages]
            if len(set(keys)) != len(keys):
                self.fault(f"two messages of a key are out at once: {keys}")

    def fault(self, text):
        self.book.faults.append(f"{self.group}: {text}")


class Life:
    def __init__(self, options, data, chance):
        self.options, self.data, self.chance = options, data, chance
        self.book, self.count = Book(), 0

    def start(self):
        return Broker(self.options.program, self.data).wait_until_it_listens()

    def prepare(self, connection):
        put(connection, "topics/work", {"partitions": PARTITIONS})
        for name, ordering in GROUPS.items():
            put(connection, f"groups/{name}",
                {"ordering": ordering, "max_attempts": 1000, "backoff": ["0s"]})

    def publish(self, connection):
        self.count += 1
        key = f"k{self.chance.randrange(8)}"
        answer = connection.ask(
            "POST", f"/v1/topics/work/messages?key={key}", b"m%d" % self.count)
        if answer.status != 201:
            raise Lost(f"a publish is answered with {answer.status}: {answer.body.decode()}")
        self.book.published[answer.json()["id"]] = key

    def work_and_kill(self):
        broker = self.start()
        connection = Connection(broker.port)
        workers = []
        try:
            self.prepare(connection)
            workers = self.hire(broker.port)
            ends = time.monotonic() + self.chance.uniform(0, LIFE_SECONDS_MAX)
            while time.monotonic() < ends:
                self.publish(connection)
        finally:
            broker.kill()
            self.dismiss(workers)

    def hire(self, port, forgets=True):
        workers = [
            Worker(port, name, self.book, self.chance, forgets)
            for name in GROUPS for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        return workers

    def dismiss(self, workers):
        for worker in workers:
            worker.is_over = True
        for worker in workers:
            worker.join()
        if self.book.faults:
            raise Lost(self.book.faults[0])

    def finish(self):
        """Works on until all that was confirmed is acked in each group."""
        broker = self.start()
        workers = self.hire(broker.port, forgets=False)
        deadline = time.monotonic() + END_SECONDS_MAX
        try:
            while missing := self.missing():
                if time.monotonic() > deadline:
                    raise Lost(f"{len(missing)} messages were never acked, such as {missing[0]}")
                time.sleep(0.05)
        except Lost:
            broker.kill()
            raise
        finally:
            self.dismiss(workers)
        broker.stop()

    def missing(self):
        """What nobody has acked; of an ack that was cut off nobody knows."""
        with self.book.lock:
            return [f"{one} of {name}" for name in GROUPS for one in self.book.published
                    if one not in self.book.asked[name]]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options.add_argument("--directory", help="where the data is made; a real disk, not memory")
    options = options.parse_args()
    place = tempfile.mkdtemp(prefix="posthorn-groups-", dir=options.directory)
    life = Life(options, os.path.join(place, "data"), random.Random(options.seed))
    try:
        for _ in range(options.kills):
            life.work_and_kill()
        life.finish()
    except Lost as lost:
        print(f"FAILED: {lost}\nseed {options.seed}, data kept in {place}")
        return 1
    shutil.rmtree(place)
    print(f"{options.kills} kills, {len(life.book.published)} messages, {life.book.deliveries} handed "
          f"out to {len(GROUPS)} groups, each until its ack and none after; seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
