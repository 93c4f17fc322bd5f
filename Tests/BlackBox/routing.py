"""Paths, methods, queries and media types find their route, or the right refusal."""

from harness import Suite, request

suite = Suite("routing")
ROUTES = {
    "/healthz": "text/plain",
    "/readyz": "text/plain",
    "/metrics": "text/plain",
    "/v1/limits": "application/json",
    "/": "application/json",
}
OUTSIDE = b"root:"


def answered(trial, target, *statuses):
    answer = trial.ask(request(target), *statuses)
    trial.check(OUTSIDE not in answer.body, "a file of the machine came back")


# Routes

def route(trial, path, media_type):
    client = trial.connect()
    full = client.send(request(path)).expect(200)
    trial.equal(full.get("Content-Type").split(";")[0], media_type, "Content-Type")
    trial.check(full.body, "the body is empty")
    head = client.send(request(path, method="HEAD")).expect(200, head=True)
    told = {name for name, _ in full.fields} - {"Transfer-Encoding"}
    trial.equal({name for name, _ in head.fields} - {"Transfer-Encoding"}, told, "HEAD's fields")
    trial.equal(head.get("Content-Type"), full.get("Content-Type"), "HEAD's Content-Type")
    if path != "/metrics":
        trial.equal(head.get("Content-Length"), full.get("Content-Length"), "HEAD's length")
    client.send(request()).expect(200)


suite.table(route, [
    (f"GET and HEAD of {path} agree", path, media_type) for path, media_type in ROUTES.items()])


@suite.case("/ describes the service")
def _(trial):
    description = trial.ask(request("/"), 200).json()
    trial.check(isinstance(description, dict) and description, "no JSON object")
    trial.check("posthorn" in str(description).lower(), "it does not say what it is")


@suite.case("/v1/limits lists numbers")
def _(trial):
    limits = trial.ask(request("/v1/limits"), 200).json()
    text = str(limits)
    for number in ("8388608", "65536", "8192"):
        trial.check(number in text, f"no {number} in {text}")


@suite.case("/metrics is in Prometheus' text format")
def _(trial):
    answer = trial.ask(request("/metrics"), 200)
    trial.check("version=0.0.4" in answer.get("Content-Type"), answer.get("Content-Type"))


# Methods

def allowed(answer):
    """The methods of Allow that are not implied."""
    return sorted(set(answer.tokens("Allow")) - {"head", "options", "trace"})


def not_this_method(trial, path, method):
    client = trial.connect().send(request(path, method=method) + request())
    answer = client.expect(405)
    trial.equal(allowed(answer), ["get"], "Allow without what is implied")
    trial.check("head" in answer.tokens("Allow"), "HEAD is missing from Allow")
    client.expect(200)


METHODS = ["POST", "PUT", "DELETE", "PATCH", "QUERY", "TRACE", "PROPFIND", "INVENTED", "get", "G"]
suite.table(not_this_method, [
    *((f"{method} of /healthz is 405", "/healthz", method) for method in METHODS),
    *((f"POST of {path} is 405", path, "POST") for path in ROUTES if path != "/healthz"),
])


@suite.case("a method of a hundred letters is 405 like any other")
def _(trial):
    trial.ask(request(method="M" * 100), 405, 400, 501)


@suite.case("TRACE echoes nothing")
def _(trial):
    answer = trial.ask(request("/healthz", "X-Secret: 12345", method="TRACE"), 405)
    trial.check(b"12345" not in answer.body, "TRACE echoed a field")


@suite.case("CONNECT of a known path is no tunnel")
def _(trial):
    trial.ask(request(method="CONNECT"), 400, 405, 501)


def options(trial, path):
    answer = trial.ask(request(path, method="OPTIONS"), 204, 200)
    trial.equal(allowed(answer), ["get"], "Allow without what is implied")
    trial.equal(answer.body, b"", "the body")


suite.table(options, [(f"OPTIONS of {path} tells its methods", path) for path in ROUTES])


@suite.case("OPTIONS of an unknown path is 404")
def _(trial):
    trial.ask(request("/nothing", method="OPTIONS"), 404)


