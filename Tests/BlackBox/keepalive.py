"""When a connection lives on, and when it ends."""

from harness import Suite, request

suite = Suite("keepalive")


def lives_on(trial, data, status):
    client = trial.connect().send(data)
    answer = client.expect(status)
    trial.check(not answer.closes, "the answer says Connection: close")
    client.send(request("/v1/limits")).expect(200)


def ends(trial, data, status):
    client = trial.connect().send(data + request("/v1/limits"))
    answer = client.expect(status)
    trial.check(answer.closes, "the answer does not say Connection: close")
    client.expect_end()


POST = {"method": "POST", "body": b"hello"}
suite.table(lives_on, [
    ("HTTP/1.1 stays open", request(), 200),
    ("HTTP/1.1 with keep-alive stays open", request("/healthz", "Connection: keep-alive"), 200),
    ("an unknown connection option is ignored", request("/healthz", "Connection: foo"), 200),
    ("HTTP/1.0 with keep-alive stays open",
     request("/healthz", "Connection: keep-alive", version="HTTP/1.0"), 200),
    ("HTTP/1.0 with Keep-Alive in another case stays open",
     request("/healthz", "Connection: Keep-Alive", version="HTTP/1.0"), 200),
    ("a 404 leaves it open", request("/nothing"), 404),
    ("a 404 to a POST with a body leaves it open", request("/nothing", **POST), 404),
    ("a 405 leaves it open", request("/healthz", method="DELETE"), 405),
    ("a 405 to a POST with a body leaves it open", request("/healthz", **POST), 405),
    ("a 400 for a query leaves it open", request("/healthz?x=1"), 400),
    ("a 406 leaves it open", request("/v1/limits", "Accept: image/png"), 406),
    ("a 415 leaves it open", request("/healthz", "Content-Encoding: br", body=b"hello"), 415),
    ("a 204 leaves it open", request("/healthz", method="OPTIONS"), 204),
    ("a body that is no gzip leaves it open",
     request("/healthz", "Content-Encoding: gzip", body=b"hello"), 400),
])
suite.table(ends, [
    ("close is obeyed", request("/healthz", "Connection: close"), 200),
    ("close is obeyed in any case", request("/healthz", "connection: CLOSE"), 200),
    ("close is found in a list", request("/healthz", "Connection: foo, close , bar"), 200),
    ("close is found in a second field",
     request("/healthz", "Connection: keep-alive", "Connection: close"), 200),
    ("close wins over keep-alive", request("/healthz", "Connection: keep-alive, close"), 200),
    ("HTTP/1.0 ends by default", request(version="HTTP/1.0"), 200),
    ("HTTP/1.0 with close wins over keep-alive",
     request("/healthz", "Connection: close, keep-alive", version="HTTP/1.0"), 200),
    ("close is obeyed with a 404", request("/nothing", "Connection: close"), 404),
    ("close is obeyed with a 405", request("/healthz", "Connection: close", **POST), 405),
])


@suite.case("an HTTP/1.0 client that asked for keep-alive is told that it got it")
def _(trial):
    answer = trial.ask(request("/healthz", "Connection: keep-alive", version="HTTP/1.0"), 200)
    trial.check("keep-alive" in answer.tokens("Connection"), "no Connection: keep-alive")


@suite.case("an HTTP/1.0 client never gets a chunked answer")
def _(trial):
    answer = trial.ask(request("/metrics", version="HTTP/1.0"), 200)
    trial.check(not answer.all("Transfer-Encoding"), "Transfer-Encoding in HTTP/1.0")


@suite.case("five hundred requests on one connection, one after another")
def _(trial):
    client = trial.connect()
    for _ in range(500):
        client.send(request()).expect(200)


@suite.case("HEAD and GET take turns on one connection")
def _(trial):
    client = trial.connect()
    for _ in range(20):
        client.send(request(method="HEAD")).expect(200, head=True)
        client.send(request()).expect(200)


@suite.case("all routes on one connection")
def _(trial):
    client = trial.connect()
    for path in ("/healthz", "/readyz", "/metrics", "/v1/limits", "/"):
        client.send(request(path)).expect(200)


@suite.case("the answer before the end says close, the others say nothing of it")
def _(trial):
    client = trial.connect()
    trial.check(not client.send(request()).expect(200).closes, "the first says close")
    last = client.send(request("/healthz", "Connection: close")).expect(200)
    trial.check(last.closes, "the last does not say close")
    client.expect_end()


@suite.case("HEAD with close ends after the head")
def _(trial):
    client = trial.connect().send(request("/healthz", "Connection: close", method="HEAD"))
    client.expect(200, head=True)
    client.expect_end()
