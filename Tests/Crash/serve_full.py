#!/usr/bin/env python3
"""Fills the disk of a server, and checks that it says so, goes on reading, and recovers.

    Tests/Crash/serve_full.py .build/debug/posthorn

The data is on a small file system in memory; where none may be mounted, the test says SKIPPED.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

from load import Ledger, Message
from serving import Broker, Connection, Lost
from verdict import verify

# Two segments of the one shard and of the coordinator, and less than one more; a whole one where the
# ballast was.
DISK_SIZE = 144 << 20
BALLAST_SIZE = 48 << 20
TOPICS = ["four", "one"]  # Of those that are read back.
BODY_SIZE = 1_000_000
REFUSALS_IN_A_ROW = 5
# Room is looked for each second while somebody asks for it; the rest is for a slow machine.
RECOVERY_SECONDS = 15
DISK_FULL = (507, "disk_full", "none")
# What a log says that does not know yet whether there will be room.
NOT_YET = (503, "overloaded", "none")


class Disk:
    """A file system of its own, with something on it that can be taken away."""

    def __init__(self):
        self.place = tempfile.mkdtemp(prefix="posthorn-full-")
        self.ballast = os.path.join(self.place, "ballast")

    def mount(self):
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", self.place]
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
            return False
        self.load()
        return True

    def load(self):
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, BALLAST_SIZE)

    def unload(self):
        os.remove(self.ballast)

    def remove(self):
        subprocess.run(["umount", self.place], stderr=subprocess.DEVNULL)
        os.rmdir(self.place)


class Filling:
    """One publisher, which goes on until it is told that there is no room."""

    def __init__(self, ledger, chance):
        self.ledger, self.chance, self.count = ledger, chance, 0

    def publish(self, connection, topic):
        """Publishes one message; returns the status."""
        self.count += 1
        message = Message(f"0-{self.count}", topic, None, BODY_SIZE, self.chance)
        self.ledger.note(message)
        connection.send(message.request())
        for answer in connection.answers():
            self.ledger.take(answer)
            if answer.status != 201:
                check_refusal(answer)
            return answer.status
        raise Lost("a publish was not answered")

    def fill(self, connection):
        """Publishes until nothing more is taken by any log."""
        refused = 0
        while refused < REFUSALS_IN_A_ROW:
            topic = self.chance.choice(TOPICS)
            refused = refused + 1 if self.publish(connection, topic) == 507 else 0
            if refused:
                time.sleep(0.1)

    def wait_for_room(self, connection, what):
        """Publishes until it is taken again, as it has to be behind `what`."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while self.publish(connection, "four") != 201:
            if time.monotonic() > deadline:
                raise Lost(f"{RECOVERY_SECONDS} s behind {what} there still is no room")
            time.sleep(0.1)


def check_refusal(answer):
    problem = json.loads(answer.body)
    told = (answer.status, problem["code"], problem["outcome"])
    if told not in (DISK_FULL, NOT_YET) or not problem["retryable"]:
        raise Lost(f"a publish to a full disk was answered with {problem}")


def expect(connection, status, method, target, body=b"", **fields):
    answer = connection.ask(method, target, body, **fields)
    if answer.status != status:
        raise Lost(f"{method} {target} was answered with {answer.status}: {answer.body.decode()}")


def expect_told(broker):
    """A full disk is told once when it begins and once when it ends, log by log; not with each try."""
    told = {}
    for line in broker.text().decode().splitlines():
        if match := re.search(r"msg=(no_space|files_made_again) log=(\S+)", line):
            told.setdefault(match[2], []).append(match[1])
    if told.get("shard-0000", [])[:2] != ["no_space", "files_made_again"]:
        raise Lost(f"the log tells of the disk: {told}")
    if any(first == second for lines in told.values() for first, second in zip(lines, lines[1:])):
        raise Lost(f"the log repeats itself: {told}")


def run(options, disk):
    """All that a server goes through on a disk that is too small."""
    chance = random.Random(options.seed)
    data = os.path.join(disk.place, "data")
    ledger = Ledger()
    broker = Broker(options.program, data, "--shards", "1").wait_until_it_listens()
    connection = Connection(broker.port)
    filling = Filling(ledger, chance)
    for topic in TOPICS:
        expect(
            connection, 201, "PUT", f"/v1/topics/{topic}", b'{"compression":"none"}',
            content_type="application/json")
    try:
        filling.fill(connection)
        expect(connection, 200, "GET", "/readyz")
        expect(connection, 200, "GET", "/v1/topics/four")
        verify(broker.port, ledger)

        disk.unload()
        filling.wait_for_room(connection, "a file that is gone")
        expect_told(broker)
        filling.fill(connection)
        broker.kill()

        # A start on a full disk finds everything, and still has no room for more.
        broker = Broker(options.program, data, "--shards", "1").wait_until_it_listens()
        connection = Connection(broker.port)
        verify(broker.port, ledger)
        confirmed = ledger.confirmed
        ledger.forget("one")
        expect(connection, 204, "DELETE", "/v1/topics/one?confirm=one")
        ledger.forget("four")
        expect(connection, 204, "DELETE", "/v1/topics/four?confirm=four")
        filling.wait_for_room(connection, "topics that are gone")
        verify(broker.port, ledger)
        broker.stop()
        broker = Broker(options.program, data, "--shards", "1").wait_until_it_listens()
        verify(broker.port, ledger)
        broker.stop()
    finally:
        broker.process.kill()
        broker.process.wait()
    return confirmed


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = options.parse_args()
    disk = Disk()
    if not disk.mount():
        disk.remove()
        print("SKIPPED: no file system may be mounted here")
        return 0
    try:
        confirmed = run(options, disk)
    except Lost as lost:
        print(f"FAILED: {lost}\nseed {options.seed}, data kept in {disk.place}")
        return 1
    disk.remove()
    print(f"a full disk, twice: {confirmed} confirmed messages, none lost; seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
