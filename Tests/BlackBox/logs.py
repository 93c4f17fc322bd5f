"""One line an event on standard error, whole and unforgeable in both formats."""

import re
import signal
import time

from harness import Failed, Suite, request
from harness.server import logged_objects

suite = Suite("logs")
KEY = r'[a-zA-Z_][a-zA-Z0-9_.-]*'
PAIR = rf'{KEY}=(?:"(?:[^"\\\n]|\\.)*"|[^\s"]*)'
LOGFMT = re.compile(rf'{PAIR}(?: {PAIR})*\n')


def access(trial, server, *requests):
    """Sends each request and returns what the log has got since, once it has that many lines."""
    before = len(server.lines)
    for data in requests:
        trial.ask(data, server=server)
    deadline = time.monotonic() + 5
    while len(server.lines) < before + len(requests):
        if time.monotonic() > deadline:
            raise Failed(f"only {server.lines[before:]} after {len(requests)} requests")
        time.sleep(0.02)
    return server.lines[before:]


def check_logfmt(trial, lines):
    for line in lines:
        trial.check(LOGFMT.fullmatch(line), f"not logfmt: {line!r}")


@suite.case("every line of a life is logfmt by default, with time, level and message")
def _(trial):
    server = trial.start()
    trial.still_serves(server)
    server.stop()
    trial.servers.remove(server)
    trial.check(server.lines, "nothing was logged")
    check_logfmt(trial, server.lines)
    for line in server.lines:
        trial.check(re.match(r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=(info|warn\w*) ",
                             line), f"no time and level: {line!r}")


@suite.case("every line of a life is JSON on request")
def _(trial):
    server = trial.start(log_format="json")
    trial.still_serves(server)
    server.stop()
    trial.servers.remove(server)
    objects = logged_objects(server.lines)
    trial.check(any(f"127.0.0.1:{server.port}" in str(entry) for entry in objects),
                "no line tells the address")
    for entry in objects:
        trial.check("time" in entry and "level" in entry, f"no time or level in {entry}")


@suite.case("all of it goes to standard error, nothing to standard output")
def _(trial):
    server = trial.start(access_log=True)
    trial.still_serves(server)
    server.stop()
    trial.servers.remove(server)
    trial.equal(server.output, [], "standard output")


@suite.case("no access log by default")
def _(trial):
    server = trial.start()
    before = len(server.lines)
    for _ in range(5):
        trial.still_serves(server)
    time.sleep(0.3)
    trial.equal(server.lines[before:], [], "the lines after five requests")


@suite.case("an access log line an answer, with what one looks for")
def _(trial):
    server = trial.start(access_log=True)
    lines = access(trial, server, request("/healthz", "Request-Id: find-me"))
    check_logfmt(trial, lines)
    for part in ("find-me", "200", "/healthz", "GET"):
        trial.check(part in lines[0], f"no {part} in {lines[0]!r}")


@suite.case("an access log in JSON")
def _(trial):
    server = trial.start(access_log=True, log_format="json")
    entries = logged_objects(access(trial, server, request("/nothing", "Request-Id: find-me")))
    trial.check("404" in str(entries[0]) and "find-me" in str(entries[0]), f"got {entries[0]}")


@suite.case("the access log has refused requests, too")
def _(trial):
    server = trial.start(access_log=True)
    lines = access(trial, server, b"nonsense\r\n\r\n", request("/healthz", "X : y"))
    trial.check(all("400" in line for line in lines), f"got {lines}")


ODD = ["/a%0d%0atime=1 level=error".replace(" ", "%20"), "/%22quoted%22", "/a=b", "/back\\slash",
       "/\"quote\"", "/%1b[31mred", "/" + "long" * 1500, "/caf%c3%a9", "/%ff"]


def odd(trial, log_format):
    server = trial.start(access_log=True, log_format=log_format)
    lines = access(trial, server, *[request(path) for path in ODD])
    trial.equal(len(lines), len(ODD), "the number of lines")
    if log_format == "json":
        logged_objects(lines)
    else:
        check_logfmt(trial, lines)
    for line in lines:
        trial.check(len(line) <= 4096, f"a line of {len(line)} bytes")
        trial.check("\x1b" not in line, f"a control character in {line!r}")


suite.table(odd, [
    ("no path can forge a line in logfmt", "logfmt"),
    ("no path can forge a line in JSON", "json"),
])


@suite.case("no Request-Id can forge a line")
def _(trial):
    server = trial.start(access_log=True)
    lines = access(trial, server, request("/healthz", 'Request-Id: a" level="error'))
    check_logfmt(trial, lines)
    trial.check("level=error" not in lines[0].replace('"', ""), f"forged: {lines[0]!r}")


@suite.case("no secret is logged")
def _(trial):
    server = trial.start(access_log=True, log_level="debug")
    access(trial, server, request("/healthz", "Authorization: Bearer s3cr3t", "Cookie: s3cr3t"))
    time.sleep(0.2)
    trial.check("s3cr3t" not in server.log, "the log has a credential")


@suite.case("a drain is told in the log")
def _(trial):
    server = trial.start(drain_window="100ms")
    server.signal(signal.SIGTERM)
    server.expect_exit(0, within=10)
    trial.check(re.search(r"drain", server.log), f"no word of it: {server.tail()}")
