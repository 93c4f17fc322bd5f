"""Topics: made, shown, changed, listed and deleted, with every setting and every refusal."""

import json
import re
import signal

from harness import Suite, request

suite = Suite("topics", partitions=4)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DEFAULTS = {
    "partitions": 4, "retention": "7d", "retention_bytes": None, "max_message_bytes": 1048576,
    "durability": "replicated", "compression": "auto", "dedup_window": "15m", "max_backlog": None,
}


def put(name, settings=None):
    if settings is None:
        return request(f"/v1/topics/{name}", method="PUT")
    body = settings if isinstance(settings, bytes) else json.dumps(settings).encode()
    return request(f"/v1/topics/{name}", "Content-Type: application/json", method="PUT", body=body)


def delete(name, query=None):
    query = f"?confirm={name}" if query is None else query
    return request(f"/v1/topics/{name}{query}", method="DELETE")


def settings_of(topic):
    return {name: topic[name] for name in DEFAULTS}


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

@suite.case("a topic is made with the defaults, and shown")
def _(trial):
    made = trial.ask(put("plain"), 201).json()
    trial.equal(made["topic"], "plain", "the name")
    trial.equal(settings_of(made), DEFAULTS, "the settings")
    trial.check(TIME.fullmatch(made["created_at"]), f"created_at is {made['created_at']!r}")
    trial.equal(trial.ask(request("/v1/topics/plain"), 200).json(), made, "what GET shows")
    empty = [{**one, "shard": 0} for one in made["partition_list"]]
    wanted = [
        {"partition": n, "shard": 0, "start": 0, "end": 0, "bytes": 0, "pinned_bytes": 0, "held": 0}
        for n in range(4)]
    trial.equal(empty, wanted, "the partitions")
    trial.equal(len({one["shard"] for one in made["partition_list"]}), 2, "shards that are used")


@suite.case("making it again is 200 and changes nothing")
def _(trial):
    made = trial.ask(put("again", {"partitions": 2, "retention": "1h"}), 201).json()
    trial.equal(trial.ask(put("again"), 200).json(), made, "the second answer")
    trial.equal(trial.ask(put("again", {}), 200).json(), made, "the third answer")


def takes(trial, name, value, shown):
    topic = f"takes-{name}-{value}"
    made = trial.ask(put(topic, {name: value}), 201).json()
    trial.equal(settings_of(made), {**DEFAULTS, name: shown}, "the settings")


suite.table(takes, [
    (f"{name} {json.dumps(value)} is taken", name, value, shown) for name, value, shown in [
        ("partitions", 1, 1), ("partitions", 256, 256),
        ("retention", "1s", "1s"), ("retention", 90, "90s"), ("retention", "36500d", "36500d"),
        ("retention", None, None), ("retention", "2h", "2h"),
        ("retention_bytes", "10GiB", 10 << 30), ("retention_bytes", 1, 1),
        ("retention_bytes", None, None), ("retention_bytes", "5kB", 5000),
        ("max_message_bytes", 1, 1), ("max_message_bytes", "8MiB", 8 << 20),
        ("durability", "flushed", "flushed"), ("durability", "buffered", "buffered"),
        ("compression", "none", "none"), ("compression", "deflate", "deflate"),
        ("dedup_window", 0, "0s"), ("dedup_window", "1d", "1d"),
        ("max_backlog", "1MiB", 1 << 20), ("max_backlog", None, None),
    ]])


def refuses(trial, name, value):
    problem(trial, put("refused", {name: value}), 422, "invalid_body", f"/{name}")
    trial.ask(request("/v1/topics/refused"), 404)


suite.table(refuses, [
    (f"{name} {json.dumps(value)} is refused", name, value) for name, values in {
        "partitions": [0, 257, -1, 1.5, "4", None, True, [4], {}, 1 << 70],
        "retention": ["0s", "999ms", "36501d", 0, -1, "week", 1.5, "", True],
        "retention_bytes": [0, -1, "big", "1.5MiB", 1 << 61, False],
        "max_message_bytes": [0, "8388609", None, "9MiB", []],
        "durability": ["safe", "", "FLUSHED", 1, None],
        "compression": ["gzip", "", 0, None],
        "dedup_window": ["25h", -1, None, "soon"],
        "max_backlog": [0, -5, "x", {}],
    }.items() for value in values])


@suite.case("every mistake of a body is named")
def _(trial):
    body = {"partitions": 0, "durability": "x", "retention": "x"}
    problem(trial, put("mistakes", body), 422, "invalid_body",
            "/partitions", "/durability", "/retention")


@suite.case("unknown members are named, all of them")
def _(trial):
    problem(trial, put("unknown", {"partition": 1, "partitions": 2, "colour": "red"}),
            400, "unknown_field", "/partition", "/colour")


def not_a_body(trial, body, status, code):
    problem(trial, put("body", body), status, code)


