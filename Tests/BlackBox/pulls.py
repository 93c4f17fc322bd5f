"""Working as a group: pulls, settles, seeks and redrives, with every form, bound and refusal."""

import base64
import json
import signal
import struct
import time

from harness import Suite, request
from harness.exposition import scrape

suite = Suite("pulls", partitions=2)


def publish(trial, topic, body, query="", server=None, *fields):
    data = request(f"/v1/topics/{topic}/messages{query}", "Content-Type: text/plain", *fields,
                   method="POST", body=body)
    return trial.ask(data, 201, server=server).json()


def make_topic(trial, name, server=None, **settings):
    body = json.dumps({"partitions": 1, **settings}).encode()
    data = request(f"/v1/topics/{name}", "Content-Type: application/json", method="PUT", body=body)
    trial.ask(data, 201, server=server)


def make_group(trial, name, server=None, **settings):
    body = json.dumps(settings).encode()
    data = request(f"/v1/groups/{name}", "Content-Type: application/json", method="PUT", body=body)
    return trial.ask(data, 200, 201, server=server).json()


def call(group, verb, body, *fields, query=""):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(f"/v1/groups/{group}/{verb}{query}", "Content-Type: application/json", *fields,
                   method="POST", body=body)


def pull_request(group, topics, *fields, **members):
    topics = [topics] if isinstance(topics, str) else topics
    return call(group, "pull", {"topics": topics, "wait": 0, **members}, *fields)


def pull(trial, group, topics, server=None, **members):
    return trial.ask(pull_request(group, topics, **members), 200, server=server).json()


def values(answer):
    return [one["value"] for one in answer["messages"]]


def settle(trial, group, server=None, **lists):
    answer = trial.ask(call(group, "settle", lists), 200, server=server).json()
    return [one["status"] for one in answer["results"]]


def ack(trial, group, *receipts, server=None):
    return settle(trial, group, server, acks=list(receipts))


def group_of(trial, name, server=None):
    return trial.ask(request(f"/v1/groups/{name}"), 200, server=server).json()


def total(trial, name, number, server=None):
    topics = group_of(trial, name, server)["topics"]
    return sum(one[number] for topic in topics for one in topic["partition_list"])


def park(trial, group, topics, server=None, **members):
    """A client whose pull waits, and that the server knows of."""
    client = trial.connect(server)
    client.send(pull_request(group, topics, **{"wait": "15s", **members}))
    # On a busy machine the pull makes its group long after it was sent.
    trial.until(
        lambda: trial.ask(request(f"/v1/groups/{group}"), server=server).status == 200,
        "a pull does not make its group")
    client.expect_silence(0.15)
    return client


def problem(trial, data, status, code, *places):
    answer = trial.ask(data, status)
    trial.equal(answer.json()["code"], code, "the code")
    if places:
        found = [fault["place"] for fault in answer.json().get("errors", [])]
        trial.equal(found, list(places), "the places in errors[]")
    return answer


# Taking

@suite.case("the first pull makes the topic and the group, and gets everything from the earliest on")
def _(trial):
    for number in range(5):
        publish(trial, "first", b"m%d" % number, "?key=k&attr.a=b")
    answer = pull(trial, "first", "first")
    trial.equal(values(answer), [f"m{n}" for n in range(5)], "the messages")
    one = answer["messages"][0]
    trial.equal(set(one), {"id", "topic", "partition", "offset", "key", "attributes", "content_type",
                           "published_at", "attempt", "receipt", "value"}, "the members")
    trial.equal((one["key"], one["attributes"], one["attempt"]), ("k", {"a": "b"}, 1), "the message")
    trial.equal((answer["ended"], answer["lag"]), ("data", 5), "the end")
    trial.check(answer["lease_until"] > one["published_at"], "the lease is over")
    trial.equal(pull(trial, "first", "first"),
                {"messages": [], "ended": "timeout", "lag": 5}, "the next pull")
    trial.equal(ack(trial, "first", answer["receipt"]), ["acked"], "the settle")
    trial.equal(total(trial, "first", "lag"), 0, "the lag")
    trial.equal(pull(trial, "empty", "no-such-topic-yet")["messages"], [], "an empty topic")
    trial.ask(request("/v1/topics/no-such-topic-yet"), 200)


@suite.case("a pull without a body takes its query")
def _(trial):
    for number in range(3):
        publish(trial, "query", b"m%d" % number, "?key=k")
    data = request("/v1/groups/query/pull?topic=query&topic=other&wait=0&max_messages=2&lease=5s"
                   "&consumer=me&min_messages=1&linger=0s&max_bytes=1MiB&pull_id=x", method="POST")
    answer = trial.ask(data, 200)
    trial.equal(values(answer.json()), ["m0", "m1"], "the messages")
    trial.equal(answer.json()["ended"], "limit", "the end")
    trial.equal(answer.get("Posthorn-Wait"), "0s", "Posthorn-Wait")
    trial.equal(answer.get("Posthorn-Ended"), "limit", "Posthorn-Ended")
    topics = group_of(trial, "query")["topics"]
    trial.equal([one["topic"] for one in topics], ["query", "other"], "the topics")
    shown = [one for one in topics[0]["partition_list"] if one["in_flight"]]
    trial.equal([(one["last_consumer"], one["last_address"]) for one in shown],
                [("me", "127.0.0.1")], "who has it")


