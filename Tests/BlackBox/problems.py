"""Errors as API.md wants them, and the Request-Id that every answer has.

The harness checks each problem of each suite for its members; here is what needs more than one.
"""

import re

from harness import Suite, chunked, request

suite = Suite("problems", max_body="64KiB", header_timeout="500ms", body_timeout="1s")

SLOW_HEAD = b"GET /healthz HTTP/1.1\r\n"
KINDS = {
    "a target too long": (request("/" + "a" * 9000), 414),
    "fields too large": (request("/healthz", "X: " + "v" * 70000), 431),
    "too many fields": (request("/healthz", *["X: y"] * 120), 431),
    "a bad request line": (b"nonsense\r\n\r\n", 400),
    "a bad field": (request("/healthz", "X : y"), 400),
    "no Host": (request(host=None), 400),
    "a bad length": (request("/healthz", "Content-Length: x"), 400),
    "a bad chunk": (request("/healthz", "Transfer-Encoding: chunked") + b"x\r\n", 400),
    "an unknown transfer coding": (request("/healthz", "Transfer-Encoding: x"), 501),
    "another version": (request(version="HTTP/2.0"), 505),
    "nothing there": (request("/nothing"), 404),
    "another method": (request(method="POST", body=b""), 405),
    "another media type": (request("/v1/limits", "Accept: image/png"), 406),
    "an unknown content coding": (request("/healthz", "Content-Encoding: x", body=b"x"), 415),
    "a corrupt body": (request("/healthz", "Content-Encoding: gzip", body=b"x"), 400),
    "a body too large": (request("/healthz", "Content-Length: 70000"), 413),
    "a chunked body too large": (request("/healthz", "Transfer-Encoding: chunked") + b"fffff\r\n",
                                 413),
    "an unknown parameter": (request("/healthz?x=1"), 400),
    "an unknown expectation": (request("/healthz", "Expect: x"), 417),
    "a slow head": (SLOW_HEAD, 408),
    "a slow body": (request("/healthz", "Content-Length: 10"), 408),
}


def whole(trial, data, status):
    """The members say what they should, and say the same when it happens again."""
    first = trial.ask(data, status)
    second = trial.ask(data, status)
    for member in ("type", "title", "code", "retryable", "outcome"):
        trial.equal(second.json()[member], first.json()[member], f"the second {member}")
    problem = first.json()
    trial.equal(problem["outcome"], "none", "outcome")
    trial.equal(problem["retryable"], status in (408, 429, 503), "retryable")
    trial.check(re.fullmatch(r"about:blank|[^\s]*[/:#].*|/.*", problem["type"]),
                f"type is no URI: {problem['type']!r}")
    trial.check(problem["detail"] != problem["title"] or len(problem["detail"]) > 10,
                "the detail adds nothing")
    for entry in problem.get("errors", []):
        trial.check(isinstance(entry, dict) and entry, "errors[] has something that is no object")


suite.table(whole, [(f"{kind} is a whole problem", *row) for kind, row in KINDS.items()])


def names_the_target(trial, kind):
    problem = trial.ask(*KINDS[kind]).json()
    path = KINDS[kind][0].split(b" ")[1].split(b"?")[0].decode()
    trial.equal(problem.get("instance"), path, "instance")


suite.table(names_the_target, [
    (f"{kind}: instance is the path that was asked for", kind)
    for kind in ("nothing there", "another method", "another media type", "a body too large",
                 "an unknown content coding", "a corrupt body", "an unknown parameter",
                 "an unknown expectation", "a slow body", "a bad chunk")])


@suite.case("kinds of errors have codes of their own")
def _(trial):
    codes = {}
    for kind in ("a target too long", "fields too large", "an unknown transfer coding",
                 "another version", "nothing there", "another method", "another media type",
                 "an unknown content coding", "a body too large", "an unknown parameter",
                 "a slow head", "a corrupt body", "an unknown expectation"):
        code = trial.ask(*KINDS[kind]).json()["code"]
        trial.check(code not in codes, f"{kind} and {codes.get(code)} are both {code!r}")
        codes[code] = kind


@suite.case("a limit is named in the detail of what passed it")
def _(trial):
    for kind, number in [("a target too long", "8192"), ("fields too large", "65536"),
                         ("too many fields", "100"), ("a body too large", "65536")]:
        detail = trial.ask(*KINDS[kind]).json()["detail"]
        trial.check(number in detail.replace(",", ""), f"no {number} in {detail!r}")


