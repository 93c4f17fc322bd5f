"""posthorn bench: it measures what it says, and hides no answer that was not good."""

import concurrent.futures
import json
import socket

from harness import Suite, request
from harness.server import run_once

suite = Suite("bench")


def bench(port, *arguments):
    if "--duration" not in arguments:
        arguments += ("--duration", "500ms")
    code, out, err = run_once(
        "bench", *arguments, "--url", f"http://127.0.0.1:{port}", "--json")
    return code, json.loads(out) if out else None, err


@suite.case("publishes are counted, and are there", slow=True)
def _(trial):
    server = trial.start()
    code, found, err = bench(
        server.port, "publish", "--connections", "8", "--threads", "2", "--topics", "3")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.check(found["answers"] > 0, f"no answer: {found}")
    trial.equal(found["messages"], found["answers"], "the messages")
    trial.check(0 < found["p50_ms"] <= found["p99_ms"] <= found["max_ms"], f"odd times: {found}")
    trial.ask(request("/v1/topics/bench-2"), 200, server=server)


@suite.case("a batch counts as many messages as it has", slow=True)
def _(trial):
    code, found, err = bench(
        trial.server.port, "--batch", "20", "--body", "10", "--connections", "2")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.equal(found["messages"], 20 * found["answers"], "the messages")


@suite.case("what was published in each format is read in each format", slow=True)
def _(trial):
    server = trial.start()
    for form in ("json", "ndjson", "binary", "stored"):
        code, put, err = bench(
            server.port, "publish", "--batch", "30", "--body", "100", "--connections", "2",
            "--topic", form, "--format", form)
        trial.equal((code, err), (0, ""), f"{form}: the exit code and standard error: {put}")
        trial.equal((put["format"], put["messages"]), (form, 30 * put["answers"]), "the messages")
    for form in ("json", "ndjson", "binary", "stored"):
        code, got, err = bench(
            server.port, "read", "--connections", "2", "--topic", "binary", "--format", form,
            "--page", "50")
        trial.equal((code, err), (0, ""), f"{form}: the exit code and standard error: {got}")
        trial.check(got["messages"] > 0, f"no message: {got}")
        trial.equal(got["read_bytes"], 100 * got["messages"], f"{form}: bytes of bodies")
        trial.check(got["megabytes_per_second"] > 0, f"no rate: {got}")


@suite.case("readers at the end get what is published meanwhile", slow=True)
def _(trial):
    port = trial.start().port
    bench(port, "publish", "--connections", "1")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        reading = pool.submit(
            bench, port, "read", "--from", "latest", "--connections", "3", "--duration", "2s")
        bench(port, "publish", "--connections", "2", "--duration", "4s")
        code, found, err = reading.result()
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.check(found["messages"] > 0, f"no message: {found}")


@suite.case("an empty topic is nothing to read", slow=True)
def _(trial):
    server = trial.start()
    trial.ask(request("/v1/topics/bench-0", "Content-Type: application/json",
                      method="PUT", body=b"{}"), 201, server=server)
    code, found, _ = bench(server.port, "read", "--connections", "1")
    trial.equal((code, found["messages"]), (1, 0), "the exit code and the messages")


@suite.case("parked readers all get every message", slow=True)
def _(trial):
    code, found, err = bench(
        trial.start().port, "park", "--connections", "50", "--pause", "20ms")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.check(found["rounds"] > 0, f"no round: {found}")
    trial.equal(found["messages"], 50 * found["rounds"], "deliveries")
    for name in ("p50_ms", "publish_p50_ms", "everybody_p50_ms"):
        trial.check(found[name] > 0, f"{name}: {found}")
    trial.check(found["p50_ms"] <= found["everybody_max_ms"], f"odd times: {found}")


@suite.case("a group works until nothing is left, and each message is settled once", slow=True)
def _(trial):
    server = trial.start()
    _, put, _ = bench(server.port, "publish", "--batch", "10", "--connections", "2")
    for form in ("json", "binary"):
        code, got, err = bench(
            server.port, "work", "--group", form, "--page", "7", "--connections", "3",
            "--format", form, "--duration", "60s")
        trial.equal((code, err), (0, ""), f"{form}: the exit code and standard error: {got}")
        # The first answer to each connection warms up, and does not count.
        trial.check(got["messages"] >= put["messages"] - 3 * 7, f"{form}: {got}, {put}")
        state = json.loads(trial.ask(
            request(f"/v1/groups/{form}-0"), 200, server=server).body)
        parts = state["topics"][0]["partition_list"]
        trial.equal(sum(part["lag"] for part in parts), 0, "the lag")


@suite.case("parked consumers each get messages of their own", slow=True)
def _(trial):
    server = trial.start()
    code, found, err = bench(
        server.port, "park", "--connections", "30", "--groups", "2", "--pause", "20ms")
    trial.equal((code, err), (0, ""), f"the exit code and standard error: {found}")
    trial.check(found["rounds"] > 0, f"no round: {found}")
    trial.equal(found["messages"], 2 * found["rounds"], "deliveries")


@suite.case("a bench of readers says for people what it found", slow=True)
def _(trial):
    port = trial.start().port
    for load, mentions in (("park", ("rounds", "deliveries", "publish", "everybody")),
                           ("read", ("MB of bodies a second",))):
        code, out, err = run_once(
            "bench", load, "--url", f"http://127.0.0.1:{port}", "--duration", "300ms",
            "--connections", "4")
        trial.equal((code, err), (0, ""), "the exit code and standard error")
        for mention in mentions:
            trial.check(mention in out, f"{mention!r} is not in {out!r}")


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
    trial.check("publish, read, park, work, static" in err, f"an odd message: {err!r}")
