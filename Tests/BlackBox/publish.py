"""Publishing one message: every option as field and parameter, bodies, places, and refusals."""

import re
import time
import zlib

from harness import Suite, chunked, request
from harness.exposition import scrape

suite = Suite("publish", partitions=4)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MEBIBYTE = 1 << 20


def post(topic, *fields, body=b"hello", query=""):
    return request(f"/v1/topics/{topic}/messages{query}", *fields, method="POST", body=body)


def publish(trial, topic, *fields, body=b"hello", query="", server=None):
    return trial.ask(post(topic, *fields, body=body, query=query), 201, server=server).json()


def stored(trial, told, server=None):
    """The message as the server gives it back, raw."""
    return trial.ask(
        request(f"/v1/topics/{told['topic']}/messages/{told['id']}"), 200, server=server)


def envelope(trial, told):
    data = request(
        f"/v1/topics/{told['topic']}/messages/{told['id']}", "Accept: application/json")
    return trial.ask(data, 200).json()


def problem(trial, data, status, code, *places, server=None):
    answer = trial.ask(data, status, server=server)
    trial.equal(answer.json()["code"], code, "the code")
    trial.equal(answer.json()["outcome"], "none", "the outcome")
    if places:
        found = [fault["place"] for fault in answer.json()["errors"]]
        trial.equal(found, list(places), "the places in errors[]")


# The answer

@suite.case("a publish is told where its message is")
def _(trial):
    answer = trial.ask(post("told"), 201)
    told = answer.json()
    trial.equal(answer.get("Content-Type"), "application/json", "Content-Type")
    trial.equal(answer.get("Cache-Control"), "no-store", "Cache-Control")
    trial.equal(told["topic"], "told", "the topic")
    trial.equal(told["id"], f"{told['partition']}-{told['offset']}", "the id")
    trial.equal(told["offset"], 0, "the offset")
    trial.check(TIME.fullmatch(told["published_at"]), f"published_at is {told['published_at']!r}")
    trial.check(told["cursor"], "no cursor")
    shown = envelope(trial, told)
    trial.equal(shown["published_at"], told["published_at"], "published_at when it is read")
    page = trial.ask(
        request(f"/v1/topics/told/messages?after={told['cursor']}&wait=0"), 200).json()
    trial.equal(page["messages"], [], "what comes behind the cursor")


@suite.case("messages of a key have rising offsets in one partition")
def _(trial):
    client = trial.connect()
    for offset in range(30):
        told = client.send(post("rising", query="?key=k")).expect(201).json()
        trial.equal(told["offset"], offset, "the offset")
        if offset:
            trial.equal(told["partition"], partition, "the partition")
        partition = told["partition"]


@suite.case("keys spread over the partitions, the same way from every connection")
def _(trial):
    first = [publish(trial, "spread", query=f"?key=k{n}")["partition"] for n in range(40)]
    again = [publish(trial, "spread", f"Posthorn-Key: k{n}")["partition"] for n in range(40)]
    trial.equal(again, first, "the partitions")
    trial.equal(set(first), {0, 1, 2, 3}, "those that are used")


@suite.case("pipelined publishes are answered in order")
def _(trial):
    client = trial.connect().send(b"".join(
        post("pipelined", query="?partition=2", body=b"%d" % n) for n in range(50)))
    for offset in range(50):
        told = client.expect(201).json()
        trial.equal(told["id"], f"2-{offset}", "the id")
        trial.equal(stored(trial, told).body, b"%d" % offset, "the body")


# Bodies

def body(trial, content, *fields):
    told = publish(trial, "bodies", *fields, body=content)
    trial.equal(stored(trial, told).body, content, "the body")


suite.table(body, [
    ("an empty body is a message", b""),
    ("a body of one byte", b"x"),
    ("a body of every byte", bytes(range(256))),
    ("a body of line ends", b"\r\n\r\n"),
    ("a body that looks like a request", request()),
    ("a body of 1 MiB", b"m" * MEBIBYTE),
    ("a body of 1 MiB that cannot be compressed", bytes(
        (n * n * 2654435761 >> 13) & 255 for n in range(MEBIBYTE))),
    ("a body that is JSON and broken", b'{"a":', "Content-Type: application/json"),
    ("a body of a form", b"a=b&c", "Content-Type: application/x-www-form-urlencoded"),
])