@suite.case("binary bodies come as base64, and empty ones as text")
def _(trial):
    make_topic(trial, "bodies")
    publish(trial, "bodies", b"\xff\x00")
    publish(trial, "bodies", b"")
    found = pull(trial, "bodies", "bodies")["messages"]
    trial.equal(base64.b64decode(found[0]["value_base64"]), b"\xff\x00", "the binary one")
    trial.check("value" not in found[0], "it has both")
    trial.equal(found[1]["value"], "", "the empty one")


@suite.case("topics of one pull get equal shares, or those of their weights")
def _(trial):
    for topic in ("fair-a", "fair-b"):
        make_topic(trial, topic)
        for number in range(20):
            publish(trial, topic, b"%d" % number)
    found = pull(trial, "fair", ["fair-a", "fair-b"], max_messages=10)["messages"]
    shares = [sum(one["topic"] == topic for one in found) for topic in ("fair-a", "fair-b")]
    if all(shares):  # Both are of one shard; otherwise they take turns.
        trial.equal(shares, [5, 5], "the shares")
    taken = [one["topic"] for one in found]
    for _ in range(3):
        taken += [one["topic"] for one in
                  pull(trial, "fair", ["fair-a", "fair-b"], max_messages=10)["messages"]]
    trial.equal((taken.count("fair-a"), taken.count("fair-b")), (20, 20), "what came of each")
    pull(trial, "weighed", ["fair-a", "fair-b"], max_messages=8, weights={"fair-a": 3})


@suite.case("max_messages and max_bytes bound a pull, but for its first message")
def _(trial):
    make_topic(trial, "bounds")
    for _ in range(6):
        publish(trial, "bounds", b"x" * 1000)
    trial.equal(len(pull(trial, "b1", "bounds", max_messages=2)["messages"]), 2, "two")
    trial.equal(len(pull(trial, "b1", "bounds", max_bytes=10)["messages"]), 1, "the first")
    found = len(pull(trial, "b1", "bounds", max_bytes="2500")["messages"])
    trial.check(1 <= found <= 2, f"{found} messages of 1000 bytes in 2500")
    trial.equal(len(pull(trial, "b2", "bounds", max_messages=10**9)["messages"]), 6, "all")


# Waiting

@suite.case("an empty pull ends a little before its wait is over, and says how long that was")
def _(trial):
    pull(trial, "slow", "slow")
    begun = time.monotonic()
    answer = trial.ask(pull_request("slow", "slow", wait="1s"), 200)
    took = time.monotonic() - begun
    trial.check(0.9 <= took <= 5, f"it took {took:.3f} s")
    trial.equal(answer.json()["ended"], "timeout", "the end")
    trial.equal(answer.get("Posthorn-Wait"), "1s", "Posthorn-Wait")
    client = park(trial, "slow", "slow", wait="1h")
    publish(trial, "slow", b"x")
    trial.equal(client.expect(200).get("Posthorn-Wait"), "25s", "a wait that is too long")


@suite.case("a publish wakes a parked pull")
def _(trial):
    client = park(trial, "woken", "woken")
    publish(trial, "woken", b"now")
    trial.equal(values(client.expect(200).json()), ["now"], "the messages")


@suite.case("a message wakes as many as can have it")
def _(trial):
    make_topic(trial, "many")
    clients = [park(trial, "many", "many", wait="2s") for _ in range(6)]
    publish(trial, "many", b"1")
    publish(trial, "many", b"2")
    answers = [values(client.expect(200).json()) for client in clients]
    trial.equal(sorted(sum(answers, [])), ["1", "2"], "what came")


@suite.case("a delay that falls due, a nack, a lease that ends and a seek wake a parked pull")
def _(trial):
    make_topic(trial, "wakes")
    make_group(trial, "wakes", backoff=["300ms"])
    client = park(trial, "wakes", "wakes")
    publish(trial, "wakes", b"due", "?delay=300ms")
    trial.equal(values(client.expect(200).json()), ["due"], "after the delay")
    # The lease is over.
    other = park(trial, "wakes", "wakes")
    publish(trial, "wakes", b"short")
    first = other.expect(200).json()
    trial.equal(settle(trial, "wakes", nacks=[{"receipt": first["receipt"], "delay": 0}]),
                ["nacked"], "the nack")
    again = pull(trial, "wakes", "wakes", wait="5s", lease="400ms")
    trial.equal([(one["value"], one["attempt"]) for one in again["messages"]], [("short", 2)], "again")
    third = pull(trial, "wakes", "wakes", wait="5s")
    trial.equal([(one["value"], one["attempt"]) for one in third["messages"]], [("short", 3)], "expired")
    ack(trial, "wakes", third["receipt"])
    waiting = park(trial, "wakes", "wakes")
    trial.ask(call("wakes", "seek", {"topic": "wakes", "to": "earliest"}), 200)
    trial.equal(values(waiting.expect(200).json()), ["due", "short"], "after the seek")


@suite.case("min_messages and linger collect more")
def _(trial):
    make_topic(trial, "linger")
    client = park(trial, "linger", "linger", min_messages=2, linger="3s")
    publish(trial, "linger", b"1")
    client.expect_silence(0.3)
    publish(trial, "linger", b"2")
    trial.equal(values(client.expect(200).json()), ["1", "2"], "both")
    publish(trial, "linger", b"3")
    begun = time.monotonic()
    answer = pull(trial, "linger", "linger", wait="10s", min_messages=5, linger="400ms")
    trial.equal(values(answer), ["3"], "what there is")
    trial.check(time.monotonic() - begun < 3, "it waited longer than it lingers")


