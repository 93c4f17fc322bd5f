"""What Prometheus scrapes: well-formed, truthful, and bounded whatever clients do."""

import subprocess
import time

from harness import Suite, request
from harness.exposition import Metrics, scrape
from harness.process import tool

suite = Suite("metrics")
REQUESTS = r"posthorn_(http_)?requests_total"


@suite.case("promtool finds nothing to say")
def _(trial):
    for data in (request("/nothing"), request(method="POST", body=b"x"), b"nonsense\r\n\r\n"):
        trial.ask(data)
    text = trial.ask(request("/metrics"), 200).body
    promtool = tool("promtool")
    trial.check(promtool, "promtool is missing: run .ci/install tests")
    ran = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, timeout=60)
    trial.equal((ran.returncode, ran.stdout + ran.stderr), (0, b""), "what promtool said")


@suite.case("every family has help and type before its samples")
def _(trial):
    text = trial.ask(request("/metrics"), 200).body.decode()
    helped, typed = set(), set()
    for line in text.splitlines():
        words = line.split(" ", 3)
        if line.startswith("# HELP "):
            trial.check(words[2] not in helped, f"{words[2]} is explained twice")
            helped.add(words[2])
        elif line.startswith("# TYPE "):
            typed.add(words[2])
    trial.equal(helped, typed, "the families with help")
    trial.check(all(name.startswith(("posthorn_", "process_")) for name in typed),
                f"a family without the product's name: {typed}")


@suite.case("what the issue asks for is there")
def _(trial):
    text = trial.ask(request("/metrics"), 200).body.decode()
    types = Metrics(text).types
    for word in ("connections", "requests", "seconds", "bytes", "loop", "parked", "build_info"):
        trial.check(any(word in name for name in types), f"nothing about {word}: {sorted(types)}")
    trial.check("histogram" in types.values(), "no histogram")


def counts(trial, server, wanted, **labels):
    """The counter gets there; a loop adds up after it has answered, so perhaps not at once."""
    def now():
        return scrape(trial, server).total(REQUESTS, **labels)
    trial.until(lambda: now() >= wanted, lambda: f"{labels}: {now()} were counted, not {wanted}")
    trial.equal(now(), wanted, f"the count of {labels}")


@suite.case("requests are counted by route and status")
def _(trial):
    server = trial.start(loops=2)
    for _ in range(7):
        trial.ask(request("/healthz"), 200, server=server)
    for _ in range(3):
        trial.ask(request("/nothing"), 404, server=server)
    counts(trial, server, 7, route="/healthz", status="200")
    counts(trial, server, 3, status="404")


@suite.case("requests on one connection count each")
def _(trial):
    server = trial.start()
    client = trial.connect(server).send(request() * 50)
    for _ in range(50):
        client.expect(200)
    counts(trial, server, 50, route="/healthz")


@suite.case("refused requests are counted by status")
def _(trial):
    server = trial.start()
    for _ in range(4):
        trial.ask(b"nonsense\r\n\r\n", 400, server=server)
    counts(trial, server, 4, status="400")


@suite.case("150 unknown paths and methods add hardly a series")
def _(trial):
    server = trial.start()
    for data in (request("/nothing"), request(method="INVENTED")):
        trial.ask(data, server=server)
    before = len(scrape(trial, server).samples)
    client = trial.connect(server)
    for number in range(150):
        client.send(request(f"/nothing/{number}")).expect(404)
        client.send(request(method=f"INVENTED{number}")).expect(405)
    after = len(scrape(trial, server).samples)
    trial.check(after - before < 30, f"{after - before} series were added")


@suite.case("nothing a client sends becomes a label")
def _(trial):
    server = trial.start()
    for target in ('/evil"} 1', "/evil%22%7D%201", "/evil\\n"):
        trial.ask(request(target.replace(" ", "%20")), 404, 400, server=server)
    trial.ask(request(method="EVIL"), 405, server=server)
    metrics = scrape(trial, server)
    trial.check("evil" not in metrics.text.lower(), "a client's word is in the metrics")