@suite.case("one byte more than 1 MiB is 413, and the topic's limit stands in it")
def _(trial):
    problem(trial, post("bodies", body=b"m" * (MEBIBYTE + 1)), 413, "message_too_large")


@suite.case("more than a body may have is 413 before it is sent")
def _(trial):
    data = request("/v1/topics/bodies/messages", "Content-Length: 8388609", method="POST")
    client = trial.connect().send(data)
    trial.equal(client.expect(413).json()["code"], "body_too_large", "the code")


@suite.case("a chunked body is one message")
def _(trial):
    data = request("/v1/topics/bodies/messages", "Transfer-Encoding: chunked", method="POST")
    told = trial.ask(data + chunked(b"hel", b"lo"), 201).json()
    trial.equal(stored(trial, told).body, b"hello", "the body")


@suite.case("a body without a length is 411")
def _(trial):
    data = request("/v1/topics/bodies/messages", method="POST")
    trial.equal(trial.ask(data, 411).json()["code"], "length_required", "the code")


def coding(trial, name, content, status, wanted):
    answer = trial.ask(post("codings", f"Content-Encoding: {name}", body=content), status).json()
    if status == 201:
        trial.equal(stored(trial, answer).body, wanted, "the body")
    else:
        trial.equal(answer["code"], wanted, "the code")


def gzip(content):
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content) + packer.flush()


suite.table(coding, [
    ("a body in gzip is stored plain", "gzip", gzip(b"plain"), 201, b"plain"),
    ("a body in deflate is stored plain", "deflate", zlib.compress(b"plain"), 201, b"plain"),
    ("an empty body in gzip", "gzip", gzip(b""), 201, b""),
    ("the identity is no coding", "identity", b"x", 201, b"x"),
    ("1 MiB in gzip", "gzip", gzip(b"z" * MEBIBYTE), 201, b"z" * MEBIBYTE),
    ("more than 1 MiB in gzip", "gzip", gzip(b"z" * (MEBIBYTE + 1)), 413, "message_too_large"),
    ("a bomb", "gzip", gzip(b"z" * (9 * MEBIBYTE)), 413, "body_too_large"),
    ("what is no gzip", "gzip", b"plain", 400, "invalid_content_encoding"),
    ("half of gzip", "gzip", gzip(b"plain")[:-4], 400, "invalid_content_encoding"),
    ("a coding that nobody has", "br", b"x", 415, "unsupported_content_encoding"),
])


@suite.case("who expects 100 hears it, then sends")
def _(trial):
    head = request("/v1/topics/bodies/messages", "Expect: 100-continue", "Content-Length: 5",
                   method="POST")
    client = trial.connect().send(head)
    trial.equal(client.response(interim=True).status, 100, "the interim status")
    told = client.send(b"hello").expect(201).json()
    trial.equal(stored(trial, told).body, b"hello", "the body")


@suite.case("who expects 100 for what is refused is not asked for the body")
def _(trial):
    head = request("/v1/topics/bodies/messages?colour=red", "Expect: 100-continue",
                   "Content-Length: 5", method="POST")
    trial.ask(head, 400)


# Content types

def content_type(trial, sent, wanted):
    told = publish(trial, "types", *[f"Content-Type: {sent}"] if sent else [])
    trial.equal(stored(trial, told).get("Content-Type"), wanted, "Content-Type")


suite.table(content_type, [
    (f"the content type {sent!r} is kept", sent, wanted) for sent, wanted in [
        ("text/plain", "text/plain"), ("application/json; charset=utf-8",) * 2,
        ("Application/X-Odd;a=\"b c\"",) * 2, ("x" * 1024,) * 2,
        ("", "application/octet-stream")]])


