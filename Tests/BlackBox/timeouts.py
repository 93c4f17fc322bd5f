"""Whoever is too slow is told so, or let go of; whoever is only idle is let go of in silence.

Lower bounds are loose and upper bounds generous: what counts is that each wait ends at all.
"""

import socket
import time

from harness import Suite, request
from harness.exposition import scrape

suite = Suite(
    "timeouts", header_timeout="700ms", body_timeout="1s", min_body_rate="1KiB",
    idle_timeout="1500ms", write_timeout="1s")
CHUNKED = "Transfer-Encoding: chunked"
MUST_END = 12


def too_slow(trial, pieces, pause):
    """408, Connection: close, and the end; the pieces would go on for far longer."""
    client = trial.connect()
    client.send_pieces(pieces, pause)
    answer = client.expect(408)
    trial.check(answer.closes, "a 408 without Connection: close")
    client.expect_end()


def bytes_of(data):
    return [data[i:i + 1] for i in range(len(data))]


LONG_HEAD = request("/healthz", "X: " + "v" * 300)
suite.table(too_slow, [
    ("half a request line and then nothing", [b"GET /heal"], 0),
    ("a head without its end", [request()[:-2]], 0),
    ("a head byte by byte, longer than its time", bytes_of(LONG_HEAD), 0.05),
    ("a head line by line, longer than its time",
     [b"GET /healthz HTTP/1.1\r\n"] + [b"X: y\r\n"] * 90, 0.2),
    ("one byte", [b"G"], 0),
    ("a body that never comes", [request("/healthz", "Content-Length: 10")], 0),
    ("a body that stops half way", [request("/healthz", "Content-Length: 10") + b"hello"], 0),
    ("a chunked body that never comes", [request("/healthz", CHUNKED)], 0),
    ("a chunk that stops half way", [request("/healthz", CHUNKED) + b"a\r\nhello"], 0),
    ("a chunked body without its last chunk",
     [request("/healthz", CHUNKED) + b"5\r\nhello\r\n"], 0),
    ("a body that trickles below the least rate",
     [request("/healthz", "Content-Length: 5000")] + [b"b" * 10] * 500, 0.1),
    ("a chunked body that trickles below the least rate",
     [request("/healthz", CHUNKED)] + [b"1\r\nb\r\n"] * 500, 0.1),
    ("chunk extensions that trickle",
     [request("/healthz", CHUNKED) + b"5;"] + [b"x"] * 500, 0.1),
    ("trailers that trickle",
     [request("/healthz", CHUNKED) + b"5\r\nhello\r\n0\r\n"] + [b"X: y\r\n"] * 90, 0.2),
    ("trailers that never end",
     [request("/healthz", CHUNKED) + b"5\r\nhello\r\n0\r\nX: y\r\n"], 0),
])


@suite.case("the second request's head has its own time")
def _(trial):
    client = trial.connect().send(request())
    client.expect(200)
    client.send(b"GET /heal").expect(408)
    client.expect_end()


@suite.case("half a second request that came with the first is timed too")
def _(trial):
    client = trial.connect().send(request() + b"GET /heal")
    client.expect(200)
    client.expect(408)
    client.expect_end()


@suite.case("a slow head after a quick one is judged as a whole, not by each read")
def _(trial):
    client = trial.connect().send(request())
    client.expect(200)
    client.send_pieces(bytes_of(LONG_HEAD), 0.05)
    client.expect(408)
    client.expect_end()


@suite.case("a body above the least rate may take longer than the window")
def _(trial):
    client = trial.connect().send(request("/healthz", "Content-Length: 30000"))
    client.send_pieces([b"b" * 1000] * 30, pause=0.1)
    client.expect(200)


@suite.case("a chunked body above the least rate may take longer than the window")
def _(trial):
    client = trial.connect().send(request("/healthz", CHUNKED))
    client.send_pieces([b"3e8\r\n" + b"b" * 1000 + b"\r\n"] * 30 + [b"0\r\n\r\n"], pause=0.1)
    client.expect(200)


@suite.case("an idle connection is closed without a word")
def _(trial):
    client = trial.connect().send(request())
    client.expect(200)
    started = time.monotonic()
    client.expect_end(within=MUST_END)
    trial.check(time.monotonic() - started > 0.7, "it was closed before its time")


@suite.case("a connection that never says anything is closed without a word")
def _(trial):
    trial.connect().expect_end(within=MUST_END)


@suite.case("a connection that only sends line ends is closed")
def _(trial):
    client = trial.connect()
    client.send_pieces([b"\r\n"] * 100, pause=0.1)
    client.expect_end_or(400, 408)


@suite.case("a busy connection outlives the idle time")
def _(trial):
    client = trial.connect()
    for _ in range(12):
        client.send(request()).expect(200)
        time.sleep(0.3)


@suite.case("many idle connections are all closed")
def _(trial):
    clients = [trial.connect() for _ in range(100)]
    for client in clients:
        client.send(request())
    for client in clients:
        client.expect(200)
    for client in clients:
        client.expect_end(within=MUST_END)


@suite.case("a half-closed client that never finished its body is let go of")
def _(trial):
    client = trial.connect().send(request("/healthz", "Content-Length: 10")).half_close()
    client.expect_end_or(400, 408)


@suite.case("a client that does not read its refusal does not stay", slow=True)
def _(trial):
    server = trial.start()
    before = server.descriptors()
    for _ in range(20):
        trial.connect(server).send(b"nonsense\r\n\r\n")
    wait_for_descriptors(trial, server, before)


@suite.case("a slow reader is closed, counted, and costs little memory", slow=True, measures=True)
def _(trial):
    server = trial.start(max_connections_per_address=1000)
    for _ in range(20):
        trial.ask(request("/metrics"), 200, server=server)
    metrics, memory, descriptors = scrape(trial, server), server.memory(), server.descriptors()
    clients = [trial.connect(server, receive_buffer=4096) for _ in range(30)]
    for client in clients:
        send_what_fits(client, request("/metrics") * 4000)
    peak = 0
    for _ in range(10):
        peak = max(peak, server.memory())
        time.sleep(0.1)
    wait_for_descriptors(trial, server, descriptors)
    peak = max(peak, server.memory())
    grown = peak - memory
    # Each was owed more than 50 MiB. What waits is bounded, whatever was asked for.
    trial.check(grown < 30 << 20, f"30 slow readers grew the server by {grown} bytes")
    after = scrape(trial, server)
    names = [f"{name}{dict(labels)}" for name, labels in after.grown_since(metrics)]
    trial.check(any("slow" in name or "write" in name for name in names),
                f"no counter of slow readers grew, only {names}")


@suite.case("a reader that is slow but steady gets its answers", slow=True, measures=True)
def _(trial):
    # The server sees progress each time a third of the kernel's buffer is free: that has to happen
    # well within the write timeout, and the whole has to take longer than it.
    server = trial.start(write_timeout="5s")
    client = trial.connect(server, receive_buffer=65536).send(request("/metrics") * 700)
    for _ in range(700):
        client.expect(200)
        time.sleep(0.01)


def send_what_fits(client, data):
    """Writes until the other side stops taking more."""
    client.note("sent what fits of", data[:200])
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    client.socket.settimeout(0.2)
    try:
        while data:
            data = data[client.socket.send(data):]
    except (TimeoutError, ConnectionError):
        pass
    client.socket.settimeout(client.patience)


def wait_for_descriptors(trial, server, wanted):
    trial.until(lambda: server.descriptors() <= wanted + 2,
                lambda: f"{server.descriptors()} descriptors are open, {wanted} were before",
                seconds=MUST_END)