@suite.case("OPTIONS of the server itself")
def _(trial):
    client = trial.connect().send(request("*", method="OPTIONS") + request())
    trial.check(client.response().status in (200, 204), "not 2xx")
    client.expect(200)


@suite.case("an unknown path is 404 for every method")
def _(trial):
    client = trial.connect()
    for method in METHODS:
        client.send(request("/nothing", method=method)).expect(404)


@suite.case("HEAD of an unknown path is a 404 without a body")
def _(trial):
    client = trial.connect().send(request("/nothing", method="HEAD") + request())
    client.expect(404, head=True)
    client.expect(200)


# Paths

suite.table(answered, [
    ("nothing there", "/nothing", 404),
    ("nothing under /v1", "/v1/nothing", 404),
    ("/v1 itself", "/v1", 404),
    ("a slash too much at the end", "/healthz/", 404),
    ("a slash too much at the start", "//healthz", 404),
    ("another case", "/HEALTHZ", 404),
    ("a longer name", "/healthzz", 404),
    ("a shorter name", "/health", 404),
    ("a path below a known one", "/healthz/x", 404),
    ("an escaped letter is the letter", "/%68ealthz", 200),
    ("escapes in upper and lower case", "/%6c%6C", 404),
    ("an escaped slash is no separator", "/v1%2Flimits", 404),
    ("an escaped slash in lower case is no separator", "/v1%2flimits", 404),
    ("an escaped question mark begins no query", "/healthz%3Fx=1", 404),
    ("escapes are undone once only", "/%2568ealthz", 404),
    ("an escaped NUL", "/healthz%00", 400, 404),
    ("an escaped NUL alone", "/%00", 400, 404),
    ("an escaped line end", "/healthz%0d%0aX-Injected:%201", 400, 404),
    ("a percent sign alone", "/%", 400, 404),
    ("a percent sign at the end", "/healthz%", 400, 404),
    ("half an escape", "/healthz%2", 400, 404),
    ("an escape that is not hexadecimal", "/%zz", 400, 404),
    ("an escape with a sign", "/%+1", 400, 404),
    ("an escaped space", "/healthz%20", 404),
    ("bytes that are no UTF-8", "/%ff%fe", 400, 404),
    ("an overlong escape of a slash", "/v1%c0%aflimits", 400, 404),
    ("dot segments go nowhere", "/../../etc/passwd", 400, 404),
    ("dot segments are not resolved", "/v1/../healthz", 400, 404),
    ("a single dot is not resolved", "/./healthz", 400, 404),
    ("escaped dot segments go nowhere", "/%2e%2e/%2e%2e/etc/passwd", 400, 404),
    ("backslashes are no slashes", "/..\\..\\etc\\passwd", 400, 404),
    ("a file of the machine", "/etc/passwd", 404),
    ("a semicolon parameter", "/healthz;x=1", 404),
    ("a tilde, escaped or not, is the same nothing", "/%7Ex", 404),
    ("emoji, escaped", "/%F0%9F%93%AF", 404),
])


@suite.case("nothing of the path gets into the fields")
def _(trial):
    for target in ("/%0d%0aX-Injected:%201", "/healthz?a%0d%0aX-Injected:%201=1",
                   "/x%0aX-Injected:%201"):
        answer = trial.ask(request(target), 400, 404)
        trial.equal(answer.all("X-Injected"), [], "X-Injected")


# Absolute form

suite.table(answered, [
    ("absolute form", "http://test/healthz", 200),
    ("absolute form with a port", "http://test:8080/healthz", 200),
    ("absolute form with an IPv6 address", "http://[::1]:8080/healthz", 200),
    ("absolute form, the scheme in capitals", "HTTP://test/healthz", 200),
    ("absolute form without a path", "http://test", 200),
    ("absolute form of an unknown path", "http://test/nothing", 404),
    ("absolute form with a query", "http://test/healthz?x=1", 400),
    ("absolute form with a query and no path", "http://test?x=1", 400),
    ("absolute form, another authority than Host: it wins", "http://other/healthz", 200),
    ("absolute form with an empty authority", "http:///healthz", 400),
    ("absolute form with a user", "http://user:secret@test/healthz", 400),
    ("absolute form with a bad port", "http://test:x/healthz", 400),
    ("absolute form of another scheme", "ftp://test/healthz", 400, 404, 421),
    ("no scheme at all", "://test/healthz", 400),
])


