#!/usr/bin/env python3
"""Kills a server at random moments, and checks that everything it confirmed is there.

    Tests/Crash/serve_kill.py .build/debug/posthorn --kills 50 --seed 1
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time

from load import TOPICS, Batch, Ledger, Load, add_options
from serving import Broker, Connection, Lost
from verdict import verify

# Everything is read back after each kill, so new data begins before there is much.
KILLS_PER_DIRECTORY = 10
LOAD_SECONDS_MAX = 0.3
START_SECONDS_MAX = 0.4
REPEAT_SECONDS_MAX = 10


class Life:
    """One data directory, over many lives of its server."""

    def __init__(self, options, data, chance):
        self.options, self.data, self.chance = options, data, chance
        self.ledger = Ledger()
        self.topics = set()  # Names of topics that come and go, as far as that is confirmed.

    def start(self):
        """Starts a server; who flushes its logs is another one each time."""
        flush = self.chance.choice(["auto", "inline", "thread"])
        return Broker(self.options.program, self.data, "--flush", flush)

    def kill_at_a_start(self):
        broker = self.start()
        time.sleep(self.chance.uniform(0, START_SECONDS_MAX))
        broker.kill()

    def check_load_and_kill(self, run):
        """Checks what the last life left, publishes more, and ends it."""
        broker = self.start().wait_until_it_listens()
        try:
            self.check(broker.port)
            load = Load(broker.port, self.ledger, run, self.options)
            connection = Connection(broker.port)
            ends = time.monotonic() + self.chance.uniform(0, LOAD_SECONDS_MAX)
            self.change_topics(connection, run, ends)
            time.sleep(max(0, ends - time.monotonic()))
        finally:
            broker.kill()
        load.finish()
        for refusal in self.ledger.refusals:
            raise Lost(f"a publish was answered with {refusal.status}: {refusal.body.decode()}")

    def check(self, port):
        connection = Connection(port)
        for name, partitions in TOPICS.items():
            body = b'{"partitions":%d}' % partitions
            connection.ask("PUT", f"/v1/topics/{name}", body, content_type="application/json")
        listed = set()
        for topic in connection.ask("GET", "/v1/topics?limit=1000").json()["topics"]:
            listed.add(topic["topic"])
        if passing := {name for name in listed if name.startswith("passing")} ^ self.topics:
            raise Lost(f"of the topics that come and go these are wrong: {passing}")
        self.repeat(connection)
        connection.close()
        verify(port, self.ledger)

    def repeat(self, connection):
        """Publishes again what was not confirmed: with the same Idempotency-Key it is there once."""
        for order in list(self.ledger.requests.values()):
            first = order.messages[0] if isinstance(order, Batch) else order
            if first.is_confirmed or not first.idempotency_key:
                continue
            deadline = time.monotonic() + REPEAT_SECONDS_MAX
            while not first.is_confirmed:
                connection.send(order.request())
                for answer in connection.answers():
                    # Until shards have asked each other, nobody knows what became of a batch.
                    if answer.status != 503:
                        self.ledger.take(answer)
                if time.monotonic() > deadline:
                    raise Lost(f"{first.number} was refused when it was repeated")

    def change_topics(self, connection, run, ends):
        """Makes and deletes topics, each in a request that is answered."""
        count = 0
        while time.monotonic() < ends - 0.02:
            name = f"passing-{run}-{count}"
            count += 1
            if connection.ask("PUT", f"/v1/topics/{name}").status == 201:
                self.topics.add(name)
            if len(self.topics) > 5:
                name = self.chance.choice(sorted(self.topics))
                answer = connection.ask("DELETE", f"/v1/topics/{name}?confirm={name}")
                if answer.status != 204:
                    raise Lost(f"deleting {name} is answered with {answer.status}")
                self.topics.remove(name)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_options(options)
    options.add_argument("--kills", type=int, default=50)
    options = options.parse_args()
    chance = random.Random(options.seed)
    place = tempfile.mkdtemp(prefix="posthorn-kill-", dir=options.directory)
    confirmed = kill = 0
    try:
        while kill < options.kills:
            life = Life(options, os.path.join(place, f"data-{kill}"), chance)
            for kill in range(kill + 1, min(kill + KILLS_PER_DIRECTORY, options.kills) + 1):
                if chance.randrange(5) == 0:
                    life.kill_at_a_start()
                else:
                    life.check_load_and_kill(kill)
            broker = Broker(options.program, life.data).wait_until_it_listens()
            life.check(broker.port)
            broker.stop()
            confirmed += life.ledger.confirmed
            shutil.rmtree(life.data)
    except Lost as lost:
        print(f"FAILED: {lost}\nseed {options.seed}, kill {kill}, data kept in {place}")
        return 1
    shutil.rmtree(place)
    print(f"{options.kills} kills, {confirmed} confirmed messages, none lost; seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
