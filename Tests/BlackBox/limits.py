"""Every limit has a status of its own, and is checked before memory or time is spent on it."""

import time

from harness import Suite, chunked, request

suite = Suite("limits", max_body="64KiB")
BODY_MAX = 64 << 10
TARGET_MAX = 8 << 10
FIELDS_MAX = 64 << 10
FIELD_COUNT_MAX = 100


def fields(count, size):
    """`count` field lines of `size` bytes each, line end included."""
    return [f"X-{number:04}: ".ljust(size - 2, "v") for number in range(count)]


def refused(trial, data, *statuses):
    """The refusal is readable even though nothing more is sent, and the connection ends."""
    client = trial.connect().send(data)
    answer = client.expect(*statuses)
    trial.check(answer.closes, "the refusal does not say Connection: close")
    client.expect_end()


def answered(trial, data, *statuses):
    trial.ask(data, *statuses)


# Targets

suite.table(answered, [
    ("a target of 8000 bytes is routed", request("/" + "a" * 7999), 404),
    ("a target of exactly 8 KiB is routed", request("/" + "a" * (TARGET_MAX - 1)), 404),
    ("a query of 8000 bytes is read", request("/healthz?" + "q" * 7991), 400),
])
suite.table(refused, [
    ("a target one byte above 8 KiB", request("/" + "a" * TARGET_MAX), 414),
    ("a target of 60 KiB", request("/" + "a" * (60 << 10)), 414),
    ("a target without an end is refused at its limit", b"GET /" + b"a" * 20000, 414),
    ("a method without an end", b"G" * 100_000, 400, 414, 431, 501),
    ("a target of 60 KiB in absolute form", request("http://test/" + "a" * (60 << 10)), 414),
])

# Fields

suite.table(answered, [
    ("one field of 60 KiB", request("/healthz", *fields(1, 60 << 10)), 200),
    ("sixty fields of 1 KiB", request("/healthz", *fields(60, 1 << 10)), 200),
    ("a hundred fields", request("/healthz", *fields(FIELD_COUNT_MAX - 1, 12)), 200),
])
suite.table(refused, [
    ("a hundred and one fields", request("/healthz", *fields(FIELD_COUNT_MAX, 12)), 431),
    ("a thousand fields", request("/healthz", *fields(1000, 12)), 431),
    ("one field of 64 KiB", request("/healthz", *fields(1, FIELDS_MAX)), 431),
    ("seventy fields of 1 KiB", request("/healthz", *fields(70, 1 << 10)), 431),
    ("a field without an end is refused at the limit",
     b"GET /healthz HTTP/1.1\r\nHost: test\r\nX: " + b"v" * 70_000, 431),
    ("a field name without an end", b"GET /healthz HTTP/1.1\r\nHost: test\r\n" + b"X" * 70_000,
     400, 431),
    ("a head of many fields without an end",
     request("/healthz", *fields(90, 1 << 10))[:-2], 431),
])


@suite.case("the field limit holds for the second request of a connection too")
def _(trial):
    client = trial.connect().send(request() + request("/healthz", *fields(101, 12)))
    client.expect(200)
    client.expect(431)
    client.expect_end()


@suite.case("small heads count each for itself, not all together")
def _(trial):
    client = trial.connect()
    for _ in range(20):
        client.send(request("/healthz", *fields(8, 1 << 10))).expect(200)


# Bodies

def with_body(size):
    return request(body=b"b" * size)


def in_chunks(*pieces, **options):
    return request("/healthz", "Transfer-Encoding: chunked") + chunked(*pieces, **options)


suite.table(answered, [
    ("a body of exactly the limit", with_body(BODY_MAX), 200),
    ("a chunked body of exactly the limit", in_chunks(*[b"b" * 1024] * 64), 200),
    ("a chunked body of exactly the limit in one chunk", in_chunks(b"b" * BODY_MAX), 200),
    ("a body one byte above the limit", with_body(BODY_MAX + 1), 413),
    ("a chunked body one byte above the limit", in_chunks(*[b"b" * 1024] * 64, b"b"), 413),
    ("a chunked body one byte above the limit in one chunk", in_chunks(b"b" * (BODY_MAX + 1)), 413),
])


@suite.case("a declared length above the limit is refused before the body comes")
def _(trial):
    client = trial.connect().send(request("/healthz", f"Content-Length: {BODY_MAX + 1}"))
    client.expect(413)


@suite.case("a declared length of 8 EiB is refused before the body comes")
def _(trial):
    refused(trial, request("/healthz", "Content-Length: 9223372036854775807"), 413)


@suite.case("a declared chunk above the limit is refused before its data comes")
def _(trial):
    client = trial.connect()
    client.send(request("/healthz", "Transfer-Encoding: chunked") + b"fffffff\r\n")
    client.expect(413)
    client.expect_end()


@suite.case("chunks without an end are refused at the limit")
def _(trial):
    client = trial.connect().send(request("/healthz", "Transfer-Encoding: chunked"))
    client.send_pieces([b"2000\r\n" + b"b" * 8192 + b"\r\n"] * 40, pause=0)
    client.expect(413)
    client.expect_end()