@suite.case("whoever waits for a group or a topic that is deleted is told")
def _(trial):
    client = park(trial, "deleted", "deleted")
    trial.ask(request("/v1/groups/deleted", method="DELETE"), 204)
    trial.equal(client.expect(404).json()["code"], "no_such_group", "the code")
    client = park(trial, "deleted", "deleted")
    trial.ask(request("/v1/topics/deleted?confirm=deleted", method="DELETE"), 204)
    trial.equal(client.expect(404).json()["code"], "no_such_topic", "the code")


@suite.case("a topic that gets more partitions is seen by those who wait")
def _(trial):
    make_topic(trial, "grows")
    client = park(trial, "grows", "grows")
    body = b'{"partitions":3}'
    trial.ask(request("/v1/topics/grows", "Content-Type: application/json", method="PUT", body=body), 200)
    publish(trial, "grows", b"new", "?partition=2")
    trial.equal(values(client.expect(200).json()), ["new"], "the message")


# Settling

@suite.case("one receipt settles all, and one of a message that message")
def _(trial):
    make_topic(trial, "settles")
    for number in range(4):
        publish(trial, "settles", b"%d" % number)
    answer = pull(trial, "settles", "settles")
    own = [one["receipt"] for one in answer["messages"]]
    trial.equal(ack(trial, "settles", own[1], own[1]), ["acked", "already_acked"], "one of them")
    trial.equal(ack(trial, "settles", answer["receipt"]), ["acked"], "all")
    trial.equal(ack(trial, "settles", own[0], answer["receipt"]), ["already_acked"] * 2, "again")
    trial.equal(total(trial, "settles", "lag"), 0, "the lag")


@suite.case("results come in the order acks, nacks, extends, and name their receipts")
def _(trial):
    make_topic(trial, "order")
    for number in range(3):
        publish(trial, "order", b"%d" % number)
    own = [one["receipt"] for one in pull(trial, "order", "order")["messages"]]
    body = {"extends": [{"receipt": own[2], "by": "60s"}], "acks": [own[0]],
            "nacks": [{"receipt": own[1], "delay": "1h", "reason": "no"}]}
    results = trial.ask(call("order", "settle", body), 200).json()["results"]
    trial.equal([(one["receipt"], one["status"]) for one in results],
                [(own[0], "acked"), (own[1], "nacked"), (own[2], "extended")], "the results")
    trial.equal(total(trial, "order", "retrying"), 1, "what waits for a retry")


@suite.case("a message that differs from the others of its receipt is named")
def _(trial):
    make_topic(trial, "mixed")
    publish(trial, "mixed", b"0")
    publish(trial, "mixed", b"1")
    first = pull(trial, "mixed", "mixed")
    settle(trial, "mixed", nacks=[{"receipt": first["messages"][0]["receipt"], "delay": 0}])
    trial.equal(values(pull(trial, "mixed", "mixed", wait="5s")), ["0"], "the retry")
    results = trial.ask(call("mixed", "settle", {"acks": [first["receipt"]]}), 200).json()["results"]
    trial.equal(results[0]["status"], "lost", "the status")
    trial.equal(results[0]["messages"], [{"id": "0-1", "status": "acked"}], "the other one")


@suite.case("receipts that are forged, cut, of another group or nonsense are unknown, and settle nothing")
def _(trial):
    make_topic(trial, "forged")
    publish(trial, "forged", b"0")
    answer = pull(trial, "forged", "forged")
    pull(trial, "forged2", "forged")
    receipt = answer["receipt"]
    swapped = ("B" if receipt[-1] != "B" else "C").join([receipt[:-1], ""])
    for wrong in (swapped, receipt[:-1], receipt + "A", receipt + ".AAAA", "nonsense", "x" * 9000, "é"):
        trial.equal(ack(trial, "forged", wrong), ["unknown"], f"the status of {wrong[:50]}")
    trial.equal(ack(trial, "forged2", receipt), ["unknown"], "in another group")
    trial.equal(total(trial, "forged", "lag"), 1, "the lag")
    trial.equal(ack(trial, "forged", receipt), ["acked"], "the true one")


@suite.case("a late ack counts if nobody got the message since, and is lost otherwise")
def _(trial):
    make_topic(trial, "late")
    make_group(trial, "late", backoff=["0s"])
    publish(trial, "late", b"0")
    first = pull(trial, "late", "late", lease="100ms")
    trial.until(lambda: total(trial, "late", "in_flight") == 0, "the lease does not end")
    trial.equal(ack(trial, "late", first["receipt"]), ["acked"], "late, and alone")
    publish(trial, "late", b"1")
    second = pull(trial, "late", "late", lease="100ms")
    third = pull(trial, "late", "late", wait="5s", lease="30s")
    trial.equal(values(third), ["1"], "the second delivery")
    trial.equal(ack(trial, "late", second["receipt"]), ["lost"], "the first consumer")
    trial.equal(settle(trial, "late", nacks=[{"receipt": second["receipt"]}],
                       extends=[{"receipt": second["receipt"], "by": "5s"}]), ["lost"] * 2, "other words")
    trial.equal(ack(trial, "late", third["receipt"]), ["acked"], "the second consumer")


