#!/usr/bin/env python3
"""Kills a log's writer at random moments, and checks that everything it told is there.

    Tests/Crash/log_kill.py .build/debug/CrashWriter --kills 50 --seed 1
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from writer import Lost, numbers, verify

# A log is read whole after each kill, so a new one begins before it is long.
KILLS_PER_LOG = 10


def write_and_kill(program, directory, told, seconds, starts_only):
    """Runs a writer for `seconds` behind its first word, or from its start; returns what it told."""
    with open(told, "wb") as output:
        writer = subprocess.Popen([program, "write", directory], stdout=output, stderr=output)
        while not starts_only and os.path.getsize(told) == 0 and writer.poll() is None:
            time.sleep(0.002)
        time.sleep(seconds)
        code = writer.poll()
        writer.kill()
        writer.wait()
    with open(told, "rb") as output:
        text = output.read()
    if code is not None:
        raise Lost(f"the writer ended by itself with {code}: {text[-2000:].decode(errors='replace')}")
    return text


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options.add_argument("--directory", help="where the logs are made; a real disk, not memory")
    options = options.parse_args()
    chance = random.Random(options.seed)
    place = tempfile.mkdtemp(prefix="posthorn-kill-", dir=options.directory)
    entries = 0
    try:
        for kill in range(options.kills):
            if kill % KILLS_PER_LOG == 0:
                directory, count = os.path.join(place, str(kill)), 0
                os.mkdir(directory)
            # Some while it starts, the most while it writes.
            text = write_and_kill(
                options.program, directory, os.path.join(place, "told"), chance.uniform(0, 0.15),
                starts_only=chance.randrange(4) == 0)
            told = numbers(text, count)
            found = verify(options.program, directory)
            if found < count + len(told):
                raise Lost(f"told {count + len(told)} entries, and {found} are there")
            entries += found - count
            count = found
    except Lost as lost:
        print(f"FAILED: {lost}\nseed {options.seed}, kill {kill}, log kept in {directory}")
        return 1
    shutil.rmtree(place)
    print(f"{options.kills} kills, {entries} entries, none lost; seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
