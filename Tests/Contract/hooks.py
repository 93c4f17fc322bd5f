"""What schemathesis cannot know: texts of our own, keys that are used once, and waits that are short."""

import datetime
import re
import struct
import uuid

import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode

def frame(body, key):
    """One message as docs/binary-batches.md has it: kind, then fields with their sizes in front."""
    fields = struct.pack("<BI", 1, len(body)) + body
    if key is not None:
        fields += struct.pack("<BI", 2, len(key)) + key
    return struct.pack("<IB", 1 + len(fields), 1) + fields


KEYS = strategies.none() | strategies.text(max_size=10).map(str.encode)
FRAMES = strategies.lists(strategies.builds(frame, strategies.binary(max_size=50), KEYS), max_size=5)

schemathesis.openapi.media_type("application/vnd.posthorn.batch", FRAMES.map(b"".join))
schemathesis.openapi.format("posthorn-filter", strategies.sampled_from(
    ['kind = "refund"', 'total >= 100 and not exists(test)', 'prefix(key, "customer-")']))
schemathesis.openapi.format("posthorn-start", strategies.sampled_from(
    ["earliest", "latest", "2026-11-21T09:17:46Z"]))
# A message may wait for thirty days at most.
schemathesis.openapi.format("date-time", strategies.datetimes(
    datetime.datetime(2001, 1, 1), datetime.datetime(2026, 1, 1)).map(
        lambda date: date.isoformat(timespec="milliseconds") + "Z"))


@schemathesis.serializer("application/x-ndjson")
def serialize(context, value):
    return value.encode() if isinstance(value, str) else value


def is_wrong(case):
    """Whether it is made to be refused."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE


@schemathesis.hook
def filter_case(context, case):
    """Leaves out what is right although it is meant to be wrong."""
    if not is_wrong(case):
        return True
    headers = case.headers or {}
    # Fields that nobody knows are passed over; a lenient batch tells of each message what is wrong.
    return (
        "x-schemathesis-unknown-property" not in headers
        and "lenient" not in headers.get("Prefer", "")
        and case.media_type != "application/x-ndjson")


DURATION = re.compile("[0-9]{1,9}(ms|s|m|h|d)?")

# Cursors that were given out; any other text is none, and no schema can say so.
cursors = set()


@schemathesis.hook
def after_call(context, case, response):
    told = response.headers.get("posthorn-next")
    cursors.update(told or ())
    if response.status_code == 201 and b'"cursor"' in response.content:
        answer = response.json()
        for one in answer.get("messages", [answer]):
            cursors.add(one.get("cursor"))


def wait_not(said):
    """Makes a wait that is one a short one."""
    wait = said.get("wait", "20s")
    if isinstance(wait, (int, float)) and wait >= 0 or DURATION.fullmatch(str(wait)):
        said["wait"] = "0s"


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes of a right request one whose answer is known to be right, too; wrong ones stay as they are."""
    operation = case.operation.definition.raw.get("operationId")
    is_read = operation == "readMessages"
    if operation in ("readMessages", "pull"):
        wait_not(case.query)
    if operation == "pull" and isinstance(case.body, dict):
        wait_not(case.body)
    if is_wrong(case):
        return
    if operation == "putGroup" and isinstance(case.body, dict) and case.body.get("ttl"):
        # What is made has to be found afterwards, however slow the machine is.
        case.body["ttl"] = "1h"
    if case.media_type == "application/x-ndjson":
        case.body = '{"n":1}\n"two"\n\n3'
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if is_read and case.query.get("after") not in cursors:
        case.query.pop("after", None)
    if is_read and "Last-Event-ID" in (case.headers or {}):
        del case.headers["Last-Event-ID"]
    if case.operation.definition.raw.get("operationId") == "deleteTopic":
        case.query["confirm"] = case.path_parameters["topic"]
