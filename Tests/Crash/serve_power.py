#!/usr/bin/env python3
"""Cuts a server off from its power at random moments, and checks that all it confirmed is there.

    Tests/Crash/serve_power.py .build/debug/posthorn --cuts 36 --seed 1

A run is recorded call by call (recorder.c), with what the server sends. For each cut the data is made
again as a disk may have it that keeps what was flushed, and of the rest whatever it likes (power.py);
what had been sent by then is what was confirmed.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time

import power
from load import Ledger, Load, add_options
from serving import AnswerReader, Broker, Connection, Lost
from verdict import verify

CUTS_PER_RUN = 12
FAILED_FLUSHES = 4
LOAD_SECONDS = 0.8
# Of the flushes of rounds: behind those of a start. One of a directory is a chore, which is tried again.
FAILING_FLUSH = range(40, 160)
DISK_FAILED = 3
# What publishers may be told then: of a message on its way, of one that came later, and of one whose
# topic was yet to be made.
TOLD_THEN = [
    (503, "storage_failed", "unknown"), (503, "draining", "none"),
    (503, "topics_unavailable", "none"),
    # Batches over several shards: not prepared, perhaps decided, and decided.
    (503, "overloaded", "none"), (504, "not_confirmed", "unknown"),
    (504, "not_confirmed", "done")]


class Recording:
    """A server under the recorder, and what was published to it."""

    def __init__(self, options, library, place, ledger, chance, failing=0):
        self.options, self.place, self.ledger = options, place, ledger
        self.journal = place + ".journal"
        os.makedirs(place, exist_ok=True)
        self.disk = power.Disk(place, lies=options.lying_disk)
        flush = chance.choice(["inline", "thread"])
        self.broker = Broker(options.program, place, "--flush", flush, environment={
            "LD_PRELOAD": library, "RECORDER_ROOT": place, "RECORDER_JOURNAL": self.journal,
            "RECORDER_FAIL_DATA": str(failing)})

    def load(self, run):
        return Load(self.broker.wait_until_it_listens().port, self.ledger, run, self.options)

    def steps(self):
        return list(power.records(self.journal))


class Answered:
    """Which requests had been answered at a moment of the journal."""

    def __init__(self):
        self.readers = {}
        self.numbers = set()

    def take(self, step):
        if step.kind != power.TOLD:
            return
        if not step.data.startswith(b"HTTP/1.1 ") and step.file not in self.readers:
            return  # A line of the log.
        if step.data.startswith(b"HTTP/1.1 "):
            # A descriptor may be another connection than before.
            self.readers[step.file] = AnswerReader()
        for answer in self.readers[step.file].take(step.data):
            if answer.status in (201, 202):
                self.numbers.add(answer.fields["request-id"])


def record(options, library, place, ledger, run, chance):
    """Publishes for a while, and ends the server in one way or the other; returns the journal."""
    recording = Recording(options, library, place, ledger, chance)
    try:
        load = recording.load(run)
        time.sleep(LOAD_SECONDS)
        if chance.randrange(2):
            load.finish()
            recording.broker.stop()
        else:
            recording.broker.kill()
            load.finish()
    finally:
        recording.broker.process.kill()
    expect_no_refusals(ledger)
    return recording


def expect_no_refusals(ledger):
    for refusal in ledger.refusals:
        raise Lost(f"a publish was answered with {refusal.status}: {refusal.body.decode()}")


def fail_a_flush(options, library, chance, place):
    """A server whose flush fails says so to who waits, ends, and starts again with all it confirmed."""
    ledger = Ledger()
    failing = chance.choice(FAILING_FLUSH)
    recording = Recording(options, library, place, ledger, chance, failing)
    load = recording.load("failing")
    try:
        recording.broker.wait(DISK_FAILED)
    finally:
        recording.broker.process.kill()
        load.finish()
    if b"level=error msg=disk_failed" not in recording.broker.text():
        raise Lost(f"the log has no word of a failed disk:\n{recording.broker.tail()}")
    codes = [check_refusal(refusal) for refusal in ledger.refusals]
    target = place + ".after"
    os.mkdir(target)
    for step in recording.steps():
        recording.disk.take(step)
    recording.disk.cut(target, chance)
    check(options, target, ledger)
    os.remove(recording.journal)
    shutil.rmtree(target)
    shutil.rmtree(place)
    return codes.count("storage_failed")


def check_refusal(answer):
    """What a publish may be told by a server whose disk fails."""
    problem = json.loads(answer.body)
    told = (answer.status, problem["code"], problem["outcome"])
    if told not in TOLD_THEN:
        raise Lost(f"a publish was answered with {told} when the disk had failed")
    return problem["code"]


def check(options, target, ledger):
    """The data in `target` has all that was confirmed, and takes more; returns how many are there."""
    broker = Broker(options.program, target).wait_until_it_listens()
    try:
        found = verify(broker.port, ledger)
        connection = Connection(broker.port)
        for partition in range(2):
            more = connection.ask("POST", f"/v1/topics/more/messages?partition={partition}", b"more")
            if more.status != 201:
                raise Lost(f"behind the cut a publish is answered with {more.status}")
        connection.close()
    finally:
        broker.kill()
    return found


class Run:
    """One recording, and the cuts in it."""

    def __init__(self, options, chance, place, recording):
        self.options, self.chance, self.place = options, chance, place
        self.recording, self.ledger = recording, recording.ledger
        self.answered = Answered()

    def cut(self, count):
        """Checks the data at some moments; yields where each is, the ledger then, and what is there."""
        steps, done = self.recording.steps(), 0
        os.remove(self.recording.journal)
        for number, moment in enumerate(power.moments(self.chance, count, len(steps))):
            for step in steps[done:moment]:
                self.recording.disk.take(step)
                self.answered.take(step)
            done = moment
            target = f"{self.place}-{number}"
            os.mkdir(target)
            self.recording.disk.cut(target, self.chance)
            past = self.ledger.as_of(self.answered.numbers)
            yield target, past, check(self.options, target, past)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add_options(options)
    options.add_argument("--cuts", type=int, default=36)
    options.add_argument(
        "--lying-disk", action="store_true", help="flushes do nothing: has to find a loss")
    options = options.parse_args()
    chance = random.Random(options.seed)
    place = tempfile.mkdtemp(prefix="posthorn-power-", dir=options.directory)
    cuts = promises = told = 0
    try:
        library = power.build_recorder(place)
        for number in range(0 if options.lying_disk else FAILED_FLUSHES):
            told += fail_a_flush(options, library, chance, os.path.join(place, f"failed-{number}"))
        if told == 0 and not options.lying_disk:
            raise Lost("nobody who waited was told that the disk had failed")
        data, ledger = os.path.join(place, "data"), Ledger()
        while cuts < options.cuts:
            recording = record(options, library, data, ledger, cuts, chance)
            run = Run(options, chance, os.path.join(place, f"cut-{cuts}"), recording)
            shutil.rmtree(data)
            # The next run goes on in what the last cut left.
            for data, ledger, _ in run.cut(min(CUTS_PER_RUN, options.cuts - cuts)):
                cuts += 1
                promises += ledger.confirmed
                if cuts % CUTS_PER_RUN and cuts < options.cuts:
                    shutil.rmtree(data)
    except Lost as lost:
        print(f"{'found' if options.lying_disk else 'FAILED'}: {lost}")
        print(f"seed {options.seed}, cut {cuts + 1}, all of it kept in {place}")
        return 0 if options.lying_disk else 1
    shutil.rmtree(place)
    print(
        f"{cuts} power cuts, {FAILED_FLUSHES} failed flushes of which {told} publishers were told, "
        f"{promises} promises, none broken; seed {options.seed}")
    return 1 if options.lying_disk else 0


if __name__ == "__main__":
    sys.exit(main())
