"""A disk that is fuller than it may be: publishes are refused, and all else goes on."""

import os
import signal
import time

from harness import Failed, Suite, request

suite = Suite("disk")
MESSAGES = "/v1/topics/orders/messages"
# Any disk is fuller than that.
FULL = {"disk_warn_at": 1, "disk_full_at": 1, "disk_scarce_at": 100}


def publish(client):
    return client.send(request(MESSAGES, method="POST", body=b"hello")).response()


def refusal(client):
    """The first refusal; what came before the first look at the disk is taken."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = publish(client)
        if answer.status != 201:
            return answer
        time.sleep(0.1)
    raise Failed("publishes are not refused")


@suite.case("publishes are refused with 507 where the disk is too full, and reads go on")
def _(trial):
    server = trial.start()
    client = trial.connect(server)
    trial.equal(publish(client).status, 201, "the status on a disk with room")
    server.signal(signal.SIGINT)
    server.expect_exit(0, within=15)
    server = trial.start(data=os.path.join(server.directory, "data"), **FULL)
    server.forgiven = "disk_full"
    client = trial.connect(server)
    answer = refusal(client)
    problem = answer.json()
    trial.equal((answer.status, problem["code"]), (507, "disk_full"), "the refusal")
    trial.equal((problem["outcome"], problem["retryable"]), ("none", True), "what came of it")
    trial.check(int(answer.get("Retry-After") or 0) > 0, "Retry-After is missing")
    client.send(request(MESSAGES + "?from=earliest&wait=0")).expect(200)
    client.send(request(
        "/v1/topics/new", "Content-Type: application/json", method="PUT", body=b"{}")).expect(507)
    client.send(request("/readyz")).expect(200)
    line = server.wait_for_line("disk_full")
    trial.check("used_percent=" in line and "fix=" in line, f"an odd line: {line!r}")
    client.send(request("/v1/topics/orders?confirm=orders", method="DELETE")).expect(204)
    trial.equal(server.log.count("msg=disk_full"), 1, "lines that say so")
