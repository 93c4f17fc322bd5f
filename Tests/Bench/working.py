"""Groups: draining a backlog, many groups, many consumers, and leases for those that are parked."""

import itertools
import json
import re
import statistics
import subprocess
import urllib.request

import load
import peers
from harness.process import tool
from publishing import Beside
from reading import deliveries

BACKLOG = 1_000_000
CONNECTIONS = 8
PAGE = 100
MANY = 1_000
names = itertools.count()


def fill(report, server, topic, messages):
    """Publishes so many messages, or a few more."""
    filled = 0
    while filled < messages:
        report.progress(f"filling {topic}: {filled / messages:.0%}")
        filled += load.bench(
            server.port, "publish", 1, "--connections", 4, "--batch", 1_000, "--format", "stored",
            "--body", load.BODY_SIZE, "--topic", topic)["messages"]
    return filled


def put_topic(server, name, partitions):
    """Makes a topic as a bench will call it."""
    urllib.request.urlopen(urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1/topics/{name}-0", method="PUT",
        data=json.dumps({"partitions": partitions}).encode(),
        headers={"Content-Type": "application/json"})).close()


def work(server, seconds, *arguments, groups=1):
    """The rate at which groups that are new get messages and settle them."""
    return load.bench(
        server.port, "work", seconds, "--group", f"group-{next(names)}", "--groups", groups,
        *arguments)["messages_per_second"]


class RedisGroup:
    """The same backlog in a stream: a group reads it by redis-benchmark, and acknowledges nothing."""

    def __init__(self, redis):
        self.redis = redis
        redis.forget()
        self._run("XADD", "bench", "*", "m", load.BODY, count=BACKLOG, pipeline=500)

    def drain(self, _):
        group = f"group-{next(names)}"
        self.redis.ask("XGROUP", "CREATE", "bench", group, "0")
        rate = self._run("XREADGROUP", "GROUP", group, "me", "COUNT", PAGE, "NOACK", "STREAMS",
                         "bench", ">", count=BACKLOG // PAGE, pipeline=1)
        return rate * PAGE

    def _run(self, *words, count, pipeline):
        ran = subprocess.run(
            [tool("redis-benchmark"), "-p", str(self.redis.port), "-c", str(CONNECTIONS),
             "-P", str(pipeline), "-n", str(count), "--csv", *map(str, words)],
            capture_output=True, text=True, timeout=600)
        found = re.findall(r'","([\d.]+)"', ran.stdout)
        if ran.returncode or not found:
            raise load.Failed(f"redis-benchmark failed: {ran.stdout} {ran.stderr}")
        return float(found[0])


def drain(report, options):
    report.begin("drain", f"A group drains {BACKLOG:,} messages of {load.BODY_SIZE} B: pulls of "
                          f"{PAGE} that settle the one before, {CONNECTIONS} connections")
    server = load.own_server()
    beside = Beside(report, "drain", peers.Redis)
    try:
        fill(report, server, "bench", BACKLOG)

        def run(form):
            return lambda _: work(server, 120, "--connections", CONNECTIONS, "--page", PAGE,
                                  "--format", form)
        runs = {"json": run("json"), "binary": run("binary")}
        if beside.redis:
            report.progress("filling Redis")
            runs["redis, no acks"] = RedisGroup(beside.redis).drain
        found = load.interleaved(report, options, runs)
    finally:
        beside.stop()
        server.stop()
    for name, rates in found.items():
        report.figure(name, "messages/s", rates)
    for form, at_least in (("json", 300_000), ("binary", 600_000)):
        report.target(f"{form}: messages a second", statistics.median(found[form]),
                      at_least=at_least, digits=0, rounds=found[form])
        if "redis, no acks" in found:
            ratios = load.ratios(found[form], found["redis, no acks"])
            report.note(f"{form}, to redis without acks: {statistics.median(ratios):.2f}")


def singly(report, options):
    report.begin("work-64", "Messages one by one: a pull that settles the one before, 64 connections")
    server = load.own_server()
    try:
        fill(report, server, "bench", BACKLOG)
        found = load.interleaved(report, options, {
            "messages": lambda seconds: work(
                server, seconds, "--connections", 64, "--page", 1, "--format", "json"),
            "static answers": lambda seconds: load.bench(
                server.port, "static", seconds, "--connections", 64)["answers_per_second"]})
    finally:
        server.stop()
    for name, rates in found.items():
        report.figure(name, "a second", rates)
    report.ratio("to its static answer", load.ratios(*found.values()), at_least=0.5)


def many(report, options):
    report.begin("groups", f"{MANY:,} groups, or {MANY:,} consumers of one, pulls of 10")
    server = load.own_server()
    page = ("--page", 10, "--format", "binary")
    try:
        put_topic(server, "wide", 4)
        put_topic(server, "narrow", 1)
        for topic in ("wide", "narrow"):
            fill(report, server, topic, BACKLOG)
        found = load.interleaved(report, options, {
            "one consumer a partition": lambda seconds: work(
                server, seconds, "--topic", "wide", "--connections", 4, *page),
            "groups": lambda seconds: work(
                server, seconds, "--topic", "wide", "--connections", MANY, *page, groups=MANY),
            "one consumer of one partition": lambda seconds: work(
                server, seconds, "--topic", "narrow", "--connections", 1, *page),
            "consumers of one partition": lambda seconds: work(
                server, seconds, "--topic", "narrow", "--connections", MANY, *page)})
    finally:
        server.stop()
    for name, rates in found.items():
        report.figure(name, "messages/s", rates)
    rates = list(found.values())
    report.ratio("groups to one", load.ratios(rates[1], rates[0]), at_least=0.8)
    report.ratio("consumers to one", load.ratios(rates[3], rates[2]), at_least=0.8)


def leased(report, options):
    report.begin("leased", f"From the publish to a lease, {MANY:,} parked consumers, p99")
    deliveries(report, options, "--connections", MANY, "--groups", 1, at_most=0.5)


BENCHES = {"drain": drain, "work-64": singly, "groups": many, "leased": leased}
