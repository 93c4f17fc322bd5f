"""The command line, the environment and the settings file; what is wrong is refused with a hint."""

import os
import re
import socket
import tempfile

from harness import Suite, request
from harness.server import run_once

suite = Suite("settings")


def refused(trial, arguments, *mentions, environment=None):
    """Exit code 2, and a message for people that mentions what it has to."""
    code, _, err = run_once(*arguments, environment=environment)
    trial.equal(code, 2, f"the exit code (stderr: {err!r})")
    for mention in mentions:
        trial.check(mention in err, f"{mention!r} is not mentioned in {err!r}")
    trial.check(".swift" not in err, f"the message shows the program's insides: {err!r}")


def serve(*arguments):
    return ("serve", "--listen", "127.0.0.1:0", *arguments)


suite.table(refused, [
    ("no command", []),
    ("an unknown command, with the nearest one", ["serv"], "serv", "serve"),
    ("an unknown command far from any", ["xyzzy"], "xyzzy"),
    ("an unknown flag", serve("--frobnicate", "1"), "--frobnicate"),
    ("a misspelt flag, with the nearest one", serve("--max-bdy", "1KiB"), "max-bdy", "max-body"),
    ("another misspelt flag", serve("--idle-timeot", "1s"), "idle-timeot", "idle-timeout"),
    ("a flag with one dash", serve("-loops", "1"), "-loops"),
    ("a word that belongs to nothing", serve("hello"), "hello"),
    ("a flag without its value", serve("--max-body"), "max-body"),
    ("a size that is none", serve("--max-body", "lots"), "max-body", "lots"),
    ("a negative size", serve("--max-body", "-1"), "max-body"),
    ("a size with an unknown unit", serve("--max-body", "5XiB"), "max-body", "5XiB"),
    ("a size beyond 64 bits", serve("--max-body", "99999999999999999999"), "max-body"),
    ("a size beyond 64 bits by its unit", serve("--max-body", "99999999999999GiB"), "max-body"),
    ("a duration that is none", serve("--idle-timeout", "soon"), "idle-timeout", "soon"),
    ("a negative duration", serve("--idle-timeout", "-5s"), "idle-timeout"),
    ("a duration with an unknown unit", serve("--idle-timeout", "5w"), "idle-timeout", "5w"),
    ("a number that is none", serve("--loops", "many"), "loops", "many"),
    ("far too many loops", serve("--loops", "1000000"), "loops"),
    ("an unknown log level, with the known ones", serve("--log-level", "loud"), "loud", "info"),
    ("an unknown log format, with the known ones", serve("--log-format", "xml"), "xml", "logfmt"),
    ("an address without a port", ["serve", "--listen", "127.0.0.1"], "listen"),
    ("a port that is none", ["serve", "--listen", "127.0.0.1:http"], "listen"),
    ("a port beyond 65535", ["serve", "--listen", "127.0.0.1:70000"], "listen"),
    ("an address that is none", ["serve", "--listen", "999.0.0.1:0"], "listen"),
    ("an empty address", ["serve", "--listen", ""], "listen"),
    ("any address but loopback without authentication",
     ["serve", "--listen", "0.0.0.0:0"], "allow-anonymous"),
    ("a settings file that is not there", serve("--config", "/nowhere/x.conf"), "/nowhere/x.conf"),
    ("help for an unknown command", ["help", "xyzzy"], "xyzzy"),
])


@suite.case("an unknown variable is refused, with the nearest one")
def _(trial):
    refused(trial, serve(), "POSTHORN_MAX_BDY", "POSTHORN_MAX_BODY",
            environment={"POSTHORN_MAX_BDY": "1KiB"})


@suite.case("a wrong value in a variable is refused, and the variable named")
def _(trial):
    refused(trial, serve(), "POSTHORN_MAX_BODY", "lots", environment={"POSTHORN_MAX_BODY": "lots"})


def refused_file(trial, text, *mentions):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        refused(trial, serve("--config", file.name), *mentions)


suite.table(refused_file, [
    ("an unknown name in a file, with its line and the nearest one",
     "loops = 1\nmax-bdy = 1KiB\n", "max-bdy", "max-body", "2"),
    ("a wrong value in a file, with its line", "# a comment\n\nmax-body = lots\n", "lots", "3"),
    ("a line without an equals sign", "max-body 1KiB\n", "1"),
    ("a name that stands twice in a file", "loops = 1\nloops = 2\n", "loops", "2"),
])


# What is taken

def limits(trial, server):
    return trial.ask(request("/v1/limits"), 200, server=server).json()


def body_max_is(trial, server, size):
    trial.ask(request(body=b"b" * size), 200, server=server)
    trial.ask(request(body=b"b" * (size + 1)), 413, server=server)
    trial.check(str(size) in str(limits(trial, server)), "/v1/limits does not show it")


@suite.case("a setting as a flag")
def _(trial):
    body_max_is(trial, trial.start(max_body="2KiB"), 2048)


@suite.case("a setting as a flag with an equals sign")
def _(trial):
    body_max_is(trial, trial.start(arguments=["--max-body=2KiB"]), 2048)


@suite.case("a setting as a variable")
def _(trial):
    body_max_is(trial, trial.start(environment={"POSTHORN_MAX_BODY": "3KiB"}), 3072)


@suite.case("a setting in a file")
def _(trial):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("# how much\n\n  max-body =  4KiB  \nlog-level = info\n")
        file.flush()
        body_max_is(trial, trial.start(config=file.name), 4096)