@suite.case("absolute form needs a Host in HTTP/1.1 like any other")
def _(trial):
    trial.ask(request("http://test/healthz", host=None), 400)


@suite.case("absolute form in HTTP/1.0 without a Host")
def _(trial):
    trial.ask(request("http://test/healthz", host=None, version="HTTP/1.0"), 200)


# Queries

@suite.case("an unknown query parameter is named")
def _(trial):
    answer = trial.ask(request("/v1/limits?frobnicate=1"), 400)
    trial.check("frobnicate" in str(answer.json().get("errors")), "errors[] does not name it")


@suite.case("every unknown query parameter is named")
def _(trial):
    errors = str(trial.ask(request("/v1/limits?one=1&two&three=")).json().get("errors"))
    for name in ("one", "two", "three"):
        trial.check(name in errors, f"errors[] does not name {name}: {errors}")


@suite.case("an escaped query parameter is named as it is meant")
def _(trial):
    errors = str(trial.ask(request("/v1/limits?fr%6fb=1"), 400).json().get("errors"))
    trial.check("frob" in errors, f"errors[] is {errors}")


suite.table(answered, [
    *((f"an unknown query parameter of {path}", f"{path}?x=1", 400) for path in ROUTES),
    ("an empty query", "/healthz?", 200),
    ("a query of question marks", "/healthz???", 400),
    ("a bad escape in a query", "/healthz?%zz=1", 400),
    ("half an escape in a query", "/healthz?x=%2", 400),
    ("an escaped NUL in a query", "/healthz?%00=1", 400),
    ("bytes that are no UTF-8 in a query", "/healthz?%ff=1", 400),
    ("a thousand query parameters", "/healthz?" + "&".join(f"a{n}" for n in range(1000)), 400),
    ("markup in a query", "/healthz?%3Cscript%3E=1", 400),
    ("an unknown path wins over an unknown parameter", "/nothing?x=1", 404),
])


# Accept

def accepted(trial, path, accept, status):
    trial.ask(request(path, f"Accept: {accept}"), status)


suite.table(accepted, [
    ("anything is accepted", "/v1/limits", "*/*", 200),
    ("JSON is accepted", "/v1/limits", "application/json", 200),
    ("JSON is accepted in any case", "/v1/limits", "Application/JSON", 200),
    ("JSON is accepted with a charset", "/v1/limits", "application/json; charset=utf-8", 200),
    ("any application type is accepted", "/v1/limits", "application/*", 200),
    ("an empty Accept is no wish", "/v1/limits", "", 200),
    ("what browsers send is accepted", "/v1/limits",
     "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
    ("what Prometheus sends is accepted", "/metrics",
     "application/openmetrics-text;version=1.0.0;q=0.5,"
     "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     200),
    ("plain text is accepted", "/healthz", "text/plain", 200),
    ("JSON first and anything else next is accepted", "/healthz", "application/json, */*", 200),
    ("HTML cannot be had of the limits", "/v1/limits", "text/html", 406),
    ("JSON cannot be had of the health", "/healthz", "application/json", 406),
    ("a picture cannot be had of the description", "/", "image/*", 406),
    ("JSON with no weight is not wanted", "/v1/limits", "application/json;q=0", 406),
    ("JSON with no weight but anything else", "/v1/limits", "application/json;q=0, */*", 406),
    ("nothing at all is wanted", "/v1/limits", "*/*;q=0", 406),
    ("a type that begins like JSON", "/v1/limits", "application/jsonx", 406),
    ("the most precise wish counts", "/v1/limits", "application/*;q=0, application/json", 200),
])


@suite.case("a 404 is answered whatever the client accepts")
def _(trial):
    trial.ask(request("/nothing", "Accept: image/png"), 404)


@suite.case("a HEAD that cannot be met is a 406 without a body")
def _(trial):
    client = trial.connect()
    client.send(request("/v1/limits", "Accept: image/png", method="HEAD") + request())
    client.expect(406, head=True)
    client.expect(200)


@suite.case("two Accept fields are one list")
def _(trial):
    trial.ask(request("/v1/limits", "Accept: text/html", "Accept: application/json"), 200)