def reads_refusal_while_sending(trial, head, piece):
    """A client that sends on before it looks still finds the answer, not a reset."""
    client = trial.connect().send(head)
    for _ in range(64):
        client.send(piece)
    client.half_close()
    client.expect(413)
    client.expect_end()


suite.table(reads_refusal_while_sending, [
    ("413 reaches a client that sends 1 MiB without looking",
     request("/healthz", "Content-Length: 1048576"), b"b" * 16384),
    ("413 reaches a client that sends 1 MiB of chunks without looking",
     request("/healthz", "Transfer-Encoding: chunked"), b"4000\r\n" + b"b" * 16384 + b"\r\n"),
])


@suite.case("413 reaches a client that goes on sending 16 MiB", slow=True)
def _(trial):
    client = trial.connect()
    client.send(request("/healthz", "Content-Length: 16777216"))
    client.send_pieces([b"b" * 65536] * 16, pause=0.01)
    answer = client.expect(413)
    trial.check(answer.closes, "a large refused body needs Connection: close")
    client.expect_end()


@suite.case("after 413 a client that never stops sending is let go of", slow=True)
def _(trial):
    client = trial.connect(patience=5)
    client.send(request("/healthz", "Content-Length: 1000000000"))
    client.expect(413)
    deadline = time.monotonic() + 20
    client.socket.settimeout(5)
    try:
        while time.monotonic() < deadline:
            client.socket.sendall(b"b" * 1024)
            time.sleep(0.05)
    except (ConnectionError, TimeoutError):
        return
    trial.check(False, "the server still takes the body after 20 s")


@suite.case("a small refused body is skipped and the connection lives on")
def _(trial):
    client = trial.connect()
    client.send(request("/nothing", method="POST", body=b"b" * 2000) + request())
    client.expect(404)
    client.expect(200)


@suite.case("a small refused chunked body is skipped and the connection lives on")
def _(trial):
    client = trial.connect()
    client.send(request("/nothing", "Transfer-Encoding: chunked", method="POST"))
    client.send(chunked(b"b" * 2000, b"c") + request())
    client.expect(404)
    client.expect(200)


@suite.case("a small refused body that comes later is skipped too")
def _(trial):
    client = trial.connect().send(request("/nothing", "Content-Length: 2000", method="POST"))
    time.sleep(0.1)
    client.send(b"b" * 2000 + request())
    client.expect(404)
    client.expect(200)


@suite.case("a large refused body ends the connection, after a readable answer", slow=True)
def _(trial):
    server = trial.start(max_body="64MiB")
    client = trial.connect(server).send(
        request("/nothing", "Content-Length: 60000000", method="POST"))
    answer = client.expect(404)
    trial.check(answer.closes, "a large refused body needs Connection: close")
    client.send_pieces([b"b" * 65536] * 4, pause=0.01)
    client.expect_end()


@suite.case("a bad frame inside a refused body still ends the connection")
def _(trial):
    client = trial.connect()
    client.send(request("/nothing", "Transfer-Encoding: chunked", method="POST"))
    client.send(b"5\r\nhello\r\nxyz\r\n" + request("/smuggled"))
    client.expect(400, 404)
    client.expect_end_or(400)


# Chunk extensions and trailers

suite.table(refused, [
    ("a chunk extension of 100 KiB",
     in_chunks(b"hello", extension=";a=" + "x" * 100_000), 400, 413, 431),
    ("a chunk extension without an end",
     request("/healthz", "Transfer-Encoding: chunked") + b"5;" + b"x" * 100_000, 400, 413, 431),
    ("small chunk extensions that add up to 100 KiB",
     in_chunks(*[b"b"] * 100, extension=";a=" + "x" * 1000), 400, 413, 431),
    ("a trailer of 70 KiB", in_chunks(b"hello", trailers=fields(1, 70 << 10)), 431),
    ("trailers that add up to 70 KiB", in_chunks(b"hello", trailers=fields(70, 1 << 10)), 431),
    ("a hundred and one trailers", in_chunks(b"hello", trailers=fields(101, 12)), 431),
    ("a trailer without an end",
     request("/healthz", "Transfer-Encoding: chunked") + b"0\r\nX: " + b"v" * 70_000, 431),
])
suite.table(answered, [
    ("chunk extensions of 1 KiB", in_chunks(b"hello", extension=";a=" + "x" * 1000), 200),
    ("fifty trailers of 1 KiB", in_chunks(b"hello", trailers=fields(50, 1 << 10)), 200),
])


@suite.case("empty lines before a request are bounded")
def _(trial):
    client = trial.connect()
    client.send_pieces([b"\r\n" * 4096] * 40, pause=0)
    client.expect_end_or(400, 408, 431)


@suite.case("a head is bounded, however it is cut", slow=True)
def _(trial):
    client = trial.connect().send(b"GET /healthz HTTP/1.1\r\nHost: test\r\n")
    client.send_pieces([b"X-Field: " + b"v" * 500 + b"\r\n"] * 300, pause=0.001)
    client.expect(431)
    client.expect_end()
