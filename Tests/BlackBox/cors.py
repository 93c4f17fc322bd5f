"""Browsers of other origins: refused by saying nothing, unless a setting names them."""

from harness import Suite, request

suite = Suite("cors", cors_origins="https://app.example")
FRIEND = "Origin: https://app.example"
STRANGER = "Origin: https://evil.example"


def cors_fields(answer):
    return [name for name, _ in answer.fields if name.lower().startswith("access-control-")]


def preflight(*lines, target="/v1/limits"):
    return request(target, *lines, "Access-Control-Request-Method: GET", method="OPTIONS")


@suite.case("off by default: no CORS field, whoever asks")
def _(trial):
    server = trial.start(cors_origins=None)
    for data in (request("/v1/limits", FRIEND), preflight(FRIEND), request("/nothing", FRIEND)):
        trial.equal(cors_fields(trial.ask(data, server=server)), [], "CORS fields")


@suite.case("an origin that is named may read")
def _(trial):
    answer = trial.ask(request("/v1/limits", FRIEND), 200)
    trial.equal(answer.get("Access-Control-Allow-Origin"), "https://app.example", "the origin")
    trial.check("origin" in answer.tokens("Vary"), "no Vary: Origin")


@suite.case("an origin that is named may read errors, too")
def _(trial):
    for data in (request("/nothing", FRIEND), request("/healthz?x=1", FRIEND)):
        answer = trial.ask(data, 404, 400)
        trial.equal(answer.get("Access-Control-Allow-Origin"), "https://app.example", "the origin")


@suite.case("an origin that is named may ask before")
def _(trial):
    answer = trial.ask(preflight(FRIEND, "Access-Control-Request-Headers: x-one, x-two"), 204, 200)
    trial.equal(answer.get("Access-Control-Allow-Origin"), "https://app.example", "the origin")
    trial.check("get" in answer.tokens("Access-Control-Allow-Methods"), "GET is not allowed")


@suite.case("a stranger is told nothing")
def _(trial):
    for data in (request("/v1/limits", STRANGER), preflight(STRANGER)):
        answer = trial.ask(data)
        trial.equal(answer.get("Access-Control-Allow-Origin"), None, "the origin")
    trial.check("origin" in trial.ask(request("/v1/limits", STRANGER)).tokens("Vary"),
                "no Vary: Origin, so a cache would give the stranger's answer to a friend")


def stranger(trial, origin):
    answer = trial.ask(request("/v1/limits", f"Origin: {origin}"))
    trial.equal(answer.get("Access-Control-Allow-Origin"), None, "the origin")


suite.table(stranger, [
    ("an origin that begins like a friend's", "https://app.example.evil.example"),
    ("an origin that ends like a friend's", "https://evil-app.example"),
    ("a friend's name with another scheme", "http://app.example"),
    ("a friend's name with a port", "https://app.example:8443"),
    ("null as an origin", "null"),
    ("a list of origins", "https://app.example https://evil.example"),
])


@suite.case("no Origin, no CORS field")
def _(trial):
    trial.equal(cors_fields(trial.ask(request("/v1/limits"), 200)), [], "CORS fields")


@suite.case("a list of origins: each is one of them")
def _(trial):
    server = trial.start(cors_origins="https://one.example,https://two.example")
    for origin in ("https://one.example", "https://two.example"):
        answer = trial.ask(request("/v1/limits", f"Origin: {origin}"), 200, server=server)
        trial.equal(answer.get("Access-Control-Allow-Origin"), origin, "the origin")
