"""One measured run of a load: ours by `posthorn bench` or wrk, a peer's by wrk, redis-benchmark or amqp.py."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from harness.failed import Failed
from harness.process import tool
from harness.server import Server, clean_environment

HERE = Path(__file__).resolve().parent
BODY_SIZE = 256
# As many letters as `posthorn bench` chooses from, so that no compressor makes next to nothing of it.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


def body():
    state, letters = 1, []
    for _ in range(BODY_SIZE):
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        letters.append(LETTERS[state >> 58])
    return "".join(letters)


BODY = body()


def bench(port, load, seconds, *arguments):
    """What `posthorn bench` found."""
    ran = subprocess.run(
        [Server.binary, "bench", load, "--url", f"http://127.0.0.1:{port}",
         "--duration", f"{round(seconds * 1000)}ms", "--json", *map(str, arguments)],
        capture_output=True, text=True, env=clean_environment(), timeout=seconds + 300)
    if ran.returncode:
        raise Failed(f"posthorn bench {load} failed: {ran.stdout} {ran.stderr}")
    return json.loads(ran.stdout)


def missing_wrk():
    return None if shutil.which("wrk") else "wrk is not installed: run .ci/install bench"


def wrk(port, connections, seconds, path, post=None):
    """The rate at which wrk gets `path`, or posts `post` to it."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    environment = clean_environment()
    if post is not None:
        command += ["-s", str(HERE / "publish.lua")]
        environment |= {"BENCH_PATH": path, "BENCH_BODY": post}
    ran = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True,
        env=environment, timeout=seconds + 60)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout)
    errors = re.findall(r"Socket errors: .*|Non-2xx.*", ran.stdout)
    if ran.returncode or not rate or errors:
        raise Failed(f"wrk failed on {path}: {errors or ran.stdout} {ran.stderr}")
    return float(rate[1])


class RedisLoad:
    """XADD by redis-benchmark, which counts requests and not seconds: so it is told a rate."""

    def __init__(self, redis, connections, pipeline=1):
        self.redis, self.connections, self.pipeline = redis, connections, pipeline
        self.rate = 2_000 * pipeline

    def run(self, seconds):
        self.redis.forget()
        count = max(self.connections * self.pipeline, round(self.rate * seconds))
        ran = subprocess.run(
            [tool("redis-benchmark"), "-p", str(self.redis.port), "-c", str(self.connections),
             "-P", str(self.pipeline), "-n", str(count), "--csv",
             "XADD", "bench", "*", "m", BODY], capture_output=True, text=True, timeout=300)
        found = re.findall(r'^"XADD[^"]*(?:"[^"]*)?","([\d.]+)"', ran.stdout, re.MULTILINE)
        if ran.returncode or not found:
            raise Failed(f"redis-benchmark failed: {ran.stdout} {ran.stderr}")
        if int(self.redis.ask("XLEN", "bench")) < count:
            raise Failed("Redis has fewer messages than were sent")
        self.rate = float(found[-1])
        return self.rate


def amqp(rabbit, connections, seconds):
    ran = subprocess.run(
        [sys.executable, str(HERE / "amqp.py"), str(rabbit.port), str(connections), str(seconds)],
        capture_output=True, text=True, timeout=seconds + 120)
    if ran.returncode:
        raise Failed(f"amqp.py failed: {ran.stdout} {ran.stderr}")
    return json.loads(ran.stdout)


def interleaved(report, options, runs):
    """Lets the runs take turns; returns what each found, by name, one for each round."""
    for run in runs.values():
        run(2)
    found = {name: [] for name in runs}
    for number in range(options.rounds):
        for name, run in runs.items():
            report.progress(f"round {number + 1} of {options.rounds}: {name}")
            found[name].append(run(options.seconds))
    return found


def ratios(ours, theirs):
    """One a round, so that what slows a whole round falls out."""
    return [our / their for our, their in zip(ours, theirs)]


def own_server(**settings):
    """A server as people run it, but for one loop: the load has the other core."""
    return Server(loops=1, segment_size=None, publish_timeout=None, **settings)
