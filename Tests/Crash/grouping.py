"""Calls about groups, of a server that may be about to begin or to end."""

import json

from serving import Lost


class Busy(Exception):
    """The server begins, or ends."""


def put(connection, path, settings):
    """Makes a topic or a group, or changes it."""
    answer = connection.ask(
        "PUT", f"/v1/{path}", json.dumps(settings).encode(), content_type="application/json")
    if answer.status not in (200, 201):
        raise Lost(f"{path} is answered with {answer.status}: {answer.body.decode()}")


def call(connection, group, what, body, complain):
    """A pull, a settle, a seek or a redrive; `complain` hears of an answer that may not be."""
    answer = connection.ask(
        "POST", f"/v1/groups/{group}/{what}", json.dumps(body).encode(),
        content_type="application/json")
    if answer.status == 503:
        raise Busy
    if answer.status != 200:
        complain(f"a {what} is answered with {answer.status}: {answer.body.decode()}")
        raise Lost("no answer")
    return answer.json()
