#!/usr/bin/env python3
"""Serves from a disk whose every flush takes long, and checks what may not wait for it.

    Tests/Crash/serve_slow.py .build/debug/posthorn

A signal ends a start at once, however much there is to open.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

import power
from serving import Broker, Lost

# A start flushes each file that it finds: with this it takes more than a minute.
START_FLUSH_MS = 10_000
SIGNALS = [signal.SIGTERM, signal.SIGINT]


def slow(library, place, milliseconds):
    """The environment of a program on a slow disk."""
    return {
        "LD_PRELOAD": library, "RECORDER_ROOT": place, "RECORDER_JOURNAL": place + ".journal",
        "RECORDER_SLOW": str(milliseconds)}


def break_off_starts(options, library, place):
    """A start that is broken off says so, ends with 0, and leaves data that a server starts with."""
    data = os.path.join(place, "data")
    os.mkdir(data)
    # The first start has everything to make, the later ones everything to read.
    for loops, number in [(1, SIGNALS[0]), (2, SIGNALS[1]), (2, SIGNALS[0])]:
        broker = Broker(
            options.program, data, "--loops", str(loops),
            environment=slow(library, data, START_FLUSH_MS))
        time.sleep(1)
        broker.process.send_signal(number)
        broker.wait(0)
        if b"msg=stopped during=start" not in broker.text() or b"msg=listening" in broker.text():
            raise Lost(f"a start that was broken off says:\n{broker.tail()}")
        Broker(options.program, data, "--loops", str(loops)).wait_until_it_listens().stop()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options = options.parse_args()
    place = tempfile.mkdtemp(prefix="posthorn-slow-")
    try:
        library = power.build_recorder(place)
        break_off_starts(options, library, place)
    except Lost as lost:
        print(f"FAILED: {lost}\nall of it kept in {place}")
        return 1
    shutil.rmtree(place)
    print("a slow disk: starts end when they are told to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
