"""Durable publishes: one by one, in batches, over many topics; beside durable peers and a bare disk."""

import statistics

import disk
import load
import peers

BATCH_CONNECTIONS = 16
BARE_LOG_SIZE = 256 << 20


class Beside:
    """The peers that there are, started; the others are skipped, loudly."""

    def __init__(self, report, bench, *kinds):
        self.started = []
        self.redis = self.webdis = self.nchan = self.rabbit = None
        try:
            if peers.Redis in kinds:
                self.redis = self._start(report, bench, peers.Redis)
            if peers.Webdis in kinds:
                self.webdis = self._start(report, bench, peers.Webdis, self.redis)
            if peers.Nchan in kinds:
                self.nchan = self._start(report, bench, peers.Nchan, self.redis)
            if peers.RabbitMQ in kinds:
                self.rabbit = self._start(report, bench, peers.RabbitMQ)
        except BaseException:
            self.stop()
            raise

    def _start(self, report, bench, kind, *arguments):
        if reason := kind.missing():
            report.skip(f"{bench}: {kind.__name__} beside", reason)
            return None
        report.progress(f"starting {kind.__name__}")
        peer = kind(*arguments)
        self.started.append(peer)
        return peer

    def stop(self):
        for peer in reversed(self.started):
            peer.stop()


def singles(connections):
    def bench(report, options):
        name = f"publish-{connections}"
        if reason := load.missing_wrk():
            return report.skip(name, reason)
        report.begin(name, f"Durable publishes of {load.BODY_SIZE} B, {connections} connections")
        server = load.own_server()
        beside = Beside(report, name, peers.Redis, peers.Webdis, peers.Nchan, peers.RabbitMQ)
        try:
            found = load.interleaved(
                report, options, single_runs(server, beside, connections))
        finally:
            beside.stop()
            server.stop()
        for run, rates in found.items():
            report.figure(run, "a second", rates)
        judge_singles(report, found)
    return bench


def single_runs(server, beside, connections):
    runs = {
        "posthorn": lambda seconds: load.wrk(
            server.port, connections, seconds, "/v1/topics/bench/messages", load.BODY),
        "posthorn, static": lambda seconds: load.wrk(
            server.port, connections, seconds, "/healthz"),
    }
    if beside.redis:
        runs["redis, own protocol"] = load.RedisLoad(beside.redis, connections).run
    if beside.webdis:
        runs["webdis"] = lambda seconds: over_redis(
            beside, beside.webdis, connections, seconds, "/", f"XADD/bench/*/m/{load.BODY}")
    if beside.nchan:
        runs["nchan"] = lambda seconds: over_redis(
            beside, beside.nchan, connections, seconds, "/publish", load.BODY)
    if beside.rabbit:
        runs["rabbitmq, quorum"] = lambda seconds: load.amqp(
            beside.rabbit, connections, seconds)["per_second"]
    return runs


def over_redis(beside, peer, connections, seconds, path, body):
    beside.redis.forget()
    rate = load.wrk(peer.port, connections, seconds, path, body)
    if not int(beside.redis.ask("DBSIZE")):
        raise load.Failed(f"{type(peer).__name__} has stored nothing")
    return rate


def judge_singles(report, found):
    ours = found["posthorn"]
    report.ratio("to its static answer", load.ratios(ours, found["posthorn, static"]), at_least=0.7)
    over_http = [found[peer] for peer in ("webdis", "nchan") if peer in found]
    if over_http:
        best = [max(rates) for rates in zip(*over_http)]
        report.ratio("to the best over HTTP", load.ratios(ours, best), at_least=2)
    for peer, at_least in (("rabbitmq, quorum", 4), ("redis, own protocol", 1)):
        if peer in found:
            report.ratio(f"to {peer}", load.ratios(ours, found[peer]), at_least=at_least)


