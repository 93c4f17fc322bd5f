"""Reads: parked readers, the backlog, the tail; and how soon a server is back that was killed."""

import concurrent.futures
import glob
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request

import disk
import load
from harness.failed import Failed
from harness.process import private_memory
from harness.server import Server
from held import room

PIECE = 1 << 20
BACKLOG_CONNECTIONS = 4
TAIL_READERS = 8
PARKED = 20_000
# Seconds between a delivery and the next publish, where one at a time is waited for.
PAUSE = 0.001


def parked_one(report, options):
    report.begin("parked-1", "From the publish to a reader that is parked, p99")
    deliveries(report, options, "--connections", 1, at_most=0.3)


def deliveries(report, options, *who, at_most):
    """How much later than a bare flush a message is with `who` is parked for it, p99.

    Both rest for as long before each message.
    """
    server = load.own_server()
    log = disk.BareLog(64 << 20)
    found = {"delivery": [], "publish": [], "bare flush": []}
    try:
        for number in range(options.rounds + 1):
            report.progress(f"round {number} of {options.rounds}")
            times = log.run(4096, options.seconds / 2, pause=PAUSE)
            park = load.bench(
                server.port, "park", options.seconds, *who, "--pause", f"{PAUSE * 1000:.0f}ms")
            if number:  # The first warms up.
                found["bare flush"].append(disk.share(times, 990) * 1000)
                found["delivery"].append(park["p99_ms"])
                found["publish"].append(park["publish_p99_ms"])
    finally:
        log.close()
        server.stop()
    for name, times in found.items():
        report.figure(f"{name}, p99", "ms", times)
    above = [delivery - flush for delivery, flush in zip(found["delivery"], found["bare flush"])]
    report.target("above the flush, ms", statistics.median(above), at_most=at_most, rounds=above)


def parked_all(report, options):
    room()
    server = load.own_server()
    count = min(PARKED, connections_max(server) - 10)
    report.begin("parked-all", f"{count:,} parked readers of one topic")
    try:
        load.bench(server.port, "park", 1, "--connections", 50)
        before = private_memory(server.pid)
        run, parked = watch_memory(server, lambda: load.bench(
            server.port, "park", max(20, options.seconds * options.rounds), "--connections", count,
            "--pause", "2s"))
    finally:
        server.stop()
    report.note(f"{run['rounds']} rounds; delivery p50 {run['p50_ms']:.0f} ms, "
                f"p99 {run['p99_ms']:.0f} ms")
    report.target("until all have it, ms, p50", run["everybody_p50_ms"], at_most=300, digits=0)
    report.target("private bytes each", (parked - before) / count, at_most=1_024, digits=0)