@suite.case("a content type of 1025 bytes is refused")
def _(trial):
    problem(trial, post("types", "Content-Type: " + "x" * 1025), 422, "invalid_option",
            "Content-Type")


# Options

def option(trial, field, parameter, value, escaped=None):
    """The same as a field, as a parameter, and as both; both with other values are refused."""
    escaped = escaped or value
    for fields, query in [
            ([f"{field}: {value}"], ""), ([], f"?{parameter}={escaped}"),
            ([f"{field}: {value}"], f"?{parameter}={escaped}")]:
        publish(trial, "options", *fields, query=query)
    data = post("options", f"{field}: {value}", query=f"?{parameter}=0")
    problem(trial, data, 400, "contradictory_options", field, parameter)


suite.table(option, [
    ("a key in both ways", "Posthorn-Key", "key", "k1"),
    ("a key with a space in both ways", "Posthorn-Key", "key", "a%20b"),
    ("a partition in both ways", "Posthorn-Partition", "partition", "3"),
    ("a delay in both ways", "Posthorn-Delay", "delay", "1h"),
    ("a date in both ways", "Posthorn-Deliver-At", "deliver_at", "2020-01-01T00:00:00Z"),
    ("a ttl in both ways", "Posthorn-Ttl", "ttl", "1h"),
    ("a durability in both ways", "Posthorn-Durability", "durability", "flushed"),
])


def bad_option(trial, query, status, *places):
    code = "no_such_partition" if query.startswith("partition=") and status == 404 else (
        "contradictory_options" if len(places) > 1 else "invalid_option")
    problem(trial, post("options", query="?" + query), status, code, *places)


suite.table(bad_option, [
    (f"{query} is refused", query, status, *places) for query, status, *places in [
        ("partition=4", 404), ("partition=999999999", 404),
        ("partition=1000000000", 400, "Posthorn-Partition"),
        ("partition=-1", 400, "Posthorn-Partition"), ("partition=", 400, "Posthorn-Partition"),
        ("partition=0x1", 400, "Posthorn-Partition"), ("partition=1.0", 400, "Posthorn-Partition"),
        ("delay=soon", 400, "Posthorn-Delay"), ("delay=-1s", 400, "Posthorn-Delay"),
        ("delay=", 400, "Posthorn-Delay"), ("delay=31d", 422, "Posthorn-Delay"),
        ("delay=99999999999999999999s", 400, "Posthorn-Delay"),
        ("deliver_at=tomorrow", 400, "Posthorn-Deliver-At"),
        ("deliver_at=2026-02-30T00:00:00Z", 400, "Posthorn-Deliver-At"),
        ("deliver_at=2999-01-01T00:00:00Z", 422, "Posthorn-Deliver-At"),
        ("delay=1s&deliver_at=2020-01-01T00:00:00Z", 400, "Posthorn-Delay", "Posthorn-Deliver-At"),
        ("ttl=0", 422, "Posthorn-Ttl"), ("ttl=x", 400, "Posthorn-Ttl"),
        ("ttl=36501d", 422, "Posthorn-Ttl"), ("durability=safe", 400, "Posthorn-Durability"),
        ("durability=", 400, "Posthorn-Durability"), ("key=" + "k" * 1025, 422, "Posthorn-Key"),
    ]])


@suite.case("names that nobody knows are named")
def _(trial):
    problem(trial, post("options", query="?colour=red&key=a"), 400, "unknown_parameter", "colour")
    problem(trial, post("options", "Posthorn-Colour: red"), 400, "unknown_header",
            "Posthorn-Colour")
    problem(trial, post("options", "Posthorn-Key: a", "Posthorn-Key: a"), 400, "repeated_header",
            "Posthorn-Key")


def not_offered(trial, field, value):
    problem(trial, post("options", f"{field}: {value}"), 422, "not_offered", field)


suite.table(not_offered, [
    ("producers are not offered", "Posthorn-Producer", "p;epoch=1;seq=1"),
    ("transactions are not offered", "Posthorn-Transaction", "t1"),
])