suite.table(not_a_body, [
    ("no JSON", b"partitions=4", 400, "invalid_json"),
    ("half a body", b'{"partitions":', 400, "invalid_json"),
    ("something behind the body", b'{"partitions":4} x', 400, "invalid_json"),
    ("an array as a body", b"[]", 422, "invalid_body"),
    ("a number as a body", b"4", 422, "invalid_body"),
    ("a member twice", b'{"partitions":1,"partitions":2}', 422, "invalid_body"),
    ("bytes that are no UTF-8", b'{"durability":"\xff"}', 400, "invalid_json"),
    ("sixty-five levels", b'{"partitions":' + b"[" * 65 + b"]" * 65 + b"}", 400, "invalid_json"),
])


@suite.case("an empty body asks for the defaults, and another type is 415")
def _(trial):
    trial.ask(put("empty-body", b""), 201)
    data = request("/v1/topics/other", "Content-Type: text/plain", method="PUT", body=b"{}")
    trial.equal(trial.ask(data, 415).json()["code"], "unsupported_media_type", "the code")


# Names

def good_name(trial, target, name):
    trial.equal(trial.ask(put(target), 201).json()["topic"], name, "the name")
    shown = trial.ask(request(f"/v1/topics/{target}"), 200).json()
    trial.equal(shown["topic"], name, "the name that is shown")


suite.table(good_name, [
    ("a name of one letter", "q", "q"),
    ("a name of 200 characters", "n" * 200, "n" * 200),
    ("a name with everything", "Az09._-", "Az09._-"),
    ("a name that begins with a dash", "-x", "-x"),
    ("a name of digits", "0815", "0815"),
    ("an escaped name is the name", "esc%61ped", "escaped"),
    ("names have a case", "Case", "Case"),
])


def bad_name(trial, target):
    client = trial.connect()
    for data in (put(target), request(f"/v1/topics/{target}"), delete(target),
                 request(f"/v1/topics/{target}/messages", method="POST", body=b"x")):
        answer = client.send(data).expect(400)
        trial.equal(answer.json()["code"], "invalid_topic_name", "the code")


suite.table(bad_name, [
    ("a name of 201 characters", "n" * 201),
    ("a name that begins with a dot", ".x"),
    ("a name that begins with an underscore", "_x"),
    ("a name with a space", "a%20b"),
    ("a name with a slash", "a%2Fb"),
    ("a name with a colon", "a:b"),
    ("a name with an umlaut", "%C3%BC"),
    ("a name with a line end", "a%0Ab"),
    ("a name with a plus", "a+b"),
])


# Growing

@suite.case("partitions grow, keep what they have, and never shrink")
def _(trial):
    trial.ask(put("growing", {"partitions": 2}), 201)
    for partition in (0, 1):
        trial.ask(request(f"/v1/topics/growing/messages?partition={partition}",
                          method="POST", body=b"x"), 201)
    grown = trial.ask(put("growing", {"partitions": 5}), 200).json()
    trial.equal(grown["partitions"], 5, "the count")
    ends = [one["end"] for one in grown["partition_list"]]
    trial.equal(ends, [1, 1, 0, 0, 0], "the ends")
    answer = trial.ask(
        request("/v1/topics/growing/messages?partition=4", method="POST", body=b"x"), 201).json()
    trial.equal(answer["id"], "4-0", "the id in a partition that is new")
    problem(trial, put("growing", {"partitions": 4}), 409, "fewer_partitions")
    trial.equal(trial.ask(request("/v1/topics/growing"), 200).json()["partitions"], 5, "the count")


@suite.case("one setting changes, and the others stay")
def _(trial):
    trial.ask(put("changing", {"retention": "1h", "durability": "flushed"}), 201)
    trial.ask(put("changing", {"durability": "buffered"}), 200)
    shown = trial.ask(request("/v1/topics/changing"), 200).json()
    trial.equal(settings_of(shown), {**DEFAULTS, "retention": "1h", "durability": "buffered"},
                "the settings")


@suite.case("a smaller message limit holds for the next message")
def _(trial):
    trial.ask(put("narrow", {"max_message_bytes": 10}), 201)
    data = request("/v1/topics/narrow/messages", method="POST", body=b"0123456789")
    trial.ask(data, 201)
    data = request("/v1/topics/narrow/messages", method="POST", body=b"0123456789a")
    problem(trial, data, 413, "message_too_large")
    trial.ask(put("narrow", {"max_message_bytes": 11}), 200)
    trial.until(lambda: trial.ask(data).status == 201, "the larger limit does not hold")


# Deleting

@suite.case("deleting takes the name twice")
def _(trial):
    trial.ask(put("kept"), 201)
    problem(trial, delete("kept", ""), 400, "confirmation_required", "confirm")
    problem(trial, delete("kept", "?confirm="), 409, "confirmation_required", "confirm")
    problem(trial, delete("kept", "?confirm=Kept"), 409, "confirmation_required", "confirm")
    trial.ask(request("/v1/topics/kept"), 200)
    gone = trial.ask(delete("kept"), 204)
    trial.equal(gone.body, b"", "the body")
    problem(trial, delete("kept"), 404, "no_such_topic")
    trial.until(lambda: trial.ask(request("/v1/topics/kept")).status == 404, "it is still shown")


