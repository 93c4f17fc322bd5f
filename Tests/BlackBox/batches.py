"""Batches: four types of body, all or nothing, and what is told of each message."""

import base64
import json
import random
import re
import signal
import struct
import threading
import time
import zlib

from harness import Failed, Suite, request
from harness.server import run_once

suite = Suite("batches", partitions=4, shards=3)
MEBIBYTE = 1 << 20
JSON = "application/json"
LINES = "application/x-ndjson"
EVENTS = "application/cloudevents-batch+json"
FRAMES = "application/vnd.posthorn.batch"


def post(topic, body, *fields, kind=JSON, query=""):
    return request(f"/v1/topics/{topic}/batches{query}", f"Content-Type: {kind}", *fields,
                   method="POST", body=body)


def listed(*messages):
    return json.dumps({"messages": list(messages)}).encode()


def envelope(trial, told):
    data = request(
        f"/v1/topics/{told['topic']}/messages/{told['id']}", "Accept: application/json")
    shown = trial.ask(data, 200).json()
    if "value_base64" in shown:
        shown["value"] = base64.b64decode(shown.pop("value_base64"))
    else:
        shown["value"] = shown["value"].encode()
    return shown


def is_empty(trial, topic):
    """Nothing was stored, where there is a topic at all."""
    answer = trial.ask(request(f"/v1/topics/{topic}"), 200, 404)
    if answer.status == 200:
        ends = [one["end"] + one["held"] for one in answer.json()["partition_list"]]
        trial.equal(sum(ends), 0, "the count of messages")


def problem(trial, data, status, code, *places):
    answer = trial.ask(data, status).json()
    trial.equal((answer["code"], answer["outcome"]), (code, "none"), "code and outcome")
    if places:
        trial.equal([fault["place"] for fault in answer["errors"]], list(places), "the places")


# What is stored

def stored(trial, kind, body, *wanted):
    """Each message comes back with body, key, content type and attributes."""
    answer = trial.ask(post("stored", body, kind=kind), 201).json()
    trial.equal(set(answer), {"messages"}, "the members")
    trial.equal(len(answer["messages"]), len(wanted), "the count")
    for told, (value, key, content_type, attributes) in zip(answer["messages"], wanted):
        trial.equal(told["id"], f"{told['partition']}-{told['offset']}", "the id")
        shown = envelope(trial, told)
        found = (shown["value"], shown.get("key"), shown.get("content_type"), shown["attributes"])
        trial.equal(found, (value, key, content_type, attributes), "the message")


def frame(*fields, kind=1):
    content = b"".join(struct.pack("<BI", number, len(value)) + value for number, value in fields)
    return struct.pack("<IB", len(content) + 1, kind) + content


def attribute(name, value):
    return (4, struct.pack("<H", len(name)) + name + value)


EVENT = {"specversion": "1.0", "id": "7", "source": "/a", "type": "t"}
EVENT_ATTRIBUTES = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/a", "ce-type": "t"}

