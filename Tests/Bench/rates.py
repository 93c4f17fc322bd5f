"""Requests per second of the server's own CPU, and the slowest hundredth of them, under wrk."""

import re
import shutil
import subprocess
from pathlib import Path

import nginx
from harness.failed import Failed
from harness.server import Server

PIPELINE = str(Path(__file__).resolve().parent / "pipeline.lua")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


class Load:
    """What one run of wrk did, and what it cost the server."""

    def __init__(self, server, connections, seconds, path="/healthz", script=None):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
        if script:
            command += ["-s", script]
        before = server.cpu_seconds()
        ran = subprocess.run(
            [*command, f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True,
            timeout=seconds + 60)
        used = server.cpu_seconds() - before
        requests = re.search(r"(\d+) requests in", ran.stdout)
        if ran.returncode or not requests:
            raise Failed(f"wrk failed: {ran.stdout} {ran.stderr}")
        self.errors = re.findall(r"Socket errors: .*|Non-2xx.*", ran.stdout)
        self.per_cpu_second = int(requests[1]) / max(used, 0.01)
        self.per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)[1])
        slowest = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", ran.stdout)
        self.p99 = float(slowest[1]) * MILLISECONDS[slowest[2]]


def missing():
    if not shutil.which("wrk"):
        return "wrk is not installed: run .ci/install bench"
    if not nginx.program():
        return "nginx is not installed: run .ci/install bench"
    return None


def rounds(report, options, peers, **load):
    """Lets the peers take turns; returns the loads of each."""
    for _, server, path in peers:
        Load(server, seconds=1, path=path, **load)
    loads = {name: [] for name, _, _ in peers}
    for number in range(options.rounds):
        for name, server, path in peers:
            report.progress(f"round {number + 1} of {options.rounds}: {name}")
            done = Load(server, seconds=options.seconds, path=path, **load)
            loads[name].append(done)
            for error in done.errors:
                report.error(f"{name}: {error}")
    return loads


def compare(report, options, name, heading, at_least, p99_at_most=None, **load):
    if reason := missing():
        report.skip(name, reason)
        return
    report.begin(name, heading)
    ours, theirs = Server(loops=1), nginx.Nginx()
    try:
        peers = [("posthorn", ours, "/healthz"), ("nginx, 200", theirs, "/healthz")]
        if "script" not in load:
            peers.append(("nginx, 204", theirs, "/none"))
        loads = rounds(report, options, peers, **load)
    finally:
        theirs.stop()
        ours.stop()
    for peer, done in loads.items():
        report.figure(f"{peer}: per CPU second", "requests", [load.per_cpu_second for load in done])
        report.figure(f"{peer}: per second", "requests", [load.per_second for load in done])
        if p99_at_most:  # wrk times no request of a batch.
            report.figure(f"{peer}: p99", "ms", [load.p99 for load in done])
    pairs = list(zip(loads["posthorn"], loads["nginx, 200"]))
    report.ratio("rate to nginx", [our.per_cpu_second / their.per_cpu_second
                                   for our, their in pairs], at_least=at_least)
    if p99_at_most:
        report.ratio("p99 to nginx", [our.p99 / their.p99 for our, their in pairs],
                     at_most=p99_at_most)


def keep_alive(connections):
    def bench(report, options):
        compare(report, options, f"keepalive-{connections}",
                f"Static small answer, {connections} keep-alive connections",
                at_least=1.1, p99_at_most=1.2, connections=connections)
    return bench


def pipelined(report, options):
    compare(report, options, "pipelined",
            "The same, 16 requests in flight on each of 64 connections", at_least=5, connections=64,
            script=PIPELINE)


BENCHES = {
    "keepalive-64": keep_alive(64), "keepalive-256": keep_alive(256), "pipelined": pipelined}