def connections_max(server):
    """What the descriptors of the machine leave for clients."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/v1/limits") as answer:
        return json.load(answer)["connections"]


def watch_memory(server, body):
    """Runs `body`; returns what it does, and the median of the server's memory meanwhile."""
    seen, is_over = [], threading.Event()

    def watch():
        while not is_over.wait(0.1):
            seen.append(private_memory(server.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = body()
    finally:
        is_over.set()
        watcher.join()
    return result, statistics.median(seen[len(seen) // 2:])


class Backlog:
    """A data directory with so many bytes of messages in it, and the server that has it open."""

    def __init__(self, report, size):
        self.directory = tempfile.mkdtemp(prefix="posthorn-bench-")
        self.data = os.path.join(self.directory, "data")
        self.server = None
        try:
            self._fill(report, size)
        except BaseException:
            self.stop()
            raise

    def open(self):
        self.server = load.own_server(data=self.data)
        return self.server

    def segments(self):
        found = glob.glob(os.path.join(self.data, "**", "*.log"), recursive=True)
        return sorted(path for path in found if os.path.getsize(path) >= 32 << 20)

    def forget(self):
        """Asks the kernel to keep nothing of the log in memory."""
        for path in self.segments():
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def stop(self):
        try:
            if self.server:
                self.server.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _fill(self, report, size):
        if shutil.disk_usage(self.directory).free < size + size // 4:
            raise Failed(f"there is no room for a backlog of {size:,} bytes")
        server = self.open()
        filled = 0
        while filled < size:
            report.progress(f"filling the backlog: {filled / size:.0%}")
            run = load.bench(
                server.port, "publish", 3, "--connections", BACKLOG_CONNECTIONS, "--batch", 1_000,
                "--format", "stored", "--body", load.BODY_SIZE)
            filled += run["messages"] * load.BODY_SIZE


def backlog(report, options):
    report.begin("backlog", f"Reading a backlog of {options.backlog >> 20:,} MiB, binary")
    kept = Backlog(report, options.backlog)
    try:
        def read(form):
            def run(seconds):
                kept.forget()
                return load.bench(
                    kept.server.port, "read", seconds, "--connections", BACKLOG_CONNECTIONS,
                    "--format", form)["megabytes_per_second"]
            return run

        def cat(seconds):
            kept.forget()
            return cat_rate(kept.segments(), seconds)

        found = load.interleaved(report, options, {
            "posthorn, binary": read("binary"), "posthorn, stored": read("stored"),
            "posthorn, json": read("json"), "cat through a socket": cat})
    finally:
        kept.stop()
    for run, rates in found.items():
        report.figure(run, "MB/s", rates)
    floor = round(min(500, 0.8 * statistics.median(found["cat through a socket"])))
    for form in ("binary", "stored"):
        ours = found[f"posthorn, {form}"]
        report.target(f"{form}: MB of bodies a second", statistics.median(ours),
                      at_least=floor, digits=0, rounds=ours)


def cat_rate(paths, seconds):
    """MB/s of `cat` of the segments into a loopback socket, as its reader sees them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = socket.create_connection(listener.getsockname())
        receiver, _ = listener.accept()
    with sender, receiver:
        child = subprocess.Popen(["cat", *paths], stdout=sender)
        sender.close()
        buffer, total = bytearray(PIECE), 0
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            count = receiver.recv_into(buffer)
            if not count:
                break
            total += count
        took = time.monotonic() - began
    child.kill()
    child.wait()
    return total / took / 1e6


def tail(report, options):
    report.begin("tail", f"{TAIL_READERS} readers at the end of a topic that is published to")
    server = load.own_server()

    def run(form):
        def read(seconds):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                publishing = pool.submit(
                    load.bench, server.port, "publish", seconds + 2, "--connections", 4, "--batch",
                    1_000, "--format", "stored")
                time.sleep(0.5)
                reading = load.bench(
                    server.port, "read", seconds, "--connections", TAIL_READERS, "--from", "latest",
                    "--format", form)
                publishing.result()
            return reading["megabytes_per_second"]
        return read

    try:
        load.bench(server.port, "publish", 1)
        found = load.interleaved(
            report, options, {form: run(form) for form in ("binary", "stored", "json")})
    finally:
        server.stop()
    for form, rates in found.items():
        report.figure(f"posthorn, {form}", "MB/s", rates)
    report.target("binary: MB of bodies a second", statistics.median(found["binary"]),
                  at_least=500, digits=0, rounds=found["binary"])


def restart(report, options):
    report.begin("restart", f"Serving again after kill -9 with {options.backlog >> 20:,} MiB of log")
    kept = Backlog(report, options.backlog)
    times = []
    try:
        for number in range(options.rounds):
            report.progress(f"round {number + 1} of {options.rounds}")
            load.bench(kept.server.port, "publish", 1)
            kept.server.process.kill()
            kept.server.expect_exit(-9, within=10)
            kept.server.stop()
            began = time.monotonic()
            server = kept.open()
            first_page(server.port)
            times.append(time.monotonic() - began)
    finally:
        kept.stop()
    report.figure("from the start to the first page", "s", times)
    report.target("seconds", statistics.median(times), at_most=3, rounds=times)


def first_page(port):
    with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/v1/topics/bench-0/messages?wait=0", timeout=60) as answer:
        if not re.search(rb'"messages":\[\{', answer.read()):
            raise Failed("the backlog is gone")


BENCHES = {
    "parked-1": parked_one, "parked-all": parked_all, "tail": tail, "backlog": backlog,
    "restart": restart}