@suite.case("an extended lease lasts")
def _(trial):
    make_topic(trial, "extends")
    publish(trial, "extends", b"0")
    receipt = pull(trial, "extends", "extends", lease="300ms")["receipt"]
    trial.equal(settle(trial, "extends", extends=[{"receipt": receipt, "by": "30s"}]), ["extended"], "it")
    time.sleep(0.5)
    trial.equal(pull(trial, "extends", "extends")["messages"], [], "what others get")
    trial.equal(ack(trial, "extends", receipt), ["acked"], "the ack")


@suite.case("what is settled inside of a pull is settled first, and its results come with the messages")
def _(trial):
    make_topic(trial, "inside")
    make_group(trial, "inside", max_in_flight=1)
    publish(trial, "inside", b"0")
    publish(trial, "inside", b"1")
    first = pull(trial, "inside", "inside")
    trial.equal(values(first), ["0"], "one at a time")
    trial.equal(pull(trial, "inside", "inside")["messages"], [], "no room")
    second = pull(trial, "inside", "inside", settle={"acks": [first["receipt"], "nonsense"]})
    trial.equal(values(second), ["1"], "the next one")
    trial.equal([one["status"] for one in second["settled"]["results"]], ["acked", "unknown"], "the results")


@suite.case("the same pull_id gets the same messages and receipts while they are out")
def _(trial):
    make_topic(trial, "same", partitions=4)
    for number in range(8):
        publish(trial, "same", b"%d" % number)
    first = pull(trial, "same", "same", max_messages=3, pull_id="a")
    for _ in range(4):
        again = pull(trial, "same", "same", max_messages=3, pull_id="a")
        trial.equal(again["messages"], first["messages"], "the messages")
        trial.equal(again["receipt"], first["receipt"], "the receipt")
    other = pull(trial, "same", "same", max_messages=8, pull_id="b")
    ids = {one["id"] for one in first["messages"]}
    trial.check(not ids & {one["id"] for one in other["messages"]}, "another id got the same")
    trial.equal(len(other["messages"]), 5, "what another id gets")


# Failing

@suite.case("a message that fails too often is a dead letter, and goes back by a redrive")
def _(trial):
    make_topic(trial, "dead")
    make_group(trial, "dead", max_attempts=2, backoff=["0s"])
    publish(trial, "dead", b"poison")
    publish(trial, "dead", b"fine")
    for attempt in (1, 2):
        found = pull(trial, "dead", "dead", max_messages=1, wait="5s")
        trial.equal([(one["value"], one["attempt"]) for one in found["messages"]],
                    [("poison", attempt)], "what comes")
        settle(trial, "dead", nacks=[{"receipt": found["receipt"], "reason": "bad"}])
    trial.equal(total(trial, "dead", "dead"), 1, "the dead letters")
    trial.equal(values(pull(trial, "dead", "dead")), ["fine"], "what else there is")
    client = park(trial, "dead", "dead")
    answer = trial.ask(call("dead", "redrive", {"topic": "dead"}), 200).json()
    trial.equal(answer, {"topic": "dead", "redriven": 1}, "the redrive")
    found = client.expect(200).json()
    trial.equal([(one["value"], one["attempt"]) for one in found["messages"]], [("poison", 1)], "back")
    trial.equal(trial.ask(call("dead", "redrive", {"topic": "dead", "max": 5, "rate": 10}), 200).json(),
                {"topic": "dead", "redriven": 0}, "a redrive of nothing")


@suite.case("while a message of a key is out, no later one of it is handed out")
def _(trial):
    make_topic(trial, "keys")
    make_group(trial, "keys", ordering="key", backoff=["0s"])
    for key, body in (("a", b"a1"), ("a", b"a2"), ("b", b"b1"), ("a", b"a3")):
        publish(trial, "keys", body, f"?key={key}")
    first = pull(trial, "keys", "keys", wait="5s")
    trial.equal(values(first), ["a1", "b1"], "the first of each key")
    trial.equal(pull(trial, "keys", "keys")["messages"], [], "nothing else")
    ack(trial, "keys", first["messages"][1]["receipt"])
    trial.equal(pull(trial, "keys", "keys")["messages"], [], "a is still out")
    settle(trial, "keys", nacks=[{"receipt": first["messages"][0]["receipt"]}])
    order = []
    for _ in range(3):
        found = pull(trial, "keys", "keys", wait="5s")
        order += values(found)
        ack(trial, "keys", found["receipt"])
    trial.equal(order, ["a1", "a2", "a3"], "the order")


@suite.case("a filter lets only some through, and the others are settled")
def _(trial):
    make_topic(trial, "filter")
    make_group(trial, "filter", filter='colour = "red"')
    for colour in ("red", "blue", "red", "green"):
        publish(trial, "filter", colour.encode(), f"?attr.colour={colour}")
    found = pull(trial, "filter", "filter", wait="5s")
    trial.equal(values(found), ["red", "red"], "what comes")
    ack(trial, "filter", found["receipt"])
    trial.until(lambda: pull(trial, "filter", "filter")["lag"] == 0, "the others are not settled")


@suite.case("a message that has expired is never delivered")
def _(trial):
    make_topic(trial, "expires")
    publish(trial, "expires", b"gone", "?ttl=1ms")
    publish(trial, "expires", b"here")
    time.sleep(0.05)
    trial.equal(values(pull(trial, "expires", "expires", wait="5s")), ["here"], "what comes")


# Starts and seeks

