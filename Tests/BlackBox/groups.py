"""Groups: made, shown, changed, listed and deleted, with every setting and every refusal."""

import json
import re
import signal

from harness import Suite, request

suite = Suite("groups", partitions=4)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DEFAULTS = {
    "start": "earliest", "lease": "30s", "max_attempts": 16,
    "backoff": ["1s", "5s", "30s", "2m", "10m"], "dead_letter_topic": None, "ordering": "none",
    "on_dead": "skip", "expired": "drop", "max_in_flight": None, "max_in_flight_per_consumer": None,
    "filter": None, "rate": None, "ttl": None,
}


def put(name, settings=None):
    if settings is None:
        return request(f"/v1/groups/{name}", method="PUT")
    body = settings if isinstance(settings, bytes) else json.dumps(settings).encode()
    return request(f"/v1/groups/{name}", "Content-Type: application/json", method="PUT", body=body)


def get(name):
    return request(f"/v1/groups/{name}")


def delete(name):
    return request(f"/v1/groups/{name}", method="DELETE")


def settings_of(group):
    return {name: group[name] for name in DEFAULTS}


def faults(answer):
    return [fault["place"] for fault in answer.json().get("errors", [])]


def problem(trial, data, status, code, *places):
    answer = trial.ask(data, status)
    trial.equal(answer.json()["code"], code, "the code")
    trial.equal(answer.json()["outcome"], "none", "the outcome")
    if places:
        trial.equal(faults(answer), list(places), "the places in errors[]")
    return answer


# Making

@suite.case("a group is made with the defaults, and shown")
def _(trial):
    made = trial.ask(put("plain"), 201).json()
    trial.equal(made["group"], "plain", "the name")
    trial.equal(settings_of(made), DEFAULTS, "the settings")
    trial.equal(made["topics"], [], "the topics it works on")
    trial.check(TIME.fullmatch(made["created_at"]), f"created_at is {made['created_at']!r}")
    trial.equal(trial.ask(get("plain"), 200).json(), made, "what GET shows")


@suite.case("making it again is 200 and changes nothing")
def _(trial):
    made = trial.ask(put("again", {"lease": "5s", "rate": 7}), 201).json()
    trial.equal(trial.ask(put("again"), 200).json(), made, "the second answer")
    trial.equal(trial.ask(put("again", {}), 200).json(), made, "the third answer")


@suite.case("a change leaves what it does not name, and null takes bounds away")
def _(trial):
    trial.ask(put("changes", {"rate": 7, "filter": 'a = "1"', "max_in_flight": 5}), 201)
    changed = trial.ask(put("changes", {"rate": None, "max_attempts": 2}), 200).json()
    wanted = {**DEFAULTS, "filter": 'a = "1"', "max_in_flight": 5, "max_attempts": 2}
    trial.equal(settings_of(changed), wanted, "the settings")
    body = {"filter": None, "ttl": None, "max_in_flight": None}
    changed = trial.ask(put("changes", body), 200).json()
    trial.equal(settings_of(changed), {**DEFAULTS, "max_attempts": 2}, "the settings")


def takes(trial, name, value, shown):
    made = trial.ask(put(f"takes-{abs(hash((name, str(value))))}", {name: value}), 201).json()
    trial.equal(settings_of(made), {**DEFAULTS, name: shown}, "the settings")


suite.table(takes, [
    (f"{name} {json.dumps(value)} is taken", name, value, shown) for name, value, shown in [
        ("start", "earliest", "earliest"), ("start", "latest", "latest"),
        ("start", "2026-11-21T09:17:46Z", "2026-11-21T09:17:46.000Z"),
        ("lease", "100ms", "100ms"), ("lease", 90, "90s"), ("lease", "12h", "12h"),
        ("max_attempts", 1, 1), ("max_attempts", 1000, 1000),
        ("backoff", [], []), ("backoff", ["1s", 2, "0s", "7d"], ["1s", "2s", "0s", "7d"]),
        ("backoff", [1] * 32, ["1s"] * 32),
        ("dead_letter_topic", None, None), ("dead_letter_topic", "orders.dead", "orders.dead"),
        ("ordering", "none", "none"), ("ordering", "key", "key"),
        ("ordering", "partition", "partition"),
        ("on_dead", "skip", "skip"), ("on_dead", "block", "block"),
        ("expired", "drop", "drop"), ("expired", "dead_letter", "dead_letter"),
        ("max_in_flight", 1, 1), ("max_in_flight", 1000000, 1000000), ("max_in_flight", None, None),
        ("max_in_flight_per_consumer", 3, 3), ("max_in_flight_per_consumer", None, None),
        ("filter", 'region = "eu" and exists(a)', 'region = "eu" and exists(a)'),
        ("filter", "", None), ("filter", None, None),
        ("rate", 1, 1), ("rate", 1000000, 1000000), ("rate", None, None),
        ("ttl", None, None), ("ttl", "1h", "1h"), ("ttl", 90, "90s"), ("ttl", "30d", "30d"),
    ]])


def refuses(trial, name, value):
    problem(trial, put("refused", {name: value}), 422, "invalid_body", f"/{name}")
    trial.ask(get("refused"), 404)


