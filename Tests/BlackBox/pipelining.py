"""Requests sent before their turn are answered in their order, each exactly once."""

import threading

from harness import Suite, chunked, request

suite = Suite("pipelining")


def numbered(count, path="/healthz", **options):
    return [request(path, f"Request-Id: r{number}", **options) for number in range(count)]


def in_order(trial, client, count, **options):
    for number in range(count):
        answer = client.response(**options)
        trial.equal(answer.get("Request-Id"), f"r{number}", f"answer {number}'s Request-Id")


def pipelined(trial, count, path):
    client = trial.connect().send(b"".join(numbered(count, path)))
    in_order(trial, client, count)
    client.send(request()).expect(200)


suite.table(pipelined, [
    ("two at once", 2, "/healthz"),
    ("sixteen at once", 16, "/healthz"),
    ("a thousand at once", 1000, "/healthz"),
    ("a hundred large answers at once", 100, "/metrics"),
    ("a hundred that nothing has the path of", 100, "/nothing"),
])


@suite.case("ten thousand, written by one thread and read by another", slow=True)
def _(trial):
    client = trial.connect()
    batch = numbered(10_000)
    writer = threading.Thread(
        target=lambda: client.socket.sendall(b"".join(batch)), daemon=True)
    writer.start()
    in_order(trial, client, 10_000)
    writer.join(10)


@suite.case("mixed methods, statuses and bodies keep their order")
def _(trial):
    mix = [
        (request("/healthz"), 200, False),
        (request("/healthz", method="HEAD"), 200, True),
        (request("/nothing", method="POST", body=b"hello"), 404, False),
        (request("/healthz", method="POST", body=b"hello"), 405, False),
        (request("/healthz", method="OPTIONS"), 204, False),
        (request("/healthz", body=b"hello"), 200, False),
        (request("/v1/limits", "Transfer-Encoding: chunked") + chunked(b"hello"), 200, False),
        (request("/nothing", method="HEAD"), 404, True),
        (request("/healthz?x=1"), 400, False),
        (request("/v1/limits", "Accept: image/png"), 406, False),
        (request("/healthz", "Content-Encoding: br", body=b"x"), 415, False),
        (request("/metrics"), 200, False),
    ]
    client = trial.connect().send(b"".join(data for data, _, _ in mix * 20))
    for _, status, head in mix * 20:
        client.expect(status, head=head)


@suite.case("nothing after a close is answered")
def _(trial):
    client = trial.connect()
    client.send(request() + request("/healthz", "Connection: close") + request() * 5)
    client.expect(200)
    client.expect(200)
    client.expect_end()


@suite.case("nothing after a 400 is answered")
def _(trial):
    client = trial.connect().send(request() + b"nonsense\r\n\r\n" + request() * 5)
    client.expect(200)
    client.expect(400)
    client.expect_end()


@suite.case("requests before a bad one are all answered")
def _(trial):
    client = trial.connect().send(b"".join(numbered(50)) + b"nonsense\r\n\r\n")
    in_order(trial, client, 50)
    client.expect(400)
    client.expect_end()


@suite.case("requests cut across packets")
def _(trial):
    data = b"".join(numbered(20))
    client = trial.connect()
    size = 37
    for start in range(0, len(data), size):
        client.send(data[start:start + size])
    in_order(trial, client, 20)


@suite.case("the second request's first half comes with the first request")
def _(trial):
    first, second = numbered(2)
    client = trial.connect().send(first + second[:20])
    trial.equal(client.expect(200).get("Request-Id"), "r0", "the first answer's Request-Id")
    client.send(second[20:])
    trial.equal(client.expect(200).get("Request-Id"), "r1", "the second answer's Request-Id")


@suite.case("a half-closed client gets all its answers")
def _(trial):
    client = trial.connect().send(b"".join(numbered(30, "/metrics"))).half_close()
    in_order(trial, client, 30)
    client.expect_end()


@suite.case("a body's last byte and the next request come together")
def _(trial):
    client = trial.connect().send(request("/healthz", "Content-Length: 5") + b"hell")
    client.send(b"o" + request("/v1/limits"))
    client.expect(200)
    trial.equal(client.expect(200).get("Content-Type"), "application/json", "the second's type")


@suite.case("a slow reader gets every answer once it reads", slow=True)
def _(trial):
    client = trial.connect(receive_buffer=4096)
    writer = threading.Thread(
        target=lambda: client.socket.sendall(b"".join(numbered(400, "/metrics"))), daemon=True)
    writer.start()
    writer.join(0.5)
    in_order(trial, client, 400)


@suite.case("HTTP/1.0 with keep-alive may pipeline too")
def _(trial):
    client = trial.connect()
    client.send(b"".join(
        request("/healthz", f"Request-Id: r{number}", "Connection: keep-alive",
                version="HTTP/1.0") for number in range(5)))
    in_order(trial, client, 5)