@suite.case("a key of 1024 bytes is kept, and one with escapes is what they say")
def _(trial):
    for sent, wanted in [("k" * 1024, "k" * 1024), ("%C3%BC%25", "ü%")]:
        for told in (publish(trial, "keys", f"Posthorn-Key: {sent}"),
                     publish(trial, "keys", query=f"?key={sent}")):
            trial.equal(envelope(trial, told)["key"], wanted, "the key")


# Attributes

def attributes(trial, fields, query, wanted):
    told = publish(trial, "attributes", *fields, query=query)
    trial.equal(envelope(trial, told)["attributes"], wanted, "the attributes")


suite.table(attributes, [
    ("an attribute of a field is in small letters", ["Posthorn-Attr-Tenant: ACME"], "",
     {"tenant": "ACME"}),
    ("an attribute of a parameter is as it is written", [], "?attr.Tenant=ACME",
     {"Tenant": "ACME"}),
    ("an attribute with escapes", ["Posthorn-Attr-a: %E2%82%AC%25%0A"], "", {"a": "€%\n"}),
    ("an attribute of a parameter with escapes", [], "?attr.a=%E2%82%AC%26", {"a": "€&"}),
    ("an empty attribute", [], "?attr.a=", {"a": ""}),
    ("the same attribute in both ways", ["Posthorn-Attr-a: 1"], "?attr.a=1", {"a": "1"}),
    ("events in binary mode", ["ce-id: 7", "ce-specversion: 1.0", "Ce-Type: x.y"], "",
     {"ce-id": "7", "ce-specversion": "1.0", "ce-type": "x.y"}),
    ("a trace that can be followed",
     ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate: a=b"],
     "", {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "tracestate": "a=b"}),
    ("a trace that nobody can follow is left out", ["traceparent: 00-x-y-01"], "", {}),
    ("a hundred attributes", [], "?" + "&".join(f"attr.a{n}={n}" for n in range(100)),
     {f"a{n}": str(n) for n in range(100)}),
])


def bad_attribute(trial, fields, query, status, code):
    problem(trial, post("attributes", *fields, query=query), status, code)


suite.table(bad_attribute, [
    ("an attribute whose name begins with an underscore", [], "?attr._a=1", 400, "invalid_option"),
    ("an attribute whose name begins with a dot", [], "?attr..a=1", 400, "invalid_option"),
    ("an attribute without a name", [], "?attr.=1", 400, "invalid_option"),
    ("an attribute with a name of 201", [], f"?attr.{'a' * 201}=1", 400, "invalid_option"),
    ("an attribute with half an escape", ["Posthorn-Attr-a: 5%"], "", 400, "invalid_option"),
    ("an attribute with two values", ["Posthorn-Attr-a: 1"], "?attr.a=2", 400,
     "contradictory_options"),
    ("a hundred and one attributes", [], "?" + "&".join(f"attr.a{n}=1" for n in range(101)), 422,
     "invalid_option"),
    ("an attribute that is no UTF-8", ["Posthorn-Attr-a: %FF"], "", 400, "invalid_option"),
])


# Time

@suite.case("a delayed message has no offset until it is due, and then is there")
def _(trial):
    told = publish(trial, "delayed", query="?partition=1&delay=1s")
    trial.check(re.fullmatch(r"h-1-\d+-0", told["id"]), f"the id is {told['id']!r}")
    trial.check("offset" not in told, "it has an offset")
    trial.check(TIME.fullmatch(told["held_until"]), f"held_until is {told['held_until']!r}")
    shown = trial.ask(request("/v1/topics/delayed"), 200).json()["partition_list"][1]
    page = trial.ask(
        request("/v1/topics/delayed/messages?from=earliest&partition=1&wait=0"), 200).json()
    if shown["end"] == 0 and now() < told["held_until"]:
        trial.equal((shown["held"], page["messages"]), (1, []), "what is held, and what is there")
    page = trial.ask(
        request("/v1/topics/delayed/messages?from=earliest&partition=1&wait=10s"), 200).json()
    trial.equal([one["value"] for one in page["messages"]], ["hello"], "what is there in time")
    trial.check(now() >= told["held_until"], "it came early")


