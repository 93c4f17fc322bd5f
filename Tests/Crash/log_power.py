#!/usr/bin/env python3
"""Cuts a log's writer off from its power at random moments, and checks that all it told is there.

    Tests/Crash/log_power.py .build/debug/CrashWriter --cuts 36 --seed 1

A run is recorded call by call (recorder.c). For each cut the directory is made again as a disk may
have it that keeps what was flushed, and of the rest whatever it likes (power.py).
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import power
from writer import Lost, numbers, verify

CUTS_PER_RUN = 12
FAILED_FLUSHES = 6
ROUNDS = 150


def record(options, library, directory, journal, failing=0):
    """Writes some rounds under the recorder, and returns what was told; one flush may fail."""
    environment = dict(
        os.environ, LD_PRELOAD=library, RECORDER_ROOT=directory, RECORDER_JOURNAL=journal,
        RECORDER_FAIL_FLUSH=str(failing))
    run = subprocess.run(
        [options.program, "write", directory, str(ROUNDS)], env=environment, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode != (1 if failing else 0):
        raise Lost(f"the writer ended with {run.returncode}: {run.stdout[-2000:].decode()}")
    return run.stdout


def fail_a_flush(options, library, chance, place):
    """A writer whose flush fails stops there, and what it told before is on the disk."""
    directory, journal, target = (os.path.join(place, name) for name in ("log", "journal", "after"))
    os.makedirs(directory)
    os.mkdir(target)
    disk = power.Disk(directory)
    text = record(options, library, directory, journal, failing=chance.randint(1, 120))
    numbers_told, last = text[:text.rindex(b"failed")], text[text.rindex(b"failed"):]
    if last != b"failed: disk(code: 5)\n":
        raise Lost(f"a failed flush made the writer say {last.decode()}")
    for step in power.records(journal):
        disk.take(step)
    disk.cut(target, chance)
    check(options, 0, numbers_told, target, goes_on=True)
    shutil.rmtree(place)


def check(options, before, told, target, goes_on):
    """The log in `target` has all that was told."""
    expected = before + len(numbers(told, before))
    found = verify(options.program, target)
    if found < expected:
        raise Lost(f"told {expected} entries, and {found} are there")
    if goes_on:
        run = subprocess.run(
            [options.program, "write", target, "20"], stdout=subprocess.PIPE, timeout=120)
        more = len(numbers(run.stdout, found))
        if run.returncode != 0 or more == 0 or verify(options.program, target) != found + more:
            raise Lost(f"the log does not go on after {found} entries")
    return expected


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--cuts", type=int, default=36)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options.add_argument("--directory", help="where the logs are made")
    options.add_argument(
        "--lying-disk", action="store_true", help="flushes do nothing: has to find a loss")
    options = options.parse_args()
    chance = random.Random(options.seed)
    place = tempfile.mkdtemp(prefix="posthorn-power-", dir=options.directory)
    target, cuts, checked = None, 0, 0
    try:
        library = power.build_recorder(place)
        directory, before = os.path.join(place, "log"), 0
        os.mkdir(directory)
        for number in range(0 if options.lying_disk else FAILED_FLUSHES):
            target = os.path.join(place, f"failed-{number}")
            fail_a_flush(options, library, chance, target)
        while cuts < options.cuts:
            disk = power.Disk(directory, lies=options.lying_disk)
            journal = os.path.join(place, f"journal-{cuts}")
            record(options, library, directory, journal)
            steps = list(power.records(journal))
            done = 0
            for moment in power.moments(chance, min(CUTS_PER_RUN, options.cuts - cuts), len(steps)):
                for step in steps[done:moment]:
                    disk.take(step)
                done, cuts = moment, cuts + 1
                target = os.path.join(place, f"cut-{cuts}")
                os.mkdir(target)
                disk.cut(target, chance)
                goes_on = chance.randrange(3) == 0
                checked += check(options, before, disk.told.get(1, b""), target, goes_on) - before
                if cuts % CUTS_PER_RUN:
                    shutil.rmtree(target)
            # The next run goes on in what the last cut left.
            shutil.rmtree(directory)
            os.rename(target, directory) if os.path.exists(target) else os.mkdir(directory)
            before = verify(options.program, directory)
            os.remove(journal)
    except Lost as lost:
        print(f"{'found' if options.lying_disk else 'FAILED'}: {lost}")
        print(f"seed {options.seed}, cut {cuts}, log kept in {target}")
        return 0 if options.lying_disk else 1
    shutil.rmtree(place)
    print(
        f"{cuts} power cuts and {FAILED_FLUSHES} failed flushes, "
        f"{checked} promises, none broken; seed {options.seed}")
    return 1 if options.lying_disk else 0


if __name__ == "__main__":
    sys.exit(main())
