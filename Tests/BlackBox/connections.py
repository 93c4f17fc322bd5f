"""Many connections, rude ones, and more than there is room for."""

import time

from harness import Failed, Suite, request
from harness.exposition import scrape
from harness.server import run_once

suite = Suite("connections")


@suite.case("three hundred connections, one after another")
def _(trial):
    for _ in range(300):
        client = trial.connect().send(request("/healthz", "Connection: close"))
        client.expect(200)
        client.close()


@suite.case("five hundred connections at once, all served")
def _(trial):
    server = trial.start(max_connections_per_address=1000)
    clients = [trial.connect(server) for _ in range(500)]
    for client in clients:
        client.send(request())
    for client in clients:
        client.expect(200)
    for client in reversed(clients):
        client.send(request("/v1/limits")).expect(200)


@suite.case("connections that come and go without a word")
def _(trial):
    for _ in range(200):
        trial.connect().close()
    trial.still_serves()


@suite.case("connections that are reset without a word, as load balancers check")
def _(trial):
    for _ in range(200):
        trial.connect().reset()
    trial.still_serves()


def rude(trial, data):
    for _ in range(50):
        client = trial.connect().send(data)
        client.reset()
    for _ in range(50):
        client = trial.connect().send(data)
        client.close()
    trial.still_serves()


suite.table(rude, [
    ("reset half way through a head", b"GET /healthz HTTP/1.1\r\nHo"),
    ("reset half way through a body", request("/healthz", "Content-Length: 1000") + b"b" * 500),
    ("reset half way through a chunk",
     request("/healthz", "Transfer-Encoding: chunked") + b"ff\r\nb"),
    ("reset before the answer is read", request("/metrics") * 5),
    ("reset after nonsense", b"nonsense\r\n\r\n"),
    ("reset after a refused body", request("/nothing", body=b"b" * 5000, method="POST")),
    ("reset while waiting for 100 Continue",
     request("/healthz", "Expect: 100-continue", "Content-Length: 5")),
    ("bytes of another protocol", bytes(range(256)) * 16),
    ("a greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 500),
])


@suite.case("no descriptor is left behind by rude clients")
def _(trial):
    server = trial.start(header_timeout="1s", body_timeout="1s", idle_timeout="1s")
    trial.still_serves(server)
    before = server.descriptors()
    for data in (b"", b"GET /", request(), request("/metrics") * 10, b"nonsense\r\n\r\n",
                 request("/healthz", "Content-Length: 10") + b"b",
                 request("/nothing", "Content-Length: 1000000", method="POST")):
        for _ in range(10):
            trial.connect(server).send(data).reset()
            trial.connect(server).send(data).close()
    trial.until(lambda: server.descriptors() <= before + 1,
                lambda: f"{server.descriptors()} descriptors are open, {before} were before")


# Limits

def refused_or_dropped(client):
    """A connection beyond a limit: 503 and the end, or only the end."""
    client.send(request())
    client.expect_end_or(503)


def served(trial, server, **options):
    """A connection that is served, or None, closed, if it is refused."""
    client = trial.connect(server, **options)
    try:
        client.send(request()).expect(200)
        return client
    except Failed:
        client.close()
        return None


def comes_back(trial, server, **options):
    """Room that was made is found, if not at once."""
    return trial.until(
        lambda: served(trial, server, **options), "no connection is served after room was made")


@suite.case("connections beyond the limit are refused and counted; room that is made is found")
def _(trial):
    server = trial.start(max_connections=8)
    before = scrape(trial, server)
    clients = [comes_back(trial, server) for _ in range(8)]
    for _ in range(5):
        refused_or_dropped(trial.connect(server))
    for client in clients:
        client.send(request()).expect(200)
    for client in clients:
        client.close()
    comes_back(trial, server).close()
    after = trial.until(lambda: attempt_scrape(trial, server), "the metrics cannot be had")
    expect_counter(trial, before, after)


@suite.case("connections of one address beyond its limit are refused, others are served")
def _(trial):
    server = trial.start(max_connections_per_address=4)
    before = scrape(trial, server)
    clients = [trial.connect(server, source="127.0.0.2") for _ in range(4)]
    for client in clients:
        client.send(request()).expect(200)
    for _ in range(5):
        refused_or_dropped(trial.connect(server, source="127.0.0.2"))
    for number in range(3, 8):
        client = trial.connect(server, source=f"127.0.0.{number}")
        client.send(request()).expect(200)
    for client in clients:
        client.send(request()).expect(200)
        client.close()
    comes_back(trial, server, source="127.0.0.2")
    expect_counter(trial, before, scrape(trial, server))


@suite.case("a connection that comes and goes leaves its place in the address's count")
def _(trial):
    server = trial.start(max_connections_per_address=2, loops=1)
    for _ in range(30):
        comes_back(trial, server, source="127.0.0.2").close()
    comes_back(trial, server, source="127.0.0.2")


def attempt_scrape(trial, server):
    try:
        return scrape(trial, server)
    except Failed:
        return None


def expect_counter(trial, before, after):
    names = [f"{name}{dict(labels)}" for name, labels in after.grown_since(before)]
    trial.check(any("refused" in name or "rejected" in name or "limit" in name for name in names),
                f"no counter of refused connections grew, only {names}")


@suite.case("out of descriptors it goes on, idles while it waits, and serves again", slow=True)
def _(trial):
    server = trial.start(nofile=64, loops=1)
    server.forgiven = "EMFILE|descriptor|open files|accept"
    clients = [trial.connect(server) for _ in range(120)]
    for client in clients:
        client.send(request())
    served = 0
    time.sleep(0.5)
    for client in clients:
        if client.arrived():
            try:
                served += client.response().status == 200
            except Failed:
                pass
    trial.check(served >= 10, f"only {served} of 120 were served with 64 descriptors")
    used = server.cpu_seconds()
    time.sleep(1)
    used = server.cpu_seconds() - used
    trial.check(used < 0.5, f"it used {used} s of CPU in a second of waiting for descriptors")
    for client in clients:
        client.close()
    comes_back(trial, server)
    after = scrape(trial, server)
    names = [name for name, _ in after.counters() if after.total(name) > 0]
    trial.check(any("accept" in name or "refused" in name for name in names),
                f"nothing counts what was not accepted: {names}")


@suite.case("a crowd of clients leaves the log its descriptors, also for the next segment")
def _(trial):
    server = trial.start(nofile=64, loops=1)
    writer = comes_back(trial, server)
    crowd = [trial.connect(server) for _ in range(150)]
    for client in crowd:
        client.send(request())
    body = b"b" * (1 << 20)
    for _ in range(36):
        writer.send(request("/v1/topics/t/messages", body=body, method="POST")).expect(201)
    for client in crowd:
        client.close()
    writer.send(request("/v1/topics/t/messages?max_messages=1&from=earliest")).expect(200)


@suite.case("with too few descriptors for one client it does not start, and says how many it needs")
def _(trial):
    code, _, told = run_once(
        "serve", "--listen", "127.0.0.1:0", "--data", "data", "--loops", "1", nofile=30)
    trial.equal(code, 1, "the exit code")
    trial.check("descriptors_too_few" in told and "ulimit -n" in told, f"no word of it: {told}")
