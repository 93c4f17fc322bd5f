"""Dead letters: copied into a topic of their own, and what that topic has to be."""

import json
import re
import signal

from harness import Suite, request
from harness.exposition import scrape

suite = Suite("dead", partitions=2, shards=3)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def put(path, body):
    return request(path, "Content-Type: application/json", method="PUT", body=json.dumps(body).encode())


def post(path, body):
    return request(path, "Content-Type: application/json", method="POST", body=json.dumps(body).encode())


def make_group(trial, name, letters, server=None, **settings):
    """A group whose messages die when they fail once."""
    body = {"max_attempts": 1, "dead_letter_topic": letters, **settings}
    return trial.ask(put(f"/v1/groups/{name}", body), 201, server=server).json()


def publish(trial, topic, body, *fields, server=None):
    data = request(f"/v1/topics/{topic}/messages", *fields, method="POST", body=body)
    return trial.ask(data, 201, server=server).json()


def pull(trial, group, topic, server=None, **members):
    body = {"topics": [topic], "wait": "5s", **members}
    return trial.ask(post(f"/v1/groups/{group}/pull", body), 200, server=server).json()


def kill(trial, group, topic, server=None, reason="no", **members):
    """All that there is at once is refused by who got it."""
    answer = pull(trial, group, topic, server, **members)
    nacks = [{"receipt": answer["receipt"], "reason": reason}]
    data = post(f"/v1/groups/{group}/settle", {"nacks": nacks})
    trial.ask(data, 200, server=server)
    return answer["messages"]


def letters(trial, topic, server=None, wait="0s"):
    data = request(f"/v1/topics/{topic}/messages?from=earliest&max_messages=1000&wait={wait}")
    return trial.ask(data, 200, server=server).json()["messages"]


def all_letters(trial, topic, count, server=None):
    return trial.until(
        lambda: (found := letters(trial, topic, server)) and len(found) >= count and found,
        lambda: f"{topic} has not {count} messages: {letters(trial, topic, server)}")


def dead(trial, group, server=None):
    shown = trial.ask(request(f"/v1/groups/{group}"), 200, server=server).json()
    return sum(one["dead"] for topic in shown["topics"] for one in topic["partition_list"])


@suite.case("a dead letter is a message of its topic, and says where it died and why")
def _(trial):
    shown = make_group(trial, "tells", "tells.dead")
    trial.equal(shown["dead_letter_topic"], "tells.dead", "the setting")
    at = publish(trial, "tells", b'{"a":1}', "Content-Type: application/json", "Posthorn-Key: k",
                 "Posthorn-Attr-Region: eu")
    killed = kill(trial, "tells", "tells", reason="no such account", consumer="worker-1")
    one = all_letters(trial, "tells.dead", 1)[0]
    trial.equal([one["value"], one["key"], one["content_type"]], ['{"a":1}', "k", "application/json"], "it")
    told = one["attributes"]
    trial.check(TIME.fullmatch(told.pop("dead-at", "")), f"it died at {one}")
    trial.equal(told.pop("dead-published-at", ""), killed[0]["published_at"], "when it was published")
    trial.equal(told.pop("dead-address", ""), "127.0.0.1", "who had it")
    trial.equal(told, {
        "region": "eu", "dead-group": "tells", "dead-topic": "tells", "dead-id": at["id"],
        "dead-reason": "no such account", "dead-attempts": "1", "dead-consumer": "worker-1",
    }, "the attributes")
    found = trial.ask(request("/v1/topics/tells.dead/messages?from=earliest&wait=0&filter="
                              "dead-reason%20%3D%20%22no%20such%20account%22"), 200).json()
    trial.equal(len(found["messages"]), 1, "what a filter finds")