suite.table(refuses, [
    (f"{name} {json.dumps(value)} is refused", name, value) for name, values in {
        "start": ["", "now", 5, None, "AQEE", [], "2026-13-01T00:00:00Z"],
        "lease": ["99ms", 0, "13h", -1, None, "soon", True],
        "max_attempts": [0, 1001, -1, 1.5, "4", None],
        "backoff": ["1s", None, [1] * 33, {}],
        "dead_letter_topic": ["", "_dead", 5, []],
        "ordering": ["keys", "", None, 1], "on_dead": ["stop", None], "expired": ["keep", None],
        "max_in_flight": [0, 1000001, "5", -1], "max_in_flight_per_consumer": [0, 1000001, []],
        "rate": [0, -1, 1000001, 0.5, "10"],
        "ttl": ["999ms", 0, "31d", "soon", -1, True],
    }.items() for value in values])


@suite.case("a wrong pause of a list is named by its place")
def _(trial):
    body = {"backoff": ["1s", "x", 5, None]}
    problem(trial, put("pauses", body), 422, "invalid_body", "/backoff/1", "/backoff/3")


@suite.case("a filter that cannot be read is told at its character")
def _(trial):
    answer = problem(trial, put("filters", {"filter": 'ré = "x" und'}), 422, "invalid_body", "/filter")
    detail = answer.json()["errors"][0]["detail"]
    trial.check(detail.startswith("at character "), f"the detail is {detail!r}")


@suite.case("every mistake of a body is named, and unknown members all of them")
def _(trial):
    body = {"lease": 0, "ordering": "x", "rate": 0}
    problem(trial, put("mistakes", body), 422, "invalid_body", "/lease", "/ordering", "/rate")
    body = {"leases": 1, "lease": 2, "colour": "red"}
    problem(trial, put("mistakes", body), 400, "unknown_field", "/leases", "/colour")


def not_a_body(trial, body, status, code):
    problem(trial, put("body", body), status, code)


suite.table(not_a_body, [
    ("no JSON", b"lease=4", 400, "invalid_json"),
    ("half a body", b'{"backoff":[', 400, "invalid_json"),
    ("something behind the body", b'{"rate":4} x', 400, "invalid_json"),
    ("an array as a body", b"[]", 422, "invalid_body"),
    ("a member twice", b'{"rate":1,"rate":2}', 422, "invalid_body"),
    ("bytes that are no UTF-8", b'{"filter":"\xff"}', 400, "invalid_json"),
    ("sixty-five levels", b'{"backoff":' + b"[" * 65 + b"]" * 65 + b"}", 400, "invalid_json"),
    ("too many values", b'{"backoff":[' + b"1," * 9000 + b"1]}", 422, "invalid_body"),
    ("too many values in many lists", b'{"backoff":[' + b"[1]," * 9000 + b"1]}", 422, "invalid_body"),
])


# Names

def bad_name(trial, target):
    for data in [put(target), get(target), delete(target)]:
        problem(trial, data, 400, "invalid_group_name")


suite.table(bad_name, [
    ("a name with a space", "a%20b"), ("a name of the system", "_dlq"), ("a name with a dot first", ".a"),
    ("a slash in a name", "a%2Fb"), ("a name of 201 letters", "x" * 201), ("a name in Greek", "%CE%B1"),
])


# Listing and deleting

@suite.case("groups are listed page by page, in the order of their names")
def _(trial):
    names = [f"list-{number:02}" for number in range(12)]
    for name in reversed(names):
        trial.ask(put(name), 201)
    page = trial.ask(request("/v1/groups?after=list-&limit=5"), 200).json()
    trial.equal([one["group"] for one in page["groups"]], names[:5], "the first page")
    trial.equal(page["next"], names[4], "the next page")
    page = trial.ask(request(f"/v1/groups?after={names[4]}&limit=7"), 200).json()
    trial.equal([one["group"] for one in page["groups"]], names[5:], "the second page")


def bad_limit(trial, limit):
    problem(trial, request(f"/v1/groups?limit={limit}"), 400, "invalid_parameter", "limit")


suite.table(bad_limit, [(f"a page of {limit!r}", limit) for limit in ["0", "1001", "x", "-1", ""]])


@suite.case("a group is deleted once, and made anew it is another")
def _(trial):
    trial.ask(put("gone", {"rate": 5}), 201)
    trial.ask(delete("gone"), 204)
    problem(trial, delete("gone"), 404, "no_such_group")
    problem(trial, get("gone"), 404, "no_such_group")
    made = trial.ask(put("gone"), 201).json()
    trial.equal(made["rate"], None, "the rate")


@suite.case("methods that a path does not have are told")
def _(trial):
    answer = trial.ask(request("/v1/groups/x", method="POST", body=b""), 405)
    trial.equal(answer.get("Allow"), "PUT, GET, HEAD, DELETE, OPTIONS", "Allow of a group")
    answer = trial.ask(request("/v1/groups", method="DELETE"), 405)
    trial.equal(answer.get("Allow"), "GET, HEAD, OPTIONS", "Allow of the list")


@suite.case("groups outlive kill -9, with all that they are set to", slow=True)
def _(trial):
    data = trial.server.directory + "/kept"
    first = trial.start(data=data)
    settings = {"lease": "7s", "filter": 'a = "b"', "backoff": ["9s"], "start": "latest"}
    made = trial.ask(put("kept", settings), 201, server=first).json()
    trial.ask(put("deleted"), 201, server=first)
    trial.ask(delete("deleted"), 204, server=first)
    first.signal(signal.SIGKILL)
    first.expect_exit(-signal.SIGKILL, within=10)
    second = trial.start(data=data)
    trial.equal(trial.ask(get("kept"), 200, server=second).json(), made, "the group")
    trial.ask(get("deleted"), 404, server=second)