@suite.case("a problem is JSON even with odd bytes in the request")
def _(trial):
    for target in ("/%22%5C%0A%00", "/\"quote\"", "/%ff%fe%80", "/<script>", "/{}[]|^`"):
        trial.ask(request(target), 400, 404)


@suite.case("a problem echoes no markup as anything but JSON")
def _(trial):
    answer = trial.ask(request("/%3Cscript%3Ealert(1)%3C/script%3E"), 400, 404)
    trial.equal(answer.get("Content-Type"), "application/problem+json", "Content-Type")


@suite.case("a problem to a target of 8 KiB stays small")
def _(trial):
    answer = trial.ask(request("/" + "a" * 8000), 404)
    trial.check(len(answer.body) < 20_000, f"the problem has {len(answer.body)} bytes")


@suite.case("HEAD gets a problem's fields and no body")
def _(trial):
    client = trial.connect().send(request("/nothing", method="HEAD") + request())
    client.expect(404, head=True)
    client.expect(200)


@suite.case("a bad request is told so even when it says HEAD")
def _(trial):
    client = trial.connect().send(b"HEAD /healthz HTTP/1.1\r\n\r\n")
    client.expect(400, head=True)
    client.expect_end()


# Request-Id

def echoed(trial, identifier):
    answer = trial.ask(request("/healthz", f"Request-Id: {identifier}"), 200)
    trial.equal(answer.get("Request-Id"), identifier, "Request-Id")


def replaced(trial, identifier):
    answer = trial.ask(request("/healthz", f"Request-Id: {identifier}"), 200)
    trial.check(answer.get("Request-Id") != identifier.strip(), "it was taken as it came")


suite.table(echoed, [
    ("a Request-Id of the caller comes back", "abc"),
    ("a Request-Id of one letter comes back", "a"),
    ("a Request-Id like a UUID comes back", "123e4567-e89b-12d3-a456-426614174000"),
    ("a Request-Id of 128 letters comes back", "r" * 128),
    ("a Request-Id with dots, dashes and underscores comes back", "a.b-c_d~e"),
])
suite.table(replaced, [
    ("a Request-Id of 129 letters is replaced", "r" * 129),
    ("a Request-Id of 10,000 letters is replaced", "r" * 10_000),
    ("a Request-Id with a space is replaced", "a b"),
    ("a Request-Id with a tab is replaced", "a\tb"),
    ("a Request-Id in quotes is replaced", '"a"'),
    ("a Request-Id with markup is replaced", "<script>"),
    ("a Request-Id with a byte above 127 is replaced", "caf\xe9"),
    ("an empty Request-Id is replaced", ""),
])


@suite.case("a Request-Id given twice comes back as one sane one")
def _(trial):
    answer = trial.ask(request("/healthz", "Request-Id: a", "Request-Id: b"), 200, 400)
    trial.equal(len(answer.all("Request-Id")), 1, "how many Request-Ids came")


@suite.case("Request-Ids of the server's own never repeat")
def _(trial):
    client = trial.connect()
    seen = {client.send(request()).expect(200).get("Request-Id") for _ in range(200)}
    others = {trial.ask(request()).get("Request-Id") for _ in range(50)}
    trial.equal(len(seen | others), 250, "how many different Request-Ids came")


@suite.case("a problem repeats the caller's Request-Id")
def _(trial):
    answer = trial.ask(request("/nothing", "Request-Id: mine-1"), 404)
    trial.equal(answer.json()["request_id"], "mine-1", "request_id")


@suite.case("a 405 to chunks repeats the caller's Request-Id")
def _(trial):
    data = request("/healthz", "Request-Id: mine-2", "Transfer-Encoding: chunked", method="PUT")
    answer = trial.ask(data + chunked(b"hello"), 405)
    trial.equal(answer.json()["request_id"], "mine-2", "request_id")


@suite.case("a refused upload repeats the caller's Request-Id")
def _(trial):
    answer = trial.ask(request("/healthz", "Request-Id: mine-3", "Content-Length: 70000"), 413)
    trial.equal(answer.json()["request_id"], "mine-3", "request_id")


@suite.case("Request-Id's name is read in any case")
def _(trial):
    answer = trial.ask(request("/healthz", "REQUEST-ID: mine-4"), 200)
    trial.equal(answer.get("Request-Id"), "mine-4", "Request-Id")
