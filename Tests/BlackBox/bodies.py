"""Bodies that come late, in pieces, not at all, or only when the server says so."""

import time

from harness import Suite, chunked, request

suite = Suite("bodies", max_body="64KiB")
EXPECT = "Expect: 100-continue"
CHUNKED = "Transfer-Encoding: chunked"


def answered(trial, data, *statuses):
    trial.ask(data, *statuses)


suite.table(answered, [
    ("a GET with a body and a length", request(body=b"hello"), 200),
    ("a GET with an empty body", request(body=b""), 200),
    ("a GET with a chunked body", request("/healthz", CHUNKED) + chunked(b"hello"), 200),
    ("a body of arbitrary bytes", request(body=bytes(range(256))), 200),
    ("a body of line ends", request(body=b"\r\n\r\n\r\n\r\n"), 200),
    ("a HEAD of an unknown path with a body", request("/nothing", body=b"hello"), 404),
])


@suite.case("a HEAD with a body is answered after it")
def _(trial):
    client = trial.connect().send(request(method="HEAD", body=b"hello") + request())
    client.expect(200, head=True)
    client.expect(200)


@suite.case("an answer waits for the whole body with a length")
def _(trial):
    client = trial.connect().send(request("/healthz", "Content-Length: 5") + b"hell")
    client.expect_silence(0.2)
    client.send(b"o").expect(200)


@suite.case("an answer waits for the last chunk")
def _(trial):
    client = trial.connect().send(request("/healthz", CHUNKED) + b"5\r\nhello\r\n")
    client.expect_silence(0.2)
    client.send(b"0\r\n").expect_silence(0.1)
    client.send(b"\r\n").expect(200)


@suite.case("a body in ten pieces")
def _(trial):
    client = trial.connect().send(request("/healthz", "Content-Length: 10000"))
    client.send_pieces([b"b" * 1000] * 10, pause=0.01)
    client.expect(200)


@suite.case("a body that says it is a request stays a body")
def _(trial):
    client = trial.connect().send(request(body=request("/smuggled") * 3) + request("/v1/limits"))
    client.expect(200)
    trial.equal(client.expect(200).get("Content-Type"), "application/json", "the next type")


# 100-continue

@suite.case("100 Continue comes before the body is sent")
def _(trial):
    client = trial.connect().send(request("/healthz", EXPECT, "Content-Length: 5"))
    interim = client.response(interim=True)
    trial.equal(interim.status, 100, "the interim status")
    trial.equal(interim.fields, [], "the interim answer's fields")
    client.send(b"hello").expect(200)


@suite.case("100 Continue comes before a chunked body is sent")
def _(trial):
    client = trial.connect().send(request("/healthz", EXPECT, CHUNKED))
    trial.equal(client.response(interim=True).status, 100, "the interim status")
    client.send(chunked(b"hello")).expect(200)


@suite.case("the expectation is read in any case")
def _(trial):
    client = trial.connect()
    client.send(request("/healthz", "expect: 100-Continue", "Content-Length: 5"))
    trial.equal(client.response(interim=True).status, 100, "the interim status")
    client.send(b"hello").expect(200)


@suite.case("100 Continue works twice on one connection")
def _(trial):
    client = trial.connect()
    for _ in range(2):
        client.send(request("/healthz", EXPECT, "Content-Length: 5"))
        trial.equal(client.response(interim=True).status, 100, "the interim status")
        client.send(b"hello").expect(200)


@suite.case("a client that sends its body at once needs no 100 Continue")
def _(trial):
    client = trial.connect().send(request("/healthz", EXPECT, body=b"hello") + request())
    answer = client.response(interim=True)
    if answer.status == 100:
        answer = client.response()
    trial.equal(answer.status, 200, "the status")
    client.expect(200)


@suite.case("HTTP/1.0 gets no 100 Continue")
def _(trial):
    client = trial.connect()
    client.send(request("/healthz", EXPECT, "Content-Length: 5", version="HTTP/1.0"))
    client.expect_silence(0.3)
    client.send(b"hello").expect(200)


@suite.case("a request without a body gets no 100 Continue")
def _(trial):
    trial.ask(request("/healthz", EXPECT), 200)


@suite.case("an expectation that nobody knows is 417")
def _(trial):
    trial.ask(request("/healthz", "Expect: the-unexpected", body=b"hello"), 417)


def known_already(trial, status, head):
    """The final answer comes instead of 100; a body that is sent all the same does no harm."""
    client = trial.connect().send(head)
    answer = client.expect(status)
    if answer.closes:
        client.expect_end()
        return
    client.send(b"b" * 500 + request()).expect(200)


EXPECTING = (EXPECT, "Content-Length: 500")
suite.table(known_already, [
    ("no 100 Continue before a 404", 404, request("/nothing", *EXPECTING)),
    ("no 100 Continue before a 404 to a POST", 404,
     request("/nothing", *EXPECTING, method="POST")),
    ("no 100 Continue before a 405", 405, request("/healthz", *EXPECTING, method="POST")),
    ("no 100 Continue before a 406", 406,
     request("/v1/limits", "Accept: image/png", *EXPECTING)),
    ("no 100 Continue before a 415", 415,
     request("/healthz", "Content-Encoding: br", *EXPECTING)),
    ("no 100 Continue before a 400 for the query", 400, request("/healthz?x=1", *EXPECTING)),
])


@suite.case("no 100 Continue before a 413")
def _(trial):
    trial.ask(request("/healthz", EXPECT, "Content-Length: 70000"), 413)


# Half-closed and cut

@suite.case("a client that shut down its writing side gets its answer")
def _(trial):
    client = trial.connect().send(request()).half_close()
    client.expect(200)
    client.expect_end()


@suite.case("a half-closed client gets a large answer whole")
def _(trial):
    client = trial.connect(receive_buffer=4096).send(request("/metrics")).half_close()
    client.expect(200)
    client.expect_end()


@suite.case("a half-closed client gets the answer to its body")
def _(trial):
    client = trial.connect().send(request("/healthz", CHUNKED) + chunked(b"hello")).half_close()
    client.expect(200)
    client.expect_end()


@suite.case("a FIN that comes with the request's last byte loses no answer")
def _(trial):
    data = request()
    client = trial.connect().send(data[:-1])
    time.sleep(0.05)
    client.send(data[-1:]).half_close()
    client.expect(200)
    client.expect_end()


def never_acted_on(trial, data):
    """The message was cut short by the end of the connection: an error or nothing, no success."""
    client = trial.connect().send(data).half_close()
    client.expect_end_or(400, 408)


suite.table(never_acted_on, [
    ("a head cut short by the end", request()[:-2]),
    ("a request line cut short by the end", b"GET /healthz HTT"),
    ("a body with a length cut short by the end",
     request("/healthz", "Content-Length: 10") + b"hello"),
    ("a chunk cut short by the end", request("/healthz", CHUNKED) + b"a\r\nhello"),
    ("a chunked body without its last chunk", request("/healthz", CHUNKED) + b"5\r\nhello\r\n"),
    ("a chunked body without its last line end",
     request("/healthz", CHUNKED) + b"5\r\nhello\r\n0\r\n"),
    ("a body that never began", request("/healthz", "Content-Length: 10")),
])


@suite.case("a body with a wait of its own is no answer to the one before")
def _(trial):
    client = trial.connect().send(request("/metrics") + request("/healthz", "Content-Length: 5"))
    client.expect(200)
    client.expect_silence(0.2)
    client.send(b"hello").expect(200)