suite.table(stored, [
    ("a list of one", JSON, listed({"value": "x"}), (b"x", None, None, {})),
    ("a list of everything", JSON, listed(
        {"value": "ü\n\"", "key": "k", "content_type": "text/plain",
         "attributes": {"A": "1", "b": ""}},
        {"value_base64": base64.b64encode(bytes(range(256))).decode(), "ttl": "1h"},
        {"value": "", "key": None, "attributes": None, "delay": 0}),
     (b"\xc3\xbc\n\"", "k", "text/plain", {"A": "1", "b": ""}),
     (bytes(range(256)), None, None, {}), (b"", None, None, {})),
    ("base64 without padding", JSON, listed({"value_base64": "aGk"}), (b"hi", None, None, {})),
    ("an empty list", JSON, listed()),
    ("lines", LINES, b'{"a":1}\n[2]\n"three"',
     (b'{"a":1}', None, JSON, {}), (b"[2]", None, JSON, {}), (b'"three"', None, JSON, {})),
    ("lines with other ends, and with nothing", LINES, b'\n1\r\n\r\n  \n2\n',
     (b"1", None, JSON, {}), (b"2", None, JSON, {})),
    ("events with data of all kinds", EVENTS, json.dumps([
        {**EVENT, "data": {"a": [1]}}, {**EVENT, "data": "text", "datacontenttype": "text/plain"},
        {**EVENT, "data_base64": "AAE="}, {**EVENT, "subject": "s", "count": 3}]).encode(),
     (b'{"a": [1]}', None, JSON, EVENT_ATTRIBUTES),
     (b"text", None, "text/plain", EVENT_ATTRIBUTES),
     (b"\x00\x01", None, None, EVENT_ATTRIBUTES),
     (b"", None, None, {**EVENT_ATTRIBUTES, "ce-subject": "s", "ce-count": "3"})),
    ("frames", FRAMES,
     frame((2, b"k1"), (1, b"hello")) + frame() + frame(
         (1, b"\x00\xff"), (3, b"a/b"), attribute(b"n", b"v"), (6, struct.pack("<Q", 3600000))),
     (b"hello", "k1", None, {}), (b"", None, None, {}), (b"\x00\xff", None, "a/b", {"n": "v"})),
])


@suite.case("the answers are in the order of the messages, whatever their partitions")
def _(trial):
    keys = [f"k{n % 7}" for n in range(60)]
    body = listed(*[{"value": str(n), "key": key} for n, key in enumerate(keys)])
    told = trial.ask(post("order", body), 201).json()["messages"]
    trial.check(len({one["partition"] for one in told}) > 1, "one partition has all of them")
    last = {}
    for n, (one, key) in enumerate(zip(told, keys)):
        if n % 10 == 0:
            trial.equal(envelope(trial, one)["value"], b"%d" % n, "the body")
        partition, offset = last.get(key, (one["partition"], -1))
        trial.equal(one["partition"], partition, "the partition of a key")
        trial.check(one["offset"] > offset, "the messages of a key are out of order")
        last[key] = (one["partition"], one["offset"])


@suite.case("partitions and delays are said of each message")
def _(trial):
    body = listed({"value": "a", "partition": 3}, {"value": "b", "partition": 0, "delay": "1h"},
                  {"value": "c", "partition": 3, "deliver_at": "2001-01-01T00:00:00Z"})
    first, held, last = trial.ask(post("each", body), 201).json()["messages"]
    trial.equal((first["id"], last["id"]), ("3-0", "3-1"), "the ids")
    trial.check(re.fullmatch(r"h-0-\d+-\d+", held["id"]), f"the id that is held is {held['id']}")
    trial.check("offset" not in held and held["held_until"], f"what is held is told {held}")


def coded(trial, name, pack):
    body = pack(listed(*[{"value": "z" * 1000, "partition": 1}] * 100))
    told = trial.ask(post("coded", body, f"Content-Encoding: {name}"), 201).json()["messages"]
    offsets = [one["offset"] for one in told]
    trial.equal(offsets, list(range(offsets[0], offsets[0] + 100)), "the offsets")


def gzip(content):
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


suite.table(coded, [("a batch in gzip", "gzip", gzip), ("a batch in deflate", "deflate",
                                                        zlib.compress)])


@suite.case("a buffered batch is 202 without ids")
def _(trial):
    body = listed({"value": "a"}, {"value": "b"})
    for data in (post("buffered", body, query="?durability=buffered"),
                 post("buffered", body, "Posthorn-Durability: buffered")):
        for one in trial.ask(data, 202).json()["messages"]:
            trial.check("id" not in one, f"it is told {one}")