@suite.case("a topic that is made again begins anew")
def _(trial):
    trial.ask(put("phoenix", {"partitions": 1}), 201)
    publish = request("/v1/topics/phoenix/messages", method="POST", body=b"x")
    for offset in range(3):
        trial.equal(trial.ask(publish, 201).json()["offset"], offset, "the offset")
    trial.ask(delete("phoenix"), 204)
    made = trial.ask(put("phoenix", {"partitions": 1}), 201).json()
    trial.equal(made["partition_list"][0]["end"], 0, "the end")
    for offset in range(3):
        trial.equal(trial.ask(publish, 201).json()["offset"], offset, "the offset")


@suite.case("what is not there is 404, whatever is asked of it")
def _(trial):
    problem(trial, request("/v1/topics/nobody"), 404, "no_such_topic")
    problem(trial, delete("nobody"), 404, "no_such_topic")


# Listing

@suite.case("the list has every topic once, in order, on pages of any size")
def _(trial):
    server = trial.start()
    names = sorted([f"list-{n}" for n in range(23)] + ["A", "a", "a.b", "a-b", "list"])
    for name in reversed(names):
        trial.ask(put(name, {"partitions": 1}), 201, server=server)
    trial.until(lambda: len(listed(trial, server, 1000)) == len(names), "one is never listed")
    for limit in (1, 2, 7, 28, 29, 1000):
        trial.until(lambda: listed(trial, server, limit) == names, f"pages of {limit} are wrong")
    first = trial.ask(request("/v1/topics"), 200, server=server).json()
    trial.equal(set(first), {"topics"}, "the members of a last page")
    shown = {name: value for name, value in first["topics"][0].items() if name in DEFAULTS}
    trial.equal(shown, {**DEFAULTS, "partitions": 1}, "a topic in the list")


def listed(trial, server, limit):
    names, after = [], ""
    while True:
        page = trial.ask(request(f"/v1/topics?limit={limit}{after}"), 200, server=server).json()
        found = [topic["topic"] for topic in page["topics"]]
        trial.check(len(found) <= limit, f"{len(found)} on a page of {limit}")
        names += found
        if "next" not in page:
            return names
        trial.equal(page["next"], found[-1], "next")
        after = f"&after={page['next']}"


def bad_limit(trial, limit):
    problem(trial, request(f"/v1/topics?limit={limit}"), 400, "invalid_parameter", "limit")


suite.table(bad_limit, [
    (f"a limit of {limit!r} is refused", limit)
    for limit in ("0", "1001", "-1", "x", "", "1.5", "99999999999999999999", "0x10")])


@suite.case("a page behind a name that is not there")
def _(trial):
    trial.equal(trial.ask(request("/v1/topics?after=~~~"), 200).json(), {"topics": []}, "the page")


@suite.case("unknown parameters are named everywhere")
def _(trial):
    for data in (request("/v1/topics?page=1"), request("/v1/topics/x?confirm=x"),
                 request("/v1/topics/x?force=1", method="PUT"), delete("x", "?confirm=x&force=1")):
        trial.equal(trial.ask(data, 400).json()["code"], "unknown_parameter", "the code")


@suite.case("a parameter that is given twice is refused")
def _(trial):
    problem(trial, delete("x", "?confirm=x&confirm=x"), 400, "repeated_parameter", "confirm")


def methods(trial, target, allow):
    answer = trial.ask(request(target, method="PATCH"), 405)
    trial.equal(sorted(set(answer.tokens("Allow")) - {"head", "options"}), allow, "Allow")


suite.table(methods, [
    ("PATCH of the list", "/v1/topics", ["get"]),
    ("PATCH of a topic", "/v1/topics/x", ["delete", "get", "put"]),
    ("PATCH of its messages", "/v1/topics/x/messages", ["get", "post"]),
    ("PATCH of its batches", "/v1/topics/x/batches", ["post"]),
])


@suite.case("topics and their settings are there after a restart", slow=True)
def _(trial):
    data = trial.server.directory + "/kept"
    first = trial.start(data=data)
    made = trial.ask(put("kept", {"partitions": 3, "retention": "2h"}), 201, server=first).json()
    trial.ask(put("gone"), 201, server=first)
    trial.ask(delete("gone"), 204, server=first)
    first.signal(signal.SIGINT)
    first.expect_exit(0, within=10)
    second = trial.start(data=data)
    trial.equal(trial.ask(request("/v1/topics/kept"), 200, server=second).json(), made, "the topic")
    trial.ask(request("/v1/topics/gone"), 404, server=second)