@suite.case("a flag wins over a variable, a variable over a file")
def _(trial):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("max-body = 4KiB\n")
        file.flush()
        environment = {"POSTHORN_MAX_BODY": "3KiB"}
        body_max_is(trial, trial.start(config=file.name, environment=environment), 3072)
        server = trial.start(config=file.name, environment=environment, max_body="2KiB")
        body_max_is(trial, server, 2048)


@suite.case("the file is found through a variable, too")
def _(trial):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write("max-body = 5KiB\n")
        file.flush()
        body_max_is(trial, trial.start(environment={"POSTHORN_CONFIG": file.name}), 5120)


@suite.case("a size as a bare number is bytes")
def _(trial):
    body_max_is(trial, trial.start(max_body="1500"), 1500)


@suite.case("sizes count by 1024 in KiB and MiB")
def _(trial):
    body_max_is(trial, trial.start(max_body="1MiB"), 1 << 20)


@suite.case("a duration as a bare number is seconds")
def _(trial):
    server = trial.start(idle_timeout="1")
    trial.connect(server).expect_end(within=10)


def loops(trial, count):
    server = trial.start(loops=count)
    for _ in range(20):
        trial.ask(request("/healthz"), 200, server=server)


suite.table(loops, [("one loop", 1), ("two loops", 2), ("eight loops", 8)])


@suite.case("a data directory that is not there is made")
def _(trial):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "a", "b")
        server = trial.start(data=path)
        trial.still_serves(server)
        server.stop()
        trial.servers.remove(server)


@suite.case("a data directory that is a file is refused")
def _(trial):
    with tempfile.NamedTemporaryFile() as file:
        code, _, err = run_once(*serve("--data", file.name))
        trial.check(code in (1, 2, 3), f"the exit code is {code}: {err!r}")
        trial.check(file.name in err, f"the path is not mentioned in {err!r}")


@suite.case("two servers do not share a data directory")
def _(trial):
    with tempfile.TemporaryDirectory() as directory:
        first = trial.start(data=directory)
        code, _, err = run_once(*serve("--data", directory))
        trial.check(code in (1, 2, 3), f"the exit code is {code}: {err!r}")
        trial.still_serves(first)
        first.stop()
        trial.servers.remove(first)


@suite.case("a port that is taken is an error with exit code 1")
def _(trial):
    with socket.socket() as taken, tempfile.TemporaryDirectory() as directory:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = run_once("serve", "--listen", address, "--data", directory)
        trial.equal(code, 1, f"the exit code (stderr: {err!r})")
        trial.check(address in err, f"the address is not mentioned in {err!r}")


@suite.case("a second server does not slip onto the first one's port")
def _(trial):
    server = trial.start()
    with tempfile.TemporaryDirectory() as directory:
        code, _, err = run_once(
            "serve", "--listen", f"127.0.0.1:{server.port}", "--data", directory)
        trial.equal(code, 1, f"the exit code (stderr: {err!r})")


@suite.case("a fixed port is listened on, and again at once after an end")
def _(trial):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        server = trial.start(listen=f"127.0.0.1:{port}")
        trial.equal(server.port, port, "the port")
        trial.still_serves(server)
        server.stop()
        trial.servers.remove(server)


@suite.case("another loopback address is loopback")
def _(trial):
    server = trial.start(listen="127.0.0.5:0")
    server.wait_for_line(r"address=127\.0\.0\.5:\d+ ")


# What is printed

def printed(trial, arguments, *mentions):
    code, out, err = run_once(*arguments)
    trial.equal(code, 0, f"the exit code (stderr: {err!r})")
    for mention in mentions:
        trial.check(mention in out, f"{mention!r} is not in {out[:2000]!r}")
    trial.equal(err, "", "standard error")


ALL = ("listen", "data", "loops", "config", "log-level", "log-format", "access-log",
       "allow-anonymous", "max-connections", "max-connections-per-address", "max-body",
       "header-timeout", "body-timeout", "min-body-rate", "idle-timeout", "write-timeout",
       "drain-window", "drain-timeout", "cors-origins", "auto-create", "publish-timeout")
suite.table(printed, [
    ("version", ["version"], "posthorn"),
    ("help lists the commands", ["help"], "serve", "version"),
    ("--help is help", ["--help"], "serve", "version"),
    ("help of a command lists its settings", ["help", "serve"], *(f"--{name}" for name in ALL)),
    ("--help of a command is its help", ["serve", "--help"], *(f"--{name}" for name in ALL)),
    ("help as Markdown has every setting and variable", ["help", "--markdown"],
     *ALL, *("POSTHORN_" + name.upper().replace("-", "_") for name in ALL if name != "config")),
    ("help tells the defaults", ["help", "serve"], "127.0.0.1:8080", "8MiB", "75s", "30s", "10s"),
])


@suite.case("version prints a number")
def _(trial):
    _, out, _ = run_once("version")
    trial.check(re.search(r"\d+\.\d+", out), f"no number in {out!r}")


@suite.case("help fits a terminal")
def _(trial):
    for arguments in (["help"], ["help", "serve"]):
        _, out, _ = run_once(*arguments)
        longest = max(out.splitlines(), key=len)
        trial.check(len(longest) <= 100, f"a line of {len(longest)} columns: {longest!r}")


@suite.case("docs/configuration.md is what help prints as Markdown")
def _(trial):
    document = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "configuration.md")
    trial.check(os.path.exists(document), "docs/configuration.md is missing: run make docs")
    with open(document) as file:
        text = file.read()
    _, out, _ = run_once("help", "--markdown")
    trial.check(text == out, "it differs: run make docs")
