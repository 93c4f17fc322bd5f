"""posthorn bench: it measures what it says, and hides no answer that was not good."""

import json
import socket

from harness import Suite, request
from harness.server import run_once

suite = Suite("bench")


def bench(port, *arguments):
    code, out, err = run_once(
        "bench", *arguments, "--url", f"http://127.0.0.1:{port}", "--duration", "500ms", "--json")
    return code, json.loads(out) if out else None, err


@suite.case("publishes are counted, and are there", slow=True)
def _(trial):
    server = trial.start()
    code, found, err = bench(
        server.port, "publish", "--connections", "8", "--threads", "2", "--topics", "3")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.check(found["answers"] > 10, f"hardly an answer: {found}")
    trial.equal(found["messages"], found["answers"], "the messages")
    trial.check(0 < found["p50_ms"] <= found["p99_ms"] <= found["max_ms"], f"odd times: {found}")
    trial.ask(request("/v1/topics/bench-2"), 200, server=server)


@suite.case("a batch counts as many messages as it has", slow=True)
def _(trial):
    code, found, err = bench(
        trial.server.port, "--batch", "20", "--body", "10", "--connections", "2")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.equal(found["messages"], 20 * found["answers"], "the messages")


@suite.case("a static answer, for people", slow=True)
def _(trial):
    code, out, err = run_once(
        "bench", "static", "--url", f"http://127.0.0.1:{trial.server.port}",
        "--duration", "300ms", "--connections", "4")
    trial.equal((code, err), (0, ""), "the exit code and standard error")
    for mention in ("static", "answers a second", "p99", "of a core"):
        trial.check(mention in out, f"{mention!r} is not in {out!r}")


@suite.case("what is refused is counted by status, and fails the bench", slow=True)
def _(trial):
    code, found, _ = bench(trial.server.port, "static", "--path", "/nowhere", "--connections", "2")
    trial.equal(code, 1, "the exit code")
    trial.equal((list(found["refused"]), found["answers"]), (["404"], 0), "what was counted")


@suite.case("a port where nobody listens")
def _(trial):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code, found, err = bench(port)
    trial.equal((code, found), (1, None), "the exit code and standard output")
    trial.check("refused" in err and str(port) in err, f"an odd message: {err!r}")


@suite.case("a load that there is not")
def _(trial):
    code, out, err = run_once("bench", "sleep")
    trial.equal((code, out), (2, ""), "the exit code and standard output")
    trial.check("publish, static" in err, f"an odd message: {err!r}")
