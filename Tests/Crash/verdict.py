"""Reads all that a server has, and compares it with what was sent and confirmed."""

import base64
import time

from load import UNMADE_TOPIC, TOPICS
from serving import Connection, Lost

PAGE_SIZE = 1_000
# For what a server still has to do by itself: messages fall due, the parts of a batch meet.
SETTLING_SECONDS = 30


class Found:
    """A message as the server gives it."""

    def __init__(self, told):
        self.place = (told["topic"], told["partition"], told["offset"])
        self.id, self.key = told["id"], told.get("key")
        if "value" in told:
            self.body = told["value"].encode()
        else:
            self.body = base64.b64decode(told["value_base64"], validate=True)
        self.number = self.body.partition(b":")[0].decode(errors="replace")


def verify(port, ledger):
    """Holds what is there against the ledger; returns how many messages that are."""
    deadline = time.monotonic() + SETTLING_SECONDS
    connection = Connection(port)
    while True:
        found = [one for topic in [*TOPICS, UNMADE_TOPIC] for one in read(connection, topic)]
        check_each(found, ledger)
        check_places(found, ledger)
        check_order(found, ledger)
        missing = what_is_missing(found, ledger)
        if missing is None:
            break
        if time.monotonic() > deadline:
            raise Lost(missing)
        time.sleep(0.05)
    connection.close()
    return len(found)


def read(connection, topic):
    """All messages of a topic, partition by partition; none if it is not there."""
    shown = connection.ask("GET", f"/v1/topics/{topic}")
    if shown.status == 404:
        return
    if shown.status != 200:
        raise Lost(f"the topic {topic} is answered with {shown.status}: {shown.body!r}")
    for partition in shown.json()["partition_list"]:
        number, offset = partition["partition"], partition["start"]
        for one in read_partition(connection, topic, number):
            if one.place != (topic, number, offset):
                raise Lost(f"{one.place} stands where offset {offset} of {topic} {number} was next")
            if one.id != f"{number}-{offset}":
                raise Lost(f"the message at {one.place} has the id {one.id}")
            offset += 1
            yield one
        if offset < partition["end"]:
            raise Lost(f"{topic} {number} ends at {partition['end']}, and reading at {offset}")


def read_partition(connection, topic, number):
    place = "from=earliest"
    while True:
        page = connection.ask(
            "GET", f"/v1/topics/{topic}/messages?{place}&partition={number}"
            f"&max_messages={PAGE_SIZE}&wait=0")
        if page.status != 200:
            raise Lost(f"reading {topic} {number} is answered with {page.status}: {page.body!r}")
        page = page.json()
        if not page["messages"]:
            return
        yield from map(Found, page["messages"])
        place = f"after={page['next']}"


def check_each(found, ledger):
    """Everything that is there was sent, as it is there, and is there once."""
    places = {}
    for one in found:
        sent = ledger.messages.get(one.number)
        if sent is None:
            raise Lost(f"nobody sent what stands at {one.place}: {one.body[:80]!r}")
        if (sent.topic, sent.key, sent.body) != (one.place[0], one.key, one.body):
            raise Lost(f"the message {one.number} was changed on its way to {one.place}")
        if one.number in places:
            raise Lost(f"the message {one.number} is at {places[one.number]} and {one.place}")
        places[one.number] = one.place
        if not sent.is_confirmed:
            continue
        if sent.held_until is None and sent.id not in (None, one.id):
            raise Lost(f"the message {one.number} was confirmed as {sent.id}, and is {one.id}")
        if sent.held_until and sent.held_until > now():
            raise Lost(f"the message {one.number} is there before {sent.held_until}")


def check_places(found, ledger):
    """What was seen once stays where it was."""
    for one in found:
        if ledger.seen.setdefault(one.place, one.number) != one.number:
            raise Lost(f"{one.place} had {ledger.seen[one.place]}, and has {one.number}")


def check_order(found, ledger):
    """The messages of a key stand in one partition, in the order in which they were sent."""
    last = {}
    for one in found:
        if one.key is None or ledger.messages[one.number].delay:
            continue
        topic, partition, _ = one.place
        count = int(one.number.rpartition("-")[2])
        before = last.get((topic, one.key))
        if before and (before[0] != partition or before[1] >= count):
            raise Lost(f"{one.number} of the key {one.key} comes behind {before} in {topic}")
        last[topic, one.key] = (partition, count)


def what_is_missing(found, ledger):
    """What was confirmed and is not there, or is there in part, in words; None for nothing."""
    there = {one.number for one in found}
    batches = {}
    for message in ledger.messages.values():
        is_there = message.number in there
        if message.is_confirmed and not message.is_buffered and not is_there:
            return f"the message {message.number} was confirmed as {message.id}, and is not there"
        if message.batch:
            batches.setdefault(message.batch, set()).add(is_there)
    for batch, parts in batches.items():
        if len(parts) > 1:
            return f"some messages of the batch {batch} are there, and some are not"
    for place in ledger.seen.keys() - {one.place for one in found}:
        return f"what stood at {place} is gone"
    return None


def now():
    """The time as the server writes it, which compares as text."""
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03}Z"