@suite.case("a group begins where it was set to begin")
def _(trial):
    make_topic(trial, "starts")
    publish(trial, "starts", b"0")
    time.sleep(0.02)
    cursor = publish(trial, "starts", b"1")["cursor"]
    time.sleep(0.02)
    middle = publish(trial, "starts", b"2")["published_at"]
    time.sleep(0.02)
    make_group(trial, "s-latest", start="latest")
    make_group(trial, "s-time", start=middle)
    make_group(trial, "s-cursor", start=cursor)
    trial.equal(pull(trial, "s-latest", "starts")["messages"], [], "the latest")
    trial.equal(values(pull(trial, "s-time", "starts")), ["2"], "a time")
    trial.equal(values(pull(trial, "s-cursor", "starts")), ["2"], "a cursor")
    trial.equal(group_of(trial, "s-cursor")["start"], cursor, "the start that is shown")
    publish(trial, "starts", b"3")
    trial.equal(values(pull(trial, "s-latest", "starts", wait="5s")), ["3"], "what came since")


@suite.case("a seek moves a group, back and forth, and ends all leases")
def _(trial):
    make_topic(trial, "seeks")
    cursors = [publish(trial, "seeks", b"%d" % number) for number in range(4)]
    first = pull(trial, "seeks", "seeks")

    def seek(to):
        return trial.ask(call("seeks", "seek", {"topic": "seeks", "to": to}), 200).json()

    trial.equal(seek("latest"), {"topic": "seeks", "partitions": [{"partition": 0, "offset": 4}]}, "the answer")
    trial.equal(ack(trial, "seeks", first["receipt"]), ["lost"], "an old receipt")
    trial.equal(pull(trial, "seeks", "seeks")["messages"], [], "behind the last")
    seek("earliest")
    trial.equal(values(pull(trial, "seeks", "seeks")), ["0", "1", "2", "3"], "all")
    seek(cursors[1]["cursor"])
    trial.equal(values(pull(trial, "seeks", "seeks")), ["2", "3"], "behind the second")
    seek(cursors[3]["published_at"])
    trial.equal(values(pull(trial, "seeks", "seeks"))[-1:], ["3"], "by time")


@suite.case("a seek by a cursor of another topic is refused, and one before the first pull counts")
def _(trial):
    make_topic(trial, "seek-a")
    make_topic(trial, "seek-b")
    cursor = publish(trial, "seek-a", b"0")["cursor"]
    publish(trial, "seek-b", b"0")
    make_group(trial, "seek-g")
    problem(trial, call("seek-g", "seek", {"topic": "seek-b", "to": cursor}), 410, "topic_recreated")
    trial.ask(call("seek-g", "seek", {"topic": "seek-b", "to": "latest"}), 200)
    trial.equal(pull(trial, "seek-g", "seek-b")["messages"], [], "what is left")
    problem(trial, call("no-group", "seek", {"topic": "seek-b", "to": "latest"}), 404, "no_such_group")
    problem(trial, call("seek-g", "seek", {"topic": "no-topic", "to": "latest"}), 404, "no_such_topic")
    problem(trial, call("no-group", "redrive", {"topic": "seek-b"}), 404, "no_such_group")
    problem(trial, call("seek-g", "redrive", {"topic": "seek-a"}), 404, "not_attached")


# Forms

@suite.case("lines, one message each, with the receipt of all in a field")
def _(trial):
    make_topic(trial, "lines")
    publish(trial, "lines", b"0")
    publish(trial, "lines", b"1")
    answer = trial.ask(pull_request("lines", "lines", "Accept: application/x-ndjson"), 200)
    trial.equal(answer.get("Content-Type"), "application/x-ndjson", "the type")
    found = [json.loads(line) for line in answer.body.splitlines()]
    trial.equal([one["value"] for one in found], ["0", "1"], "the messages")
    trial.equal(ack(trial, "lines", found[0]["receipt"], answer.get("Posthorn-Receipt")),
                ["acked", "acked"], "the receipts")


@suite.case("one message as it is, and 204 where there is none")
def _(trial):
    make_topic(trial, "raw")
    publish(trial, "raw", b"\x00\xff", "?key=k%C3%A4&attr.colour=red")
    publish(trial, "raw", b"next")
    answer = trial.ask(pull_request("raw", "raw", "Accept: application/octet-stream", max_messages=1), 200)
    trial.equal(answer.body, b"\x00\xff", "the body")
    fields = {"Content-Type": "application/octet-stream", "Posthorn-Id": "0-0", "Posthorn-Attempt": "1",
              "Posthorn-Topic": "raw", "Posthorn-Key": "k%C3%A4", "Posthorn-Attr-colour": "red",
              "Posthorn-Content-Type": "text/plain", "Posthorn-Ended": "limit"}
    trial.equal({name: answer.get(name) for name in fields}, fields, "the fields")
    trial.equal(ack(trial, "raw", answer.get("Posthorn-Receipt")), ["acked"], "the receipt")
    data = request("/v1/groups/raw/pull?topic=raw&wait=0", "Accept: application/octet-stream", method="POST")
    trial.equal(trial.ask(data, 200).body, b"next", "without a number it is one")
    empty = trial.ask(data, 204)
    trial.equal((empty.body, empty.get("Posthorn-Ended")), (b"", "timeout"), "the empty answer")


def frames(data):
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from("<IB", data, at)
        yield kind, data[at + 5:at + 4 + size]
        at += 4 + size


def fields(content):
    at = 0
    while at < len(content):
        number, size = struct.unpack_from("<BI", content, at)
        yield number, content[at + 5:at + 5 + size]
        at += 5 + size


