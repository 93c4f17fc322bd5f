#!/usr/bin/env python3
"""Kills a server while it rewrites segments, and checks that what they keep is there.

    Tests/Crash/serve_rewrite.py .build/debug/posthorn --kills 10 --seed 1
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from serving import Broker, Connection, Lost

# The disk counts as filling, so that segments of which little is wanted are rewritten at once.
FILLING = ["--disk-warn-at=1", "--disk-full-at=100", "--disk-scarce-at=100"]
PASSING_SIZE = 1_000_000
# A quarter of a segment is kept, so that an archive takes a while.
KEPT_SIZE = 300_000
WAIT_SECONDS_MAX = 60
# Some kills come before the archive has its name, and some behind.
KILL_SECONDS_MAX = 1.5


class Life:
    """One data directory: a topic that keeps its messages, and one that soon drops them."""

    def __init__(self, options, data, chance):
        self.options, self.data, self.chance = options, data, chance
        self.kept = []  # Bodies that were confirmed, in order.
        self.hits = 0  # Kills that left the beginning of an archive.

    def start(self):
        broker = Broker(
            self.options.program, self.data, "--shards=1", "--loops=1", disk=FILLING)
        return broker.wait_until_it_listens()

    def publish_and_kill(self):
        broker = self.start()
        connection = Connection(broker.port)
        try:
            self.check(connection)
            self.publish(connection, until=self.begins_an_archive)
            time.sleep(self.chance.uniform(0, KILL_SECONDS_MAX))
        finally:
            broker.kill()
        self.hits += any(name.endswith(".arc.tmp") for name in self.files())
        told = subprocess.run(
            [self.options.program, "check", self.data], capture_output=True, check=False)
        if told.returncode != 0:
            raise Lost(f"the check ended with {told.returncode}:\n{told.stdout.decode()}")

    def publish(self, connection, until):
        """Publishes, a kept message now and then, until something is there that was not."""
        passing = self.chance.randbytes(PASSING_SIZE)
        before, deadline = set(self.files()), time.monotonic() + WAIT_SECONDS_MAX
        while not until(before):
            if time.monotonic() > deadline:
                raise Lost(f"no segment was rewritten within {WAIT_SECONDS_MAX} s")
            body = f"{len(self.kept)}:".encode() + self.chance.randbytes(KEPT_SIZE)
            self.store(connection, "kept", body)
            self.kept.append(body)
            self.store(connection, "passing", passing)

    @staticmethod
    def store(connection, topic, body):
        answer = connection.ask("POST", f"/v1/topics/{topic}/messages", body)
        if answer.status != 201:
            raise Lost(f"a publish is answered with {answer.status}: {answer.body.decode()}")

    def begins_an_archive(self, before):
        return any(".arc" in name for name in set(self.files()) - before)

    def files(self):
        return [name for _, _, names in os.walk(self.data) for name in names]

    @property
    def archives(self):
        return sum(name.endswith(".arc") for name in self.files())

    def check(self, connection):
        for name, settings in [("kept", b"{}"), ("passing", b'{"retention_bytes":"1MiB"}')]:
            made = connection.ask(
                "PUT", f"/v1/topics/{name}", settings, content_type="application/json")
            if made.status not in (200, 201):
                raise Lost(f"the topic {name} is answered with {made.status}: {made.body!r}")
        shown = connection.ask("GET", "/v1/topics/kept").json()
        count = sum(one["end"] for one in shown["partition_list"])
        # What was on its way when the server was killed may be there, too.
        if not len(self.kept) <= count <= len(self.kept) + 1:
            raise Lost(f"{len(self.kept)} messages were confirmed, and there are {count}")
        bodies = {}
        for one in shown["partition_list"]:
            for offset in range(one["start"], one["end"]):
                target = f"/v1/topics/kept/messages/{one['partition']}-{offset}"
                answer = connection.ask("GET", target)
                if answer.status != 200:
                    raise Lost(f"{target} is answered with {answer.status}: {answer.body!r}")
                bodies[int(answer.body.partition(b":")[0])] = answer.body
        for number, body in enumerate(self.kept):
            if bodies.get(number) != body:
                raise Lost(f"the message {number} is not as it was published")
        self.kept = [bodies[number] for number in range(count)]


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options.add_argument("--directory", help="where data is written")
    options = options.parse_args()
    place = tempfile.mkdtemp(prefix="posthorn-rewrite-", dir=options.directory)
    life = Life(options, os.path.join(place, "data"), random.Random(options.seed))
    try:
        for _ in range(options.kills):
            life.publish_and_kill()
        broker = life.start()
        life.check(Connection(broker.port))
        broker.stop()
        if (archives := life.archives) == 0:
            raise Lost("no archive was ever finished")
    except Lost as lost:
        print(f"FAILED: {lost}\nseed {options.seed}, data kept in {place}")
        return 1
    shutil.rmtree(place)
    print(
        f"{options.kills} kills, {life.hits} of them within an archive, {archives} archives, "
        f"{len(life.kept)} kept messages, none lost; seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
