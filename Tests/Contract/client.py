"""A client that openapi-python-client made goes through what it is for; its models say what came."""

import sys

from made_client import Client
from made_client.api.groups import delete_group, get_group, list_groups, put_group
from made_client.api.publish import publish_batch, publish_message
from made_client.api.read import get_message, read_messages
from made_client.api.service import get_limits, get_service
from made_client.api.topics import delete_topic, get_topic, list_topics, put_topic
from made_client.models import (
    Batch, BatchMessage, BatchMessageAttributesType0, Group, GroupChange, Limits, MessagePage,
    Ordering, Problem, Published, PublishedList, Service, Topic, TopicChange)
from made_client.types import File

calls = 0


def call(operation, kind, status, client, **arguments):
    """Calls an operation; what comes back is of this model, and has this status."""
    global calls
    calls += 1
    told = operation.sync_detailed(client=client, **arguments)
    assert told.status_code == status, (operation.__name__, told.status_code, told.content)
    assert kind is None or isinstance(told.parsed, kind), (operation.__name__, type(told.parsed))
    return told.parsed


def topics(client):
    made = call(put_topic, Topic, 201, client, topic="orders",
                body=TopicChange(partitions=2, retention="7d", retention_bytes=1 << 30))
    assert made.partitions == 2 and made.retention_bytes == 1 << 30
    kept = call(put_topic, Topic, 200, client, topic="orders", body=TopicChange(retention_bytes=None))
    assert kept.retention_bytes is None and kept.retention == "7d"
    assert [one.topic for one in call(list_topics, None, 200, client).topics] == ["orders"]
    fewer = call(put_topic, Problem, 409, client, topic="orders", body=TopicChange(partitions=1))
    assert fewer.code == "fewer_partitions" and fewer.outcome.value == "none"


def publish(client):
    one = call(publish_message, Published, 201, client, topic="orders",
               body=File(payload=b"hello"), posthorn_key="customer-17", idempotency_key="a")
    again = call(publish_message, Published, 201, client, topic="orders",
                 body=File(payload=b"hello"), posthorn_key="customer-17", idempotency_key="a")
    assert again.id == one.id and again.published_at == one.published_at
    other = call(publish_message, Problem, 422, client, topic="orders",
                 body=File(payload=b"other"), posthorn_key="customer-17", idempotency_key="a")
    assert other.code == "idempotency_key_reused"
    later = call(publish_message, Published, 201, client, topic="orders",
                 body=File(payload=b"later"), posthorn_delay="1h")
    assert later.id.startswith("h-") and later.held_until > later.published_at
    attributes = BatchMessageAttributesType0.from_dict({"kind": "refund"})
    batch = call(publish_batch, PublishedList, 201, client, topic="orders", body=Batch(messages=[
        BatchMessage(value="grün", key="customer-17", attributes=attributes),
        BatchMessage(value_base64="/w==", content_type="application/octet-stream", partition=0)]))
    assert len(batch.messages) == 2 and batch.messages[0].partition == one.partition
    bad = call(publish_batch, Problem, 422, client, topic="orders",
               body=Batch(messages=[BatchMessage(value="a", ttl="0s")]))
    assert bad.code == "invalid_batch" and bad.errors[0].place == "/messages/0/ttl"
    return one


def read(client, first):
    found, after = [], None
    while True:
        further = {"after": after} if after else {}
        page = call(read_messages, MessagePage, 200, client, topic="orders", wait="0s",
                    max_messages=2, **further)
        found += page.messages
        after = page.next_
        if page.ended.value != "limit":
            break
    assert sorted(one.value or one.value_base64 for one in found) == ["/w==", "grün", "hello"], found
    filtered = call(read_messages, MessagePage, 200, client, topic="orders", wait="0s",
                    filter_='kind = "refund"')
    assert [one.value for one in filtered.messages] == ["grün"]
    assert filtered.messages[0].attributes["kind"] == "refund"
    raw = call(get_message, File, 200, client, topic="orders", id=first.id)
    assert raw.payload.read() == b"hello"
    assert call(read_messages, Problem, 400, client, topic="orders", after="x").code == "invalid_cursor"
    assert call(get_message, Problem, 404, client, topic="orders", id="0-999").code == "no_such_message"


def groups(client):
    made = call(put_group, Group, 201, client, group="billing",
                body=GroupChange(ordering=Ordering.KEY, max_attempts=5, backoff=["1s", "5s"]))
    assert made.ordering == Ordering.KEY and made.backoff == ["1s", "5s"]
    assert call(get_group, Group, 200, client, group="billing").max_attempts == 5
    assert [one.group for one in call(list_groups, None, 200, client).groups] == ["billing"]
    call(delete_group, None, 204, client, group="billing")
    assert call(get_group, Problem, 404, client, group="billing").code == "no_such_group"


def main():
    client = Client(base_url=sys.argv[1])
    assert call(get_service, Service, 200, client).service == "posthorn"
    assert call(get_limits, Limits, 200, client).batch_messages == 1_000
    # What others left here is gone first.
    for one in call(list_topics, None, 200, client).topics:
        call(delete_topic, None, 204, client, topic=one.topic, confirm=one.topic)
    for one in call(list_groups, None, 200, client).groups:
        call(delete_group, None, 204, client, group=one.group)
    topics(client)
    read(client, publish(client))
    groups(client)
    call(delete_topic, Problem, 409, client, topic="orders", confirm="other")
    call(delete_topic, None, 204, client, topic="orders", confirm="orders")
    assert call(get_topic, Problem, 404, client, topic="orders").code == "no_such_topic"
    print(f"openapi-python-client: {calls} calls")


if __name__ == "__main__":
    main()