@suite.case("binary frames, and a summary behind them")
def _(trial):
    make_topic(trial, "frames")
    publish(trial, "frames", b"0")
    publish(trial, "frames", b"1")
    answer = trial.ask(pull_request("frames", "frames", "Accept: application/vnd.posthorn.batch"), 200)
    found = list(frames(answer.body))
    trial.equal([kind for kind, _ in found], [1, 1, 3], "the kinds")
    messages = [dict(fields(content)) for _, content in found[:2]]
    trial.equal([one[1] for one in messages], [b"0", b"1"], "the bodies")
    trial.equal([struct.unpack("<I", one[19])[0] for one in messages], [1, 1], "the attempts")
    summary = json.loads(found[2][1])
    trial.equal(set(summary), {"receipt", "lease_until", "ended", "lag"}, "the summary")
    trial.equal(ack(trial, "frames", messages[0][20].decode(), summary["receipt"]), ["acked"] * 2, "receipts")


# Groups that end by themselves

def is_there(trial, group, server=None):
    return trial.ask(request(f"/v1/groups/{group}"), 200, 404, server=server).status == 200


def until_gone(trial, group, server=None, seconds=10):
    trial.until(lambda: not is_there(trial, group, server), f"the group {group} does not end", seconds)


@suite.case("a group with a ttl ends when nobody uses it, and one without stays", slow=True)
def _(trial):
    publish(trial, "brief", b"a")
    for name, settings in [("brief", {"ttl": "2s"}), ("unused", {"ttl": 1}), ("lasting", {})]:
        make_group(trial, name, **settings)
    got = pull(trial, "brief", "brief", lease="30s")
    pull(trial, "lasting", "brief", lease="1s")
    until_gone(trial, "unused")
    time.sleep(2)
    trial.check(is_there(trial, "brief"), "it ended while a message was out")
    trial.equal(ack(trial, "brief", got["receipt"]), ["acked"], "the ack")
    trial.check(is_there(trial, "brief"), "it ended with the ack")
    until_gone(trial, "brief")
    problem(trial, call("brief", "settle", {"acks": [got["receipt"]]}), 404, "no_such_group")
    trial.check(is_there(trial, "lasting"), "a group without a ttl ended")
    # Whoever pulls makes another one.
    trial.equal(values(pull(trial, "brief", "brief")), ["a"], "what the new group gets")
    trial.equal(group_of(trial, "brief")["ttl"], None, "the ttl of the new group")


@suite.case("a group with a ttl stays while somebody waits for it, through its wakings", slow=True)
def _(trial):
    publish(trial, "awaited", b"old")
    make_group(trial, "awaited", ttl="2s", start="latest")
    waiter = trial.connect().send(pull_request("awaited", "awaited", wait="20s"))
    time.sleep(5)
    trial.check(is_there(trial, "awaited"), "it ended while somebody waited")
    publish(trial, "awaited", b"new")
    got = waiter.expect(200).json()
    trial.equal(values(got), ["new"], "what the waiter got")
    trial.equal(ack(trial, "awaited", got["receipt"]), ["acked"], "the ack")
    until_gone(trial, "awaited")


@suite.case("a ttl can be taken away in time", slow=True)
def _(trial):
    make_group(trial, "spared", ttl="2s")
    make_group(trial, "spared", ttl=None)
    time.sleep(3.5)
    trial.check(is_there(trial, "spared"), "it ended all the same")


@suite.case("a start counts as a use of a group with a ttl, which ends after it", slow=True)
def _(trial):
    data = trial.server.directory + "/ephemeral"
    first = trial.start(data=data)
    publish(trial, "kept", b"a", server=first)
    make_group(trial, "kept", first, ttl="4s")
    ack(trial, "kept", pull(trial, "kept", "kept", first)["receipt"], server=first)
    first.signal(signal.SIGKILL)
    first.expect_exit(-signal.SIGKILL, within=10)
    time.sleep(4)
    second = trial.start(data=data)
    trial.check(is_there(trial, "kept", second), "it ended while nobody could use it")
    until_gone(trial, "kept", second, seconds=20)
    second.signal(signal.SIGKILL)
    second.expect_exit(-signal.SIGKILL, within=10)
    trial.check(not is_there(trial, "kept", trial.start(data=data)), "it came back")


# Bad input

def bad_pull(trial, body, status, code, *places):
    problem(trial, call("bad", "pull", body), status, code, *places)


suite.table(bad_pull, [
    ("no topic", {}, 404, "no_topic_given", "topic"),
    ("no JSON", b"x", 400, "invalid_json"),
    ("an array", b"[]", 422, "invalid_body", ""),
    ("an empty list of topics", {"topics": []}, 422, "invalid_body", "/topics"),
    ("topics that are no list", {"topics": "a"}, 422, "invalid_body", "/topics"),
    ("65 topics", {"topics": [f"t{n}" for n in range(65)]}, 422, "invalid_body", "/topics"),
    ("names that are none", {"topics": ["a", "_x", 5]}, 422, "invalid_body", "/topics/1", "/topics/2"),
    ("members that nobody knows", {"topics": ["a"], "wait_time": 1}, 400, "unknown_field", "/wait_time"),
    ("bad numbers", {"topics": ["a"], "max_messages": 0, "min_messages": "1", "max_bytes": "x"}, 422,
     "invalid_body", "/max_messages", "/min_messages", "/max_bytes"),
    ("bad durations", {"topics": ["a"], "wait": "x", "linger": -1, "lease": "1ms"}, 422, "invalid_body",
     "/wait", "/linger", "/lease"),
    ("a lease above the most", {"topics": ["a"], "lease": "13h"}, 422, "invalid_body", "/lease"),
    ("bad labels", {"topics": ["a"], "consumer": "x" * 201, "pull_id": ""}, 422, "invalid_body",
     "/consumer", "/pull_id"),
    ("bad weights", {"topics": ["a"], "weights": {"a": 0, "b": 101}}, 422, "invalid_body",
     "/weights/a", "/weights/b"),
    ("a bad settle inside", {"topics": ["a"], "settle": {"acks": "x", "nacks": [{}]}}, 422, "invalid_body",
     "/settle/acks", "/settle/nacks/0/receipt"),
    ("an unknown member inside", {"topics": ["a"], "settle": {"ack": []}}, 400, "unknown_field",
     "/settle/ack"),
])