@suite.case("a thousand messages are a batch, and one more is not")
def _(trial):
    told = trial.ask(post("thousand", b"1\n" * 1000, kind=LINES), 201).json()["messages"]
    trial.equal(len(told), 1000, "the count")
    problem(trial, post("thousand-one", b"1\n" * 1001, kind=LINES), 413, "batch_too_large")
    is_empty(trial, "thousand-one")


@suite.case("8 MiB are a batch, and more is 413")
def _(trial):
    message = b'"' + b"x" * 999_997 + b'"\n'
    trial.ask(post("large", message * 8, kind=LINES), 201)
    data = post("large", message * 9, kind=LINES)
    trial.equal(trial.ask(data[:4096], 413).json()["code"], "body_too_large", "the code")


@suite.case("a message of 1 MiB is taken, and one byte more is its fault alone")
def _(trial):
    trial.ask(post("wide", listed({"value": "m" * MEBIBYTE})), 201)
    body = listed({"value": "a"}, {"value": "m" * (MEBIBYTE + 1)})
    problem(trial, post("wide-one", body), 422, "invalid_batch", "/messages/1")
    is_empty(trial, "wide-one")


@suite.case("a batch that is repeated with its Idempotency-Key is there once")
def _(trial):
    body = listed({"value": "a", "key": "x"}, {"value": "b", "key": "y"}, {"value": "c"})
    first = trial.ask(post("repeated", body, "Idempotency-Key: one"), 201)
    again = trial.ask(post("repeated", body, "Idempotency-Key: one"), 201)
    trial.equal(again.json(), first.json(), "the answer to the repeat")
    trial.equal((first.get("Idempotency-Replayed"), again.get("Idempotency-Replayed")),
                (None, "true"), "Idempotency-Replayed")
    other = listed({"value": "a", "key": "x"}, {"value": "B", "key": "y"}, {"value": "c"})
    problem(trial, post("repeated", other, "Idempotency-Key: one"), 422, "idempotency_key_reused")
    topic = trial.ask(request("/v1/topics/repeated"), 200).json()
    trial.equal(sum(one["end"] for one in topic["partition_list"]), 3, "the count of messages")


# Over several shards

KEYS = [f"k{n}" for n in range(12)]


def over_all(trial, topic, *fields, value="v", server=None, **options):
    """A batch with a message for each partition; what is told of each."""
    body = listed(*[
        {"value": f"{value}{n}", "partition": n, **options} for n in range(4)])
    return trial.ask(post(topic, body, *fields), 201, server=server)


def shown(trial, topic, server=None):
    answer = trial.ask(
        request(f"/v1/topics/{topic}/messages?from=earliest&wait=0"), 200, server=server)
    return [one["value"] for one in answer.json()["messages"]]


@suite.case("a batch over all shards is there when it is answered, at the places it is told")
def _(trial):
    for turn in range(3):
        told = over_all(trial, "spread").json()["messages"]
        trial.equal([one["id"] for one in told], [f"{n}-{turn}" for n in range(4)], "the ids")
        for n, one in enumerate(told):
            found = envelope(trial, one)
            trial.equal(found["value"], b"v%d" % n, "the body")
            trial.equal(found["published_at"], one["published_at"], "published_at")
    trial.equal(len(shown(trial, "spread")), 12, "the count of messages")


@suite.case("a batch over all shards that is buffered is flushed all the same, and told its places")
def _(trial):
    told = over_all(trial, "spread-buffered", "Posthorn-Durability: buffered").json()["messages"]
    trial.equal([one["id"] for one in told], [f"{n}-0" for n in range(4)], "the ids")


@suite.case("a batch over all shards that is repeated is there once, and another is refused")
def _(trial):
    first = over_all(trial, "spread-again", "Idempotency-Key: one")
    again = over_all(trial, "spread-again", "Idempotency-Key: one")
    trial.equal(again.json(), first.json(), "the answer to the repeat")
    trial.equal(again.get("Idempotency-Replayed"), "true", "Idempotency-Replayed")
    body = listed(*[
        {"value": "other" if n == 2 else f"v{n}", "partition": n} for n in range(4)])
    problem(trial, post("spread-again", body, "Idempotency-Key: one"), 422,
            "idempotency_key_reused")
    trial.equal(len(shown(trial, "spread-again")), 4, "the count of messages")