def now():
    seconds = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03}Z"


@suite.case("no delay, and a date that has passed, are now")
def _(trial):
    for query in ("?delay=0", "?deliver_at=2001-01-01T00:00:00Z", "?deliver_at=1999-12-31T23:59:59.5Z"):
        trial.check("offset" in publish(trial, "passed", query=query), f"{query} is held")


@suite.case("a message is not there any more when its ttl is over")
def _(trial):
    told = publish(trial, "mayfly", query="?ttl=300ms")
    target = f"/v1/topics/mayfly/messages/{told['id']}"
    trial.until(lambda: trial.ask(request(target)).status in (404, 410), "it is still there")
    page = trial.ask(request("/v1/topics/mayfly/messages?from=earliest&wait=0"), 200).json()
    trial.equal(page["messages"], [], "what is there")


@suite.case("a buffered publish is 202 without an id, and arrives")
def _(trial):
    answer = trial.ask(post("buffered", query="?durability=buffered&partition=0"), 202).json()
    trial.check("id" not in answer and "offset" not in answer, f"it is told {answer}")
    page = trial.ask(request("/v1/topics/buffered/messages?from=earliest&wait=10s"), 200).json()
    trial.equal([one["value"] for one in page["messages"]], ["hello"], "what arrived")


# Repeats

@suite.case("a publish that is repeated with its Idempotency-Key is told the first answer")
def _(trial):
    for query in ("", "?key=k", "?partition=3"):
        fields = (f"Idempotency-Key: once{query}", "Content-Type: text/plain")
        first = trial.ask(post("repeated", *fields, query=query), 201)
        again = trial.ask(post("repeated", *fields, query=query), 201)
        trial.equal(again.json(), first.json(), "the answer to the repeat")
        trial.equal((first.get("Idempotency-Replayed"), again.get("Idempotency-Replayed")),
                    (None, "true"), "Idempotency-Replayed")
        problem(trial, post("repeated", *fields, query=query, body=b"other"), 422,
                "idempotency_key_reused")
    topic = trial.ask(request("/v1/topics/repeated"), 200).json()
    trial.equal(sum(one["end"] for one in topic["partition_list"]), 3, "the count of messages")


@suite.case("the same Idempotency-Key in two topics is two messages")
def _(trial):
    for topic in ("repeated-here", "repeated-there"):
        answer = trial.ask(post(topic, "Idempotency-Key: same"), 201)
        trial.equal(answer.get("Idempotency-Replayed"), None, "Idempotency-Replayed")


@suite.case("a delayed message that is repeated is held once")
def _(trial):
    first, again = [
        publish(trial, "repeated-late", "Idempotency-Key: a", query="?delay=1h&partition=0")
        for _ in range(2)]
    trial.equal(again["id"], first["id"], "the id")
    topic = trial.ask(request("/v1/topics/repeated-late"), 200).json()
    trial.equal(topic["partition_list"][0]["held"], 1, "the count of those that are held")


@suite.case("delayed messages that travelled together are told apart by their repeats")
def _(trial):
    data = [post("late-pair", f"Idempotency-Key: {key}", query="?delay=1h&partition=0")
            for key in "ab"]
    client = trial.connect().send(data[0] + data[1])
    first = [client.expect(201).json() for _ in range(2)]
    again = [trial.ask(one, 201).json() for one in data]
    trial.equal([one["id"] for one in again], [one["id"] for one in first], "the ids")


