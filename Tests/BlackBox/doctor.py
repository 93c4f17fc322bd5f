"""posthorn doctor: what a container's health check runs, against servers good, bad and rude."""

import json
import signal
import socket
import threading
import time
from contextlib import contextmanager

from harness import Suite
from harness.server import run_once

suite = Suite("doctor")


def doctor(port, *arguments, **options):
    return run_once("doctor", "--url", f"http://127.0.0.1:{port}", *arguments, **options)


def well(trial, port, *arguments):
    code, out, err = doctor(port, *arguments)
    trial.equal((code, err), (0, ""), "the exit code and standard error")
    return out


@contextmanager
def stranger(*answers, host="127.0.0.1"):
    """A server that gives each connection the next of `answers` and closes it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        def serve():
            for data in answers:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(10)
                    try:
                        connection.recv(4096)
                        connection.sendall(data)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]


def answer(status, body, *fields):
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, *fields, "", body]).encode()


# Servers that are well

@suite.case("a server that serves is alive and ready")
def _(trial):
    out = well(trial, trial.server.port)
    for mention in ("alive and ready", "version", "round trip", "keep-alive  kept"):
        trial.check(mention in out, f"{mention!r} is not in {out!r}")
    trial.check("clock" not in out, f"a clock is named that agrees: {out!r}")


@suite.case("--json is one object on one line")
def _(trial):
    out = well(trial, trial.server.port, "--json")
    trial.equal(out.count("\n"), 1, "the number of lines")
    report = json.loads(out)
    trial.equal((report["alive"], report["ready"]), (True, True), "alive and ready")
    trial.equal(report["keep_alive"], True, "keep_alive")
    trial.equal(report["clock_lead_ms"], None, "the difference of clocks")
    trial.check(report["round_trip_ms"] > 0, f"no round trip: {report}")
    trial.check(report["version"], f"no version: {report}")


@suite.case("a server is found by its name")
def _(trial):
    code, _, err = run_once("doctor", "--url", f"http://localhost:{trial.server.port}")
    trial.equal((code, err), (0, ""), "the exit code and standard error")


@suite.case("a slash behind the port does no harm")
def _(trial):
    code, _, err = run_once("doctor", "--url", f"http://127.0.0.1:{trial.server.port}/")
    trial.equal((code, err), (0, ""), "the exit code and standard error")


@suite.case("the address may come from the environment")
def _(trial):
    code, _, err = run_once(
        "doctor", environment={"POSTHORN_URL": f"http://127.0.0.1:{trial.server.port}"})
    trial.equal((code, err), (0, ""), "the exit code and standard error")


@suite.case("a server on IPv6 is asked there")
def _(trial):
    with stranger(*[answer(200, '{"service":"posthorn","version":"9"}')] * 8, host="::1") as port:
        code, out, err = run_once("doctor", "--url", f"http://[::1]:{port}")
    trial.equal((code, err), (0, ""), "the exit code and standard error")
    trial.check(f"http://[::1]:{port}" in out, f"the address is not named: {out!r}")


# Servers that are not

@suite.case("a draining server is alive and not ready, in its own words", slow=True)
def _(trial):
    server = trial.start(drain_window="3s")
    server.signal(signal.SIGTERM)
    server.wait_for_line("draining")
    code, out, _ = doctor(server.port)
    trial.equal(code, 1, "the exit code")
    for mention in ("alive, but not ready", "/readyz", "503", "about to stop"):
        trial.check(mention in out, f"{mention!r} is not in {out!r}")
    report = json.loads(doctor(server.port, "--json")[1])
    trial.equal((report["alive"], report["ready"]), (True, False), "alive and ready")
    server.expect_exit(0, within=10)


def unwell(trial, port, *mentions, arguments=()):
    """Exit code 1, and a message that says what was tried."""
    started = time.monotonic()
    code, out, err = doctor(port, *arguments)
    trial.equal(code, 1, f"the exit code (standard error: {err!r})")
    for mention in (*mentions, f"127.0.0.1:{port}"):
        trial.check(mention in out + err, f"{mention!r} is not in {out + err!r}")
    return time.monotonic() - started


@suite.case("a port where nobody listens")
def _(trial):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    unwell(trial, port, "Connection refused", "posthorn serve")
    report = json.loads(doctor(port, "--json")[1])
    trial.equal((report["alive"], report["ready"]), (False, False), "alive and ready")


@suite.case("a server that accepts and says nothing costs the timeout and no more", slow=True)
def _(trial):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        took = unwell(trial, listener.getsockname()[1], "within 400ms", "/healthz",
                      arguments=["--timeout", "400ms"])
    trial.check(0.3 < took < 3, f"it took {took:.1f} s")


@suite.case("an answer that dribbles in has one timeout, and not one a byte", slow=True)
def _(trial):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def dribble():
            connection, _ = listener.accept()
            with connection:
                try:
                    for byte in answer(200, "ok\n" + "x" * 200):
                        connection.sendall(bytes([byte]))
                        time.sleep(0.05)
                except OSError:
                    pass

        threading.Thread(target=dribble, daemon=True).start()
        took = unwell(trial, listener.getsockname()[1], "within 500ms",
                      arguments=["--timeout", "500ms"])
    trial.check(took < 3, f"it took {took:.1f} s")


def rude(trial, data, *mentions):
    with stranger(*[data] * 8) as port:
        unwell(trial, port, *mentions)


suite.table(rude, [
    ("a server that closes without a word", b"", "closed the connection"),
    ("a server that speaks something else", b"220 mail ESMTP\r\n", "not HTTP"),
    ("a server of bytes", b"\0\xff" * 400, "not HTTP"),
    ("an answer that is cut short", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
     "closed the connection"),
    ("an answer with two lengths",
     b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", "not HTTP"),
    ("an answer without end", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, "larger than"),
    ("another service", answer(200, '{"service":"other"}'), "not Posthorn"),
    ("a page of another service", answer(200, "<html>"), "not Posthorn"),
    ("a server that fails", answer(500, "sorry"), "500"),
])


@suite.case("nothing that a server says reaches the terminal as it is")
def _(trial):
    body = '{"detail":"\\u001b[2J","service":"posthorn","version":"\\u001b[2J"}'
    with stranger(*[answer(503, body)] * 8) as port:
        _, out, err = doctor(port)
    trial.check("\x1b" not in out + err, f"an escape gets through: {out + err!r}")


@suite.case("a clock that is off is mentioned, and does no harm")
def _(trial):
    date = "Date: Sat, 01 Jan 2000 00:00:00 GMT"
    with stranger(*[answer(200, '{"service":"posthorn","version":"9"}', date)] * 8) as port:
        out = well(trial, port)
    trial.check("clock" in out and "behind" in out, f"no clock in {out!r}")
    trial.check("not kept" in out, f"closing is not mentioned in {out!r}")


# Wrong usage

def refused(trial, arguments, *mentions):
    code, out, err = run_once("doctor", *arguments)
    trial.equal((code, out), (2, ""), f"exit code and standard output (stderr: {err!r})")
    for mention in mentions:
        trial.check(mention in err, f"{mention!r} is not mentioned in {err!r}")


suite.table(refused, [
    ("https, since TLS is not built in", ["--url", "https://localhost"], "https", "TLS"),
    ("a URL without a scheme", ["--url", "localhost:8080"], "'localhost:8080'", "http://"),
    ("a URL with a path", ["--url", "http://localhost/healthz"], "'http://localhost/healthz'"),
    ("an empty URL", ["--url", ""], "--url"),
    ("a port that is none", ["--url", "http://localhost:99999"], "99999"),
    ("a timeout that is none", ["--timeout", "soon"], "--timeout", "soon"),
    ("a flag of another command", ["--data", "x"], "--data", "posthorn serve"),
    ("a word", ["now"], "'now'"),
])


@suite.case("a name that does not exist")
def _(trial):
    code, out, err = run_once(
        "doctor", "--url", "http://nowhere.invalid", "--timeout", "10s", seconds=30)
    trial.equal((code, out), (1, ""), "exit code and standard output")
    trial.check("nowhere.invalid" in err, f"the name is not mentioned in {err!r}")