@suite.case("a batch over all shards that is delayed is there when its time has come")
def _(trial):
    told = over_all(trial, "spread-later", delay="400ms").json()["messages"]
    for n, one in enumerate(told):
        trial.check(re.fullmatch(rf"h-{n}-\d+-0", one["id"]), f"the id is {one['id']}")
        trial.check(one["held_until"] > one["published_at"], f"it is told {one}")
    values = set()
    place = "from=earliest"
    while len(values) < 4:
        page = trial.ask(
            request(f"/v1/topics/spread-later/messages?{place}&wait=5s"), 200).json()
        values |= {one["value"] for one in page["messages"]}
        place = f"after={page['next']}"
    trial.equal(values, {"v0", "v1", "v2", "v3"}, "what came")


@suite.case("a reader of each partition is woken by a batch over all shards")
def _(trial):
    over_all(trial, "spread-news")
    waiting = []
    for partition in range(4):
        client = trial.connect()
        client.send(request(
            f"/v1/topics/spread-news/messages?partition={partition}&from=latest&wait=20s"))
        waiting.append(client)
        client.expect_silence(0.1)
    over_all(trial, "spread-news", value="w")
    for partition, client in enumerate(waiting):
        found = [one["value"] for one in client.expect(200).json()["messages"]]
        trial.equal(found, [f"w{partition}"], f"what the reader of partition {partition} got")


@suite.case("lenient or not, the good ones of a batch over all shards are told their places")
def _(trial):
    body = listed(*[{"value": "x", "partition": n} for n in range(5)])
    results = trial.ask(
        post("spread-lenient", body, "Prefer: handling=lenient"), 207).json()["results"]
    trial.equal([one["status"] for one in results], [201] * 4 + [422], "the statuses")
    problem(trial, post("spread-lenient", body), 404, "no_such_partition", "/messages/4/partition")
    trial.equal(len(shown(trial, "spread-lenient")), 4, "the count of messages")


@suite.case("of a batch over three shards all is there after kill -9, or nothing", slow=True)
def _(trial):
    chance = random.Random(trial.server.port)
    data = trial.server.directory + "/killed"
    confirmed = set()
    for life in range(8):
        server = trial.start(data=data, shards=3, partitions=4)
        counts = {}
        for value in shown_in_full(trial, "killed", server):
            counts[value[:-1]] = counts.get(value[:-1], 0) + 1
        trial.equal({count for count in counts.values()} - {4}, set(), "counts of a batch's parts")
        trial.check(confirmed <= set(counts), f"these are lost: {confirmed - set(counts)}")
        threads = [
            threading.Thread(
                target=publish_until_it_ends, args=(trial, server, f"{life}-{n}", confirmed))
            for n in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.05, 0.4))
        if life == 6:
            # However slow the machine is, there is something that the last start has to have.
            trial.until(lambda: confirmed, "nothing is confirmed", seconds=60)
        server.signal(signal.SIGKILL)
        server.expect_exit(-signal.SIGKILL, within=10)
        for thread in threads:
            thread.join()
        code, _, err = run_once("check", data)
        trial.equal((code, err), (0, ""), "the exit code of the check, and standard error")


def shown_in_full(trial, topic, server):
    """All there is, once nothing of it waits for another shard's word any more."""
    values, place = [], "from=earliest"
    trial.ask(request("/v1/topics/killed", "Content-Type: application/json", method="PUT",
                      body=b"{}"), 200, 201, server=server)
    time.sleep(0.3)
    while True:
        data = request(f"/v1/topics/{topic}/messages?{place}&wait=0&max_messages=1000")
        # While other servers make their files, a read of a thousand places may take too long.
        answer = trial.ask(data, 200, 504, server=server)
        if answer.status == 504:
            trial.check(answer.json()["retryable"], "a read may not be repeated")
            continue
        page = answer.json()
        if not page["messages"]:
            return values
        values += [one["value"] for one in page["messages"]]
        place = f"after={page['next']}"