@suite.case("a repeat is known after partitions were added, alone and in a batch")
def _(trial):
    def put(partitions):
        body = b'{"partitions":%d}' % partitions
        data = request("/v1/topics/grown", "Content-Type: application/json", method="PUT", body=body)
        trial.ask(data, 201 if partitions == 1 else 200)

    def singles(number):
        return post("grown", f"Idempotency-Key: i{number}", f"Posthorn-Key: k{number}")

    def batch(number):
        body = b'{"messages":[{"value":"a","key":"b%d"}]}' % number
        return request("/v1/topics/grown/batches", "Content-Type: application/json",
                       f"Idempotency-Key: j{number}", method="POST", body=body)

    def ids():
        answers = [trial.ask(make(number), 201).json()
                   for make in (singles, batch) for number in range(30)]
        return [one.get("messages", [one])[0]["id"] for one in answers]

    put(1)
    first = ids()
    for partitions in (2, 5):
        put(partitions)
        trial.equal(ids(), first, "the ids that repeats hear")
    topic = trial.ask(request("/v1/topics/grown"), 200).json()
    trial.equal(sum(one["end"] for one in topic["partition_list"]), 60, "the count of messages")


@suite.case("repeats that come at once are one message")
def _(trial):
    data = post("repeated-at-once", "Idempotency-Key: a")
    clients = [trial.connect().send(data) for _ in range(8)]
    answers = [client.expect(201) for client in clients]
    trial.equal(len({answer.json()["id"] for answer in answers}), 1, "the count of ids")
    replayed = [answer.get("Idempotency-Replayed") for answer in answers]
    trial.equal(replayed.count("true"), 7, "the count of replays")


@suite.case("an Idempotency-Key has 1 to 255 bytes")
def _(trial):
    publish(trial, "repeated-long", "Idempotency-Key: " + "k" * 255)
    for key in ("", "k" * 256):
        problem(trial, post("repeated-long", f"Idempotency-Key: {key}"), 400, "invalid_option",
                "Idempotency-Key")


# The topic

@suite.case("the first publish makes the topic")
def _(trial):
    trial.ask(request("/v1/topics/unmade"), 404)
    publish(trial, "unmade")
    trial.equal(trial.ask(request("/v1/topics/unmade"), 200).json()["partitions"], 4, "partitions")


@suite.case("a refused publish makes no topic")
def _(trial):
    trial.ask(post("refused", query="?delay=x"), 400)
    trial.ask(request("/v1/topics/refused"), 404)


@suite.case("where topics are not made by themselves a publish is 404")
def _(trial):
    server = trial.start(arguments=["--no-auto-create"])
    problem(trial, post("nobody"), 404, "no_such_topic", server=server)
    trial.ask(request("/v1/topics/made", method="PUT"), 201, server=server)
    publish(trial, "made", server=server)


@suite.case("what is published to a topic that was deleted is not there when it is made again")
def _(trial):
    publish(trial, "twice", query="?partition=0", body=b"old")
    trial.ask(request("/v1/topics/twice?confirm=twice", method="DELETE"), 204)
    told = publish(trial, "twice", query="?partition=0", body=b"new")
    trial.equal(told["id"], "0-0", "the id")
    trial.equal(stored(trial, told).body, b"new", "the body")


# Connections

@suite.case("the connection goes on after each refusal")
def _(trial):
    client = trial.connect()
    for data, status in [
            (post("goes-on", query="?delay=x"), 400), (post("goes-on", query="?partition=9"), 404),
            (post("_bad"), 400), (post("goes-on", "Posthorn-Producer: p"), 422),
            (post("goes-on", body=b"m" * (MEBIBYTE + 1)), 413), (post("goes-on"), 201)]:
        client.send(data).expect(status)


@suite.case("HTTP/1.0 publishes too")
def _(trial):
    data = request("/v1/topics/old/messages", method="POST", version="HTTP/1.0", body=b"x")
    trial.ask(data, 201)


@suite.case("messages are counted by what became of them")
def _(trial):
    server = trial.start()
    for _ in range(3):
        publish(trial, "counted", server=server)
    trial.ask(post("counted", query="?partition=77"), 404, server=server)

    def counted(result):
        return scrape(trial, server).total(r"posthorn_published_messages_total", result=result)
    trial.until(lambda: counted("stored") == 3, "not all of the stored were counted")
    trial.check(scrape(trial, server).total(r"posthorn_published_bytes_total") > 0, "no bytes")
