"""What a person reads who made a mistake: one message with the way out, and nothing on stdout."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import threading

from harness import Suite
from harness.server import START_SECONDS, Server, clean_environment, run_once

suite = Suite("usage")


def told(trial, arguments, code, *mentions, environment=None):
    found, out, err = run_once(*arguments, environment=environment)
    trial.equal((found, out), (code, ""), f"exit code and standard output (stderr: {err!r})")
    for mention in mentions:
        trial.check(mention in err, f"{mention!r} is not mentioned in {err!r}")


suite.table(told, [
    ("no command", [], 2, "name a command", "serve", "doctor"),
    ("a flag in front of its command", ["--listen", "127.0.0.1:1"], 2, "'posthorn serve --listen'"),
    ("-v", ["-v"], 2, "--version"),
    ("a port alone is told as an address", ["serve", "--listen", ":8080"], 2, "127.0.0.1:8080?"),
    ("one loop too many", ["serve", "--loops", "257"], 2, "0 to 256"),
    ("a window longer than its drain", ["serve", "--drain-window", "1m"], 2,
     "drain-timeout", "shorter"),
    ("a data directory under a file", ["serve", "--data", "/dev/null/x"], 1,
     "/dev/null/x", "a part of this path is a file"),
    ("a data directory that nobody can make", ["serve", "--data", "/proc/x"], 1,
     "another directory"),
    ("an address that another machine has",
     ["serve", "--listen", "192.0.2.1:8080", "--allow-anonymous"], 1, "this machine has"),
    ("a directory in the place of the settings file", ["serve", "--config", "/"], 2, "directory"),
])


@suite.case("a variable that is no setting")
def _(trial):
    told(trial, ["serve"], 2, "POSTHORN_XYZZY", "not a setting",
         environment={"POSTHORN_XYZZY": "1"})


@suite.case("a settings file that is too large")
def _(trial):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("#" * (257 << 10))
        file.flush()
        told(trial, ["serve", "--config", file.name], 2, file.name, "too large")


@suite.case("a port that is taken comes with the way out")
def _(trial):
    port = str(trial.server.port)
    told(trial, ["serve", "--listen", f"127.0.0.1:{port}"], 1, port, "in use", "another port")


@suite.case("any address is listened on when that is meant, and IPv6 too")
def _(trial):
    addresses = ["0.0.0.0:0"]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        addresses += ["[::1]:0", "[::]:0"]
    for address in addresses:
        told_listening(trial, address)


def told_listening(trial, address):
    """The address is in the line that says so; the server is told to stop once it has said it."""
    command = [Server.binary, "serve", "--listen", address, "--allow-anonymous"]
    with tempfile.TemporaryDirectory() as directory, subprocess.Popen(
            command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=clean_environment()) as server:
        guard = threading.Timer(START_SECONDS, server.kill)
        guard.start()
        try:
            lines = list(until_listening(server.stderr))
            server.send_signal(signal.SIGINT)
            out, err = server.communicate()
        finally:
            guard.cancel()
    told = "".join(lines)
    trial.check(f"address={address[:-1]}" in told, f"{address} is not listened on: {told!r}")
    trial.equal((server.returncode, out), (0, ""), "the exit code and the output")
    trial.check("msg=stopped" in err, f"it did not stop: {err!r}")


def until_listening(log):
    for line in log:
        yield line
        if "msg=listening" in line:
            return