def bad_query(trial, query, status, code, *places):
    problem(trial, request(f"/v1/groups/bad/pull?{query}", method="POST"), status, code, *places)


suite.table(bad_query, [
    ("a query without a topic", "wait=0", 404, "no_topic_given", "topic"),
    ("a query with a bad topic", "topic=_x", 400, "invalid_parameter", "topic"),
    ("a query with a bad number", "topic=a&max_messages=0", 400, "invalid_parameter", "max_messages"),
    ("a query with a bad size", "topic=a&max_bytes=big", 400, "invalid_parameter", "max_bytes"),
    ("a query with a bad wait", "topic=a&wait=soon", 400, "invalid_parameter", "wait"),
    ("a query with a bad lease", "topic=a&lease=13h", 400, "invalid_parameter", "lease"),
    ("an unknown parameter", "topic=a&waits=1", 400, "unknown_parameter", "waits"),
    ("a parameter twice", "topic=a&wait=1&wait=2", 400, "repeated_parameter", "wait"),
    ("65 topics in a query", "&".join(f"topic=t{n}" for n in range(65)), 400, "invalid_parameter", "topic"),
])


@suite.case("what the body says goes before the query")
def _(trial):
    data = call("both", "pull", {"topics": ["both"], "wait": 0}, query="?wait=1s&topic=other")
    trial.equal(trial.ask(data, 200).get("Posthorn-Wait"), "0s", "the wait")
    trial.equal([one["topic"] for one in group_of(trial, "both")["topics"]], ["both"], "the topics")


def bad_settle(trial, body, status, code, *places):
    make_group(trial, "bad-settle")
    problem(trial, call("bad-settle", "settle", body), status, code, *places)


suite.table(bad_settle, [
    ("a settle that is no JSON", b"acks", 400, "invalid_json"),
    ("a settle with an unknown member", {"ack": []}, 400, "unknown_field", "/ack"),
    ("acks that are no list", {"acks": "r"}, 422, "invalid_body", "/acks"),
    ("receipts that are no text", {"acks": ["r", 5, ""]}, 422, "invalid_body", "/acks/1", "/acks/2"),
    ("nacks that are no objects", {"nacks": ["r"]}, 422, "invalid_body", "/nacks/0"),
    ("a nack with an unknown member", {"nacks": [{"receipt": "r", "by": 1}]}, 400, "unknown_field",
     "/nacks/0/by"),
    ("a nack with a bad delay", {"nacks": [{"receipt": "r", "delay": "8d"}]}, 422, "invalid_body",
     "/nacks/0/delay"),
    ("a nack with a long reason", {"nacks": [{"receipt": "r", "reason": "x" * 201}]}, 422, "invalid_body",
     "/nacks/0/reason"),
    ("an extend without a time", {"extends": [{"receipt": "r"}]}, 422, "invalid_body", "/extends/0/by"),
    ("too many receipts", {"acks": ["r"] * 1001}, 422, "invalid_body", "/acks"),
])


@suite.case("nothing to settle is settled, and a settle of no group is 404")
def _(trial):
    make_group(trial, "nothing")
    trial.equal(trial.ask(call("nothing", "settle", {}), 200).json(), {"results": []}, "the results")
    problem(trial, call("no-such-group", "settle", {"acks": ["r"]}), 404, "no_such_group")
    trial.ask(request("/v1/groups/nothing/settle", method="POST"), 411)


def bad_control(trial, verb, body, status, code, *places):
    problem(trial, call("bad-control", verb, body), status, code, *places)


suite.table(bad_control, [
    ("a seek to nowhere", "seek", {"topic": "a", "to": "soon"}, 422, "invalid_body", "/to"),
    ("a seek of nothing", "seek", {}, 422, "invalid_body", "/topic", "/to"),
    ("a seek with an unknown member", "seek", {"topic": "a", "to": "latest", "x": 1}, 400, "unknown_field",
     "/x"),
    ("a redrive of nothing", "redrive", {}, 422, "invalid_body", "/topic"),
    ("a redrive of no letter", "redrive", {"topic": "a", "max": 0, "rate": 0}, 422, "invalid_body",
     "/max", "/rate"),
])


@suite.case("methods of the calls about messages are told")
def _(trial):
    for verb in ("pull", "settle", "seek", "redrive"):
        answer = trial.ask(request(f"/v1/groups/g/{verb}"), 405)
        trial.equal(answer.get("Allow"), "POST, OPTIONS", f"Allow of {verb}")