@suite.case("the topic is made with a partition for each shard, or refused with how many it needs")
def _(trial):
    make_group(trial, "makes", "makes.dead")
    topic = trial.ask(request("/v1/topics/makes.dead"), 200).json()
    trial.equal(topic["partitions"], 3, "the partitions")
    trial.ask(put("/v1/topics/few", {"partitions": 2}), 201)
    for status in (409, 200):
        answer = trial.ask(put("/v1/groups/makes", {"dead_letter_topic": "few"}), status).json()
        if status == 409:
            trial.equal([answer["code"], answer["outcome"]], ["too_few_partitions", "none"], "it")
            trial.check("3 partitions" in answer["detail"], answer["detail"])
            trial.equal(answer["errors"][0]["place"], "/dead_letter_topic", "the place")
            trial.ask(put("/v1/topics/few", {"partitions": 3}), 200)
    shown = trial.ask(put("/v1/groups/makes", {"dead_letter_topic": None}), 200).json()
    trial.equal(shown["dead_letter_topic"], None, "the setting")


@suite.case("without auto-creation the topic has to be there", slow=True)
def _(trial):
    server = trial.start(arguments=["--no-auto-create"])
    answer = trial.ask(put("/v1/groups/g", {"dead_letter_topic": "nobody"}), 404, server=server)
    trial.equal(answer.json()["code"], "no_such_topic", "the code")
    trial.ask(request("/v1/groups/g"), 404, server=server)
    trial.ask(put("/v1/topics/nobody", {"partitions": 3}), 201, server=server)
    make_group(trial, "g", "nobody", server)


@suite.case("whoever waits for dead letters is woken, and another group works on them")
def _(trial):
    make_group(trial, "wakes", "wakes.dead")
    publish(trial, "wakes", b"one")
    reader = trial.connect().send(request("/v1/topics/wakes.dead/messages?from=earliest&wait=20s"))
    worker = trial.connect().send(post("/v1/groups/second/pull", {"topics": ["wakes.dead"], "wait": "20s"}))
    kill(trial, "wakes", "wakes")
    for client in (reader, worker):
        found = client.expect(200).json()["messages"]
        trial.equal([one["value"] for one in found], ["one"], "what it got")
    trial.equal(found[0]["attributes"]["dead-group"], "wakes", "who killed it")


@suite.case("a group that works on its own dead letters makes no loop")
def _(trial):
    make_group(trial, "loops", "loops.dead")
    publish(trial, "loops", b"one")
    kill(trial, "loops", "loops")
    all_letters(trial, "loops.dead", 1)
    kill(trial, "loops", "loops.dead")
    trial.until(lambda: dead(trial, "loops") == 2, "it has not two dead letters")
    trial.equal(len(letters(trial, "loops.dead", wait="1s")), 1, "the copies")


@suite.case("a redrive sends the message back, and leaves the copy")
def _(trial):
    make_group(trial, "back", "back.dead")
    publish(trial, "back", b"one")
    kill(trial, "back", "back")
    all_letters(trial, "back.dead", 1)
    answer = trial.ask(post("/v1/groups/back/redrive", {"topic": "back"}), 200).json()
    trial.equal(answer["redriven"], 1, "how many go back")
    trial.equal(kill(trial, "back", "back")[0]["attempt"], 1, "the attempt")
    ids = {one["attributes"]["dead-at"] for one in all_letters(trial, "back.dead", 2)}
    trial.equal(len(ids), 2, "the deaths")


@suite.case("what expires is a dead letter, if that was asked for")
def _(trial):
    make_group(trial, "late", "late.dead", expired="dead_letter")
    body = {"topics": ["late"], "wait": "0s"}
    trial.ask(post("/v1/groups/late/pull", body), 200)
    publish(trial, "late", b"one", "Posthorn-Ttl: 100ms")

    def dies():
        # Whoever is quick gets it in time, and lets it go.
        trial.ask(post("/v1/groups/late/pull", {**body, "lease": "100ms"}), 200)
        return letters(trial, "late.dead")

    found = trial.until(dies, "nothing has died")
    trial.check(found[0]["attributes"]["dead-reason"] in ("expired", "lease expired"), f"{found}")


@suite.case("a topic that is deleted gets nothing, and dead letters stay", slow=True)
def _(trial):
    server = trial.start()
    make_group(trial, "gone", "gone.dead", server)
    trial.ask(request("/v1/topics/gone.dead?confirm=gone.dead", method="DELETE"), 204, server=server)
    publish(trial, "gone", b"one", server=server)
    kill(trial, "gone", "gone", server)
    name = "posthorn_dead_letter_copies_left_off_total"
    trial.until(lambda: scrape(trial, server).total(name) == 1, "no copy is counted")
    trial.equal(dead(trial, "gone", server), 1, "the dead letters")