def publish_until_it_ends(trial, server, name, confirmed):
    try:
        client = trial.connect(server)
        for turn in range(10_000):
            value = f"{name}-{turn}."
            body = listed(*[{"value": f"{value}{n}", "partition": n} for n in range(4)])
            client.send(post("killed", body))
            if client.response().status == 201:
                confirmed.add(value)
    except (Failed, OSError):
        # The server was killed, which is what this is about.
        return


# What is refused

def bad(trial, kind, body, status, code, *places):
    topic = f"bad-{zlib.crc32(body)}"
    problem(trial, post(topic, body, kind=kind), status, code, *places)
    is_empty(trial, topic)


suite.table(bad, [
    ("no JSON", JSON, b"hello", 400, "invalid_json"),
    ("nothing", JSON, b"", 400, "invalid_json"),
    ("half a list", JSON, b'{"messages":[{"value":"a"}', 400, "invalid_json"),
    ("an array and no object", JSON, b"[]", 422, "invalid_body", ""),
    ("an object without messages", JSON, b"{}", 422, "invalid_body", "/messages"),
    ("messages that are no array", JSON, b'{"messages":{}}', 422, "invalid_body", "/messages"),
    ("messages twice", JSON, b'{"messages":[],"messages":[]}', 422, "invalid_body", "/messages"),
    ("a member that nobody knows", JSON, b'{"messages":[],"colour":1}', 400, "unknown_field",
     "/colour"),
    ("a member of a message that nobody knows", JSON, listed({"value": "a"}, {"valu": "b"}), 400,
     "unknown_field", "/messages/1/valu"),
    ("every bad message is named", JSON, listed(
        {"value": "a"}, {}, 7, {"value": 1}, {"value": "a", "value_base64": "YQ=="},
        {"value_base64": "a"}, {"value": "a", "key": 5}, {"value": "a", "key": "k" * 1025},
        {"value": "a", "partition": 4}, {"value": "a", "partition": -1},
        {"value": "a", "delay": "31d"}, {"value": "a", "ttl": 0},
        {"value": "a", "deliver_at": "soon"}, {"value": "a", "delay": 1, "deliver_at": "x"},
        {"value": "a", "attributes": []}, {"value": "a", "attributes": {"_x": "1"}},
        {"value": "last"}), 422, "invalid_batch"),
    ("lines of which one is no JSON", LINES, b'1\n{"a"\n3\n4 5\n', 422, "invalid_batch", "/1",
     "/3"),
    ("events that lack what they need", EVENTS, json.dumps(
        [EVENT, {**EVENT, "id": ""}, {**EVENT, "specversion": "0.3"}, {**EVENT, "source": None},
         "x", {**EVENT, "data": 1, "data_base64": "AA=="}]).encode(), 422, "invalid_batch",
     "/1/id", "/2/specversion", "/3/source", "/4", "/5/data"),
    ("an event that is no array", EVENTS, json.dumps(EVENT).encode(), 422, "invalid_body", ""),
    ("a frame that is cut", FRAMES, frame((1, b"hello"))[:-1], 422, "invalid_body"),
    ("a frame of an unknown kind", FRAMES, frame(kind=9), 422, "invalid_body"),
    ("a frame with a field that is not for publishing", FRAMES, frame((16, bytes(8))), 422,
     "invalid_body"),
    ("a frame with two bodies", FRAMES, frame((1, b"a"), (1, b"b")), 422, "invalid_body"),
    ("a frame with another partition", FRAMES, frame((5, struct.pack("<I", 9))), 404,
     "no_such_partition", "/0/partition"),
    ("a batch as it rests that is none", FRAMES, struct.pack("<IBII", 109, 2, 0, 1) + bytes(100),
     422, "invalid_body"),
])