# Vanished clients

def untouched(trial, topic, body):
    """The message is there at once, for the first time."""
    begun = time.monotonic()
    found = pull(trial, topic, topic, wait="10s")
    trial.equal([(one["value"], one["attempt"]) for one in found["messages"]], [(body, 1)], "what comes")
    trial.check(time.monotonic() - begun < 5, "it was locked for a while")


@suite.case("who closes while it is parked takes no message")
def _(trial):
    make_topic(trial, "van-close")
    park(trial, "van-close", "van-close").close()
    time.sleep(0.2)
    publish(trial, "van-close", b"x")
    untouched(trial, "van-close", "x")


@suite.case("who resets while it is parked takes no message")
def _(trial):
    make_topic(trial, "van-reset")
    for _ in range(3):
        park(trial, "van-reset", "van-reset").reset()
    time.sleep(0.2)
    publish(trial, "van-reset", b"x")
    untouched(trial, "van-reset", "x")


@suite.case("who is gone while its message is on the way gives it back")
def _(trial):
    make_topic(trial, "van-race")
    for _ in range(20):
        client = trial.connect()
        client.send(pull_request("van-race", "van-race", wait="15s"))
        client.reset()
    publish(trial, "van-race", b"x")
    untouched(trial, "van-race", "x")


@suite.case("an answer that could not be written whole gives its messages back, uncounted", slow=True)
def _(trial):
    server = trial.start(partitions=1, write_timeout="1s")
    make_topic(trial, "van-stuck", server)
    for _ in range(7):
        publish(trial, "van-stuck", b"x" * 1_000_000, server=server)
    client = trial.connect(server, receive_buffer=4096)
    client.send(pull_request("van-stuck", "van-stuck", max_bytes="8MiB", lease="1h"))
    trial.until(lambda: released(trial, server) == 7, "the messages are not given back", seconds=20)
    found = pull(trial, "van-stuck", "van-stuck", server, max_bytes="8MiB")
    trial.equal([one["attempt"] for one in found["messages"]], [1] * 7, "the attempts")


def released(trial, server):
    return scrape(trial, server).total("posthorn_settled_messages_total", result="released")


@suite.case("who half-closes while it is parked gets an empty answer, and takes no message")
def _(trial):
    make_topic(trial, "van-half")
    client = park(trial, "van-half", "van-half")
    client.half_close()
    trial.equal(client.expect(200).json()["messages"], [], "its answer")
    publish(trial, "van-half", b"x")
    untouched(trial, "van-half", "x")


# Crashes and stops

@suite.case("kill -9 between pull and ack: what was acked stays so, the rest comes again", slow=True)
def _(trial):
    data = trial.server.directory + "/killed"
    server = trial.start(data=data, partitions=2)
    for number in range(10):
        publish(trial, "killed", b"%d" % number, server=server)
    first = pull(trial, "killed", "killed", server)
    half = [one["receipt"] for one in first["messages"][:5]]
    trial.equal(ack(trial, "killed", *half, server=server), ["acked"] * 5, "the acks")
    server.signal(signal.SIGKILL)
    server.expect_exit(-signal.SIGKILL, within=10)
    server = trial.start(data=data, partitions=2)
    trial.equal(ack(trial, "killed", half[0], server=server), ["already_acked"], "an ack, repeated")
    late = first["messages"][5]["receipt"]
    trial.equal(ack(trial, "killed", late, server=server), ["acked"], "an ack of before, in time")
    second = pull(trial, "killed", "killed", server, wait="5s")
    trial.equal(sorted(values(second)), sorted(one["value"] for one in first["messages"][6:]), "the rest")
    trial.equal(ack(trial, "killed", first["messages"][6]["receipt"], server=server), ["lost"], "too late")
    trial.equal(ack(trial, "killed", second["receipt"], server=server), ["acked"], "the new lease")
    trial.equal(total(trial, "killed", "lag", server), 0, "the lag")


@suite.case("a drain answers those who wait early", slow=True)
def _(trial):
    server = trial.start(drain_window="1s", drain_timeout="10s")
    client = park(trial, "drained", "drained", server, wait="25s")
    server.signal(signal.SIGTERM)
    answer = client.expect(200)
    trial.equal(answer.json()["ended"], "drain", "the end")
    trial.equal(answer.tokens("Connection"), ["close"], "Connection")
    server.expect_exit(0, within=15)


@suite.case("without auto-create a pull from no topic is 404")
def _(trial):
    server = trial.start(arguments=["--no-auto-create"])
    answer = trial.ask(pull_request("g", "nobody"), 404, server=server)
    trial.equal(answer.json()["code"], "no_such_topic", "the code")


@suite.case("many workers share a backlog: each message once, and nothing is left", slow=True)
def _(trial):
    make_topic(trial, "share", partitions=4)
    for number in range(60):
        publish(trial, "share", b"%d" % number)
    seen = []
    while True:
        clients = [trial.connect() for _ in range(5)]
        for client in clients:
            client.send(pull_request("share", "share", max_messages=7))
        answers = [client.expect(200).json() for client in clients]
        for answer in answers:
            if answer["messages"]:
                seen += values(answer)
                trial.equal(ack(trial, "share", answer["receipt"]), ["acked"], "the ack")
        if not any(answer["messages"] for answer in answers):
            break
    trial.equal(sorted(map(int, seen)), list(range(60)), "what came")
    trial.equal(total(trial, "share", "lag"), 0, "the lag")