@suite.case("each dead letter is copied once, over kill -9", slow=True)
def _(trial):
    data = trial.server.directory + "/killed"
    server = trial.start(data=data)
    make_group(trial, "killed", "killed.dead", server)
    count = 0
    for _ in range(4):
        for _ in range(30):
            publish(trial, "killed", b"%d" % count, server=server)
            count += 1
        kill(trial, "killed", "killed", server)
        server.signal(signal.SIGKILL)
        server.expect_exit(-9, within=5)
        server = trial.start(data=data)
    while dead(trial, "killed", server) < count:
        kill(trial, "killed", "killed", server)
    found = all_letters(trial, "killed.dead", count, server)
    trial.equal(sorted(int(one["value"]) for one in found), list(range(count)), "the copies")


@suite.case("dead letters are listed, page by page")
def _(trial):
    for topic in ("list-b", "list-a"):
        trial.ask(post("/v1/groups/lists/pull", {"topics": [topic], "wait": "0s"}), 200)
        for number in range(4):
            publish(trial, topic, b"%d" % number)
    trial.ask(put("/v1/groups/lists", {"max_attempts": 2, "backoff": []}), 200)
    for topic in ("list-a", "list-b"):
        for reason in ("one", "two"):
            left = 4
            while left:
                left -= len(kill(trial, "lists", topic, reason=reason))
    trial.until(lambda: dead(trial, "lists") == 8, "not all have died")
    found, after = [], ""
    while True:
        page = trial.ask(request(f"/v1/groups/lists/dead?limit=3{after}"), 200).json()
        found += page["letters"]
        if "next" not in page:
            break
        trial.equal(len(page["letters"]), 3, "the letters of a page")
        after = f"&after={page['next']}"
    places = [(one["topic"], one["partition"], one["offset"]) for one in found]
    trial.equal(len(found), 8, "the letters")
    trial.equal(places, sorted(places), "their order")
    for one in found:
        trial.check(TIME.fullmatch(one["died_at"]), f"died_at of {one}")
        trial.equal([one["attempts"], one["reasons"], one["consumer"], one["redriving"]],
                    [2, ["one", "two"], None, False], "a letter")
        data = request(f"/v1/topics/{one['topic']}/messages/{one['id']}")
        trial.ask(data, 200)
    one_topic = trial.ask(request("/v1/groups/lists/dead?topic=list-b"), 200).json()["letters"]
    trial.equal({one["topic"] for one in one_topic}, {"list-b"}, "the topics")
    shown = trial.ask(request("/v1/groups/lists"), 200).json()
    trial.equal({one["last_consumer"] for topic in shown["topics"] for one in topic["partition_list"]},
                {None}, "the last consumer")


def bad_list(trial, target, status, code):
    trial.ask(put("/v1/groups/bad-list", {}), 200, 201)
    trial.ask(put("/v1/topics/bad-list", {}), 200, 201)
    answer = trial.ask(request(target), status)
    trial.equal(answer.json()["code"], code, "the code")


suite.table(bad_list, [(f"{target} is {status} {code}", target, status, code) for target, status, code in [
    ("/v1/groups/nobody-knows/dead", 404, "no_such_group"),
    ("/v1/groups/_x/dead", 400, "invalid_group_name"),
    ("/v1/groups/bad-list/dead?topic=nobody-knows", 404, "no_such_topic"),
    ("/v1/groups/bad-list/dead?topic=bad-list", 404, "not_attached"),
    ("/v1/groups/bad-list/dead?topic=_x", 400, "invalid_topic_name"),
    ("/v1/groups/bad-list/dead?limit=0", 400, "invalid_parameter"),
    ("/v1/groups/bad-list/dead?limit=1001", 400, "invalid_parameter"),
    ("/v1/groups/bad-list/dead?after=x", 400, "invalid_parameter"),
    ("/v1/groups/bad-list/dead?what=1", 400, "unknown_parameter"),
]])