def batches(count):
    def bench(report, options):
        name = f"batches-{count}"
        report.begin(
            name, f"Durable batches of {count} messages of {load.BODY_SIZE} B, "
                  f"{BATCH_CONNECTIONS} connections")
        server = load.own_server()
        beside = Beside(report, name, peers.Redis)
        log = disk.BareLog(BARE_LOG_SIZE)
        try:
            found = load.interleaved(
                report, options, batch_runs(server, beside, log, count))
        finally:
            log.close()
            beside.stop()
            server.stop()
        for run, rates in found.items():
            report.figure(run, "messages/s", rates)
        judge_batches(report, found, count)
    return bench


def batch_runs(server, beside, log, count):
    def publish(form):
        return lambda seconds: load.bench(
            server.port, "publish", seconds, "--connections", BATCH_CONNECTIONS, "--batch", count,
            "--body", load.BODY_SIZE, "--format", form)["messages_per_second"]

    runs = {f"posthorn, {form}": publish(form) for form in ("binary", "stored", "json")}
    if beside.redis:
        runs["redis, pipelined"] = load.RedisLoad(
            beside.redis, BATCH_CONNECTIONS, pipeline=count).run
    runs["bare write and fdatasync"] = lambda seconds: bare_rate(log, count, seconds)
    return runs


def bare_rate(log, count, seconds):
    times = log.run(count * load.BODY_SIZE, seconds)
    return len(times) * count / sum(times)


def judge_batches(report, found, count):
    for form in ("binary", "stored"):
        ours = found[f"posthorn, {form}"]
        if count < 1_000:
            report.target(f"{form}: messages a second", statistics.median(ours),
                          at_least=600_000, digits=0, rounds=ours)
            if "redis, pipelined" in found:
                report.ratio(f"{form}: to redis, pipelined",
                             load.ratios(ours, found["redis, pipelined"]), at_least=1)
            continue
        bare = statistics.median(found["bare write and fdatasync"])
        report.target(f"{form}: messages a second", statistics.median(ours),
                      at_least=round(min(1_000_000, 0.7 * bare)), digits=0, rounds=ours)


def one_by_one(report, options):
    report.begin("one-by-one", "One connection, one publish after another: the time of each, p50")
    server = load.own_server()
    log = disk.BareLog(BARE_LOG_SIZE)
    runs = {
        "posthorn": lambda seconds: load.bench(
            server.port, "publish", seconds, "--connections", 1)["p50_ms"],
        "loopback HTTP round trip": lambda seconds: load.bench(
            server.port, "static", seconds, "--connections", 1)["p50_ms"],
        "bare write and fdatasync": lambda seconds: disk.share(
            log.run(4096, seconds), 500) * 1000,
    }
    try:
        found = load.interleaved(report, options, runs)
    finally:
        log.close()
        server.stop()
    for run, times in found.items():
        report.figure(run, "ms", times)
    floor = [sum(pair) for pair in zip(
        found["loopback HTTP round trip"], found["bare write and fdatasync"])]
    report.ratio("to flush and round trip", load.ratios(found["posthorn"], floor), at_most=1.5)


TOPICS = 10_000


def topics(report, options):
    report.begin("topics", f"{TOPICS:,} topics against 1, 64 connections")
    server = load.own_server()

    def publish(count):
        return lambda seconds: load.bench(
            server.port, "publish", seconds, "--connections", 64, "--topics", count)[
                "messages_per_second"]

    try:
        report.progress("making the topics")
        make_topics(server)
        found = load.interleaved(
            report, options, {"1 topic": publish(1), f"{TOPICS} topics": publish(TOPICS)})
    finally:
        server.stop()
    for run, rates in found.items():
        report.figure(run, "a second", rates)
    report.ratio("all to one", load.ratios(*reversed(list(found.values()))), at_least=0.9)


def make_topics(server):
    """Each is made by its first publish; a run that is longer than their list has met them all."""
    answers = 0
    while answers < TOPICS:
        answers = load.bench(
            server.port, "publish", 5, "--connections", 64, "--topics", TOPICS)["answers"]


BENCHES = {
    "publish-64": singles(64), "publish-256": singles(256), "batches-100": batches(100),
    "batches-1000": batches(1_000), "one-by-one": one_by_one, "topics": topics}