@suite.case("of more than a hundred bad messages a hundred are named")
def _(trial):
    answer = trial.ask(post("hundred", b"x\n" * 300, kind=LINES), 422).json()
    trial.equal(len(answer["errors"]), 100, "those that are named")
    is_empty(trial, "hundred")


@suite.case("another type is 415, and so is none")
def _(trial):
    trial.ask(post("types", b"x", kind="text/plain"), 415)
    trial.ask(request("/v1/topics/types/batches", method="POST", body=b"{}"), 415)


@suite.case("a batch without a length is 411")
def _(trial):
    data = request("/v1/topics/x/batches", f"Content-Type: {JSON}", method="POST")
    trial.equal(trial.ask(data, 411).json()["code"], "length_required", "the code")


def not_for_batches(trial, field, value):
    problem(trial, post("fields", listed({"value": "a"}), f"{field}: {value}"), 400,
            "invalid_option", field)


suite.table(not_for_batches, [
    (f"{field} is for one message", field, value) for field, value in [
        ("Posthorn-Key", "k"), ("Posthorn-Partition", "1"), ("Posthorn-Delay", "1s"),
        ("Posthorn-Deliver-At", "2001-01-01T00:00:00Z"), ("Posthorn-Ttl", "1h"),
        ("Posthorn-Attr-a", "1")]])


@suite.case("parameters of one message are not those of a batch")
def _(trial):
    problem(trial, post("fields", listed(), query="?key=a&ttl=1h"), 400, "unknown_parameter",
            "key", "ttl")


# Lenient

@suite.case("who is lenient gets a result for each message, in order")
def _(trial):
    body = listed({"value": "a", "partition": 2}, {"value": 1}, {"value": "c", "partition": 2},
                  {"value": "d", "partition": 4})
    answer = trial.ask(post("lenient", body, "Prefer: respond-async, handling=lenient"), 207)
    trial.equal(answer.get("Preference-Applied"), "handling=lenient", "Preference-Applied")
    results = answer.json()["results"]
    trial.equal([one["status"] for one in results], [201, 422, 201, 422], "the statuses")
    trial.equal([results[0]["id"], results[2]["id"]], ["2-0", "2-1"], "the ids")
    for one in (results[1], results[3]):
        trial.equal(one["code"], "invalid_message", "the code")
        trial.check(one["detail"], "no detail")


@suite.case("a lenient batch that is all good, or all bad, is 207 too")
def _(trial):
    for messages, statuses in [([{"value": "a"}], [201]), ([{}, {}], [422, 422]), ([], [])]:
        data = post("lenient-too", listed(*messages), "Prefer: handling=lenient")
        results = trial.ask(data, 207).json()["results"]
        trial.equal([one["status"] for one in results], statuses, "the statuses")


@suite.case("leniency ends where the body cannot be read")
def _(trial):
    problem(trial, post("lenient", b'{"messages":[', "Prefer: handling=lenient"), 400,
            "invalid_json")


@suite.case("who is strict, or prefers something else, gets all or nothing")
def _(trial):
    for preference in ("handling=strict", "return=minimal", "lenient"):
        data = post("strict", listed({"value": "a"}, {}), f"Prefer: {preference}")
        problem(trial, data, 422, "invalid_batch", "/messages/1/value")
    is_empty(trial, "strict")


@suite.case("the connection goes on after each refusal")
def _(trial):
    client = trial.connect()
    for data, status in [
            (post("goes-on", b"x"), 400), (post("goes-on", listed({})), 422),
            (post("goes-on", b"1\n" * 1001, kind=LINES), 413),
            (post("goes-on", b"x", kind="text/plain"), 415),
            (post("goes-on", listed({"value": "a"})), 201)]:
        client.send(data).expect(status)