@suite.case("open connections are counted up and down")
def _(trial):
    server = trial.start()
    gauges = r"posthorn_(http_)?connections(_open|_active|_current)?"

    def open_now():
        return scrape(trial, server).total(gauges)

    trial.equal(open_now(), 1, "the gauge, with nobody here but who asks")
    clients = [trial.connect(server) for _ in range(20)]
    for client in clients:
        client.send(request()).expect(200)
    trial.equal(open_now(), 21, "the gauge with 20 more")
    for client in clients:
        client.close()
    trial.until(lambda: open_now() == 1, lambda: f"the gauge stays at {open_now()}")


@suite.case("histograms: buckets grow to the count, the sum is no less than zero")
def _(trial):
    trial.ask(request("/healthz"), 200)
    metrics = scrape(trial)
    families = [name for name, kind in metrics.types.items() if kind == "histogram"]
    for family in families:
        buckets = {}
        for (name, labels), value in metrics.samples.items():
            if name == family + "_bucket":
                rest = tuple(pair for pair in labels if pair[0] != "le")
                buckets.setdefault(rest, []).append((float(dict(labels)["le"]), value))
        trial.check(buckets, f"{family} has no buckets")
        for rest, pairs in buckets.items():
            values = [value for _, value in sorted(pairs)]
            trial.equal(values, sorted(values), f"the buckets of {family}{rest}")
            count = metrics.samples[(family + "_count", rest)]
            trial.equal(values[-1], count, f"the +Inf bucket of {family}{rest}")
            trial.check(metrics.samples[(family + "_sum", rest)] >= 0, f"{family}'s sum")


@suite.case("counters never fall")
def _(trial):
    last = scrape(trial)
    for _ in range(20):
        trial.ask(request("/healthz"), 200)
        now = scrape(trial)
        for key, value in last.counters().items():
            trial.check(now.samples.get(key, -1) >= value, f"{key} fell from {value}")
        last = now


@suite.case("bytes are counted in both directions")
def _(trial):
    server = trial.start()
    before = scrape(trial, server)
    trial.ask(request(body=b"b" * 100_000), 200, server=server)

    def amounts():
        grown = scrape(trial, server).grown_since(before)
        return {name: amount for (name, _), amount in grown.items() if "bytes" in name}

    trial.until(lambda: any(amount >= 100_000 for amount in amounts().values()),
                lambda: f"no counter of bytes grew by 100,000: {amounts()}")
    trial.check(len(amounts()) >= 2, f"only one direction is counted: {amounts()}")


@suite.case("the build is told")
def _(trial):
    metrics = scrape(trial)
    infos = [dict(labels) for (name, labels) in metrics.samples if name.endswith("build_info")]
    trial.equal(len(infos), 1, "the number of build_info samples")
    trial.check(infos[0].get("version"), f"no version in {infos[0]}")


@suite.case("the process tells memory, time and descriptors as client libraries name them")
def _(trial):
    server = trial.start()
    first = scrape(trial, server)
    value = {name: first.total(name) for name in (
        "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
        "process_max_fds", "process_start_time_seconds")}
    trial.check(abs(value["process_resident_memory_bytes"] - server.memory()) < 16 << 20,
                f"{value} and {server.memory()} bytes")
    trial.check(abs(value["process_open_fds"] - server.descriptors()) <= 2,
                f"{value} and {server.descriptors()} descriptors")
    trial.check(value["process_open_fds"] < value["process_max_fds"], f"{value}")
    trial.check(0 < value["process_cpu_seconds_total"] < 60, f"{value}")
    trial.check(0 <= time.time() - value["process_start_time_seconds"] < 120, f"{value}")
    again = scrape(trial, server).total("process_start_time_seconds")
    trial.equal(again, value["process_start_time_seconds"], "the start, asked again")


@suite.case("scrapes side by side are each whole")
def _(trial):
    clients = [trial.connect().send(request("/metrics") * 10) for _ in range(10)]
    for client in clients:
        for _ in range(10):
            Metrics(client.expect(200).body.decode())
