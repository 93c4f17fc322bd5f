#!/usr/bin/env python3
"""Serves from a disk whose every flush takes long, and checks what may not wait for it.

    Tests/Crash/serve_slow.py .build/debug/posthorn

A signal ends a start at once, however much there is to open.
"""

import argparse
import os
import select
import shutil
import signal
import sys
import tempfile
import time

import power
from serving import Broker, Connection, Lost, request

# A start flushes each file that it finds: with this it takes more than a minute.
START_FLUSH_MS = 10_000
# What a flush takes while a server serves; how often something is asked for meanwhile, and has to be
# there first at least. A loop that flushes itself may be asked while the log waits for a file.
FLUSH_MS = 500
TRIES = 10
EARLY_MIN = 3
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


def go_on(options, library, place, flush):
    """While a publish is being flushed, others are served."""
    data = os.path.join(place, f"data-{flush}")
    os.mkdir(data)
    broker = Broker(
        options.program, data, "--loops", "1", "--flush", flush,
        environment=slow(library, data, FLUSH_MS)).wait_until_it_listens()
    publisher, other = Connection(broker.port), Connection(broker.port)
    # The first flush of a log that stalls tells that its disk is slow.
    publisher.ask("POST", "/v1/topics/t/messages", b"first")
    early = 0
    for number in range(TRIES):
        publisher.send(request("POST", "/v1/topics/t/messages", b"%d" % number))
        time.sleep(FLUSH_MS / 5_000)
        if other.ask("GET", "/healthz").status != 200:
            raise Lost("a server that flushes is not well")
        early += not select.select([publisher.socket], [], [], 0)[0]
        if publisher.answers()[0].status != 201:
            raise Lost("a publish was refused")
        if early == EARLY_MIN:
            break
    else:
        raise Lost(f"with --flush {flush} everybody waits for each flush")
    end_whole(options, broker, publisher, data)


def end_whole(options, broker, publisher, data):
    """What was confirmed before its flush is there after an end that was asked for."""
    for number in range(3):
        answer = publisher.ask(
            "POST", "/v1/topics/t/messages?partition=0&durability=buffered", b"end %d" % number)
        if answer.status != 202:
            raise Lost(f"a buffered publish was answered with {answer.status}")
    broker.stop()
    broker = Broker(options.program, data).wait_until_it_listens()
    page = Connection(broker.port).ask("GET", "/v1/topics/t/messages?from=earliest")
    found = [message["value"] for message in page.json()["messages"]]
    for number in range(3):
        if found.count(f"end {number}") != 1:
            raise Lost(f"after a stop the messages are {found}")
    broker.stop()


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("program")
    options = options.parse_args()
    place = tempfile.mkdtemp(prefix="posthorn-slow-")
    try:
        library = power.build_recorder(place)
        break_off_starts(options, library, place)
        for flush in ["thread", "auto"]:
            go_on(options, library, place, flush)
    except Lost as lost:
        print(f"FAILED: {lost}\nall of it kept in {place}")
        return 1
    shutil.rmtree(place)
    print("a slow disk: starts end when they are told to, and nobody waits for others' flushes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
