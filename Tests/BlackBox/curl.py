"""curl as the client, since it is what people will try first."""

import gzip
import json
import os
import subprocess
import tempfile

from harness import Suite
from harness.failed import Failed
from harness.process import tool

suite = Suite("curl", max_body="1MiB")


class Ran:
    def __init__(self, arguments, base, data=None):
        program = tool("curl")
        if not program:
            raise Failed("curl is missing: run .ci/install tests")
        full = [word.replace("BASE", base) for word in arguments]
        self.command = " ".join(full)
        ran = subprocess.run(
            [program, "-sS", "--noproxy", "*", "--max-time", "20", *full], input=data,
            capture_output=True, timeout=40)
        self.code = ran.returncode
        self.out = ran.stdout
        self.err = ran.stderr.decode(errors="replace")


def curl(trial, *arguments, data=None, code=0):
    ran = Ran(arguments, f"http://127.0.0.1:{trial.server.port}", data)
    trial.record.append((0, 0, f"ran curl {' '.join(arguments)}; it wrote", ran.out))
    trial.record.append((0, 0, "and said", ran.err.encode()))
    trial.equal(ran.code, code, "curl's exit code")
    return ran


def status(trial, arguments, wanted):
    ran = curl(trial, "-o", "/dev/null", "-w", "%{http_code}", *arguments)
    trial.equal(ran.out.decode(), str(wanted), "the status")


suite.table(status, [
    ("GET", ["BASE/healthz"], 200),
    ("HEAD", ["-I", "BASE/healthz"], 200),
    ("OPTIONS", ["-X", "OPTIONS", "BASE/healthz"], 204),
    ("OPTIONS of the server", ["-X", "OPTIONS", "--request-target", "*", "BASE"], 204),
    ("HTTP/1.0", ["-0", "BASE/healthz"], 200),
    ("a proxy's way of asking", ["--request-target", "http://other/healthz", "BASE"], 200),
    ("POST with a form", ["-d", "a=b", "BASE/healthz"], 405),
    ("POST in chunks", ["-H", "Transfer-Encoding: chunked", "-d", "hello", "BASE/healthz"], 405),
    ("an unknown path", ["BASE/nothing"], 404),
    ("dot segments as they are", ["--path-as-is", "BASE/v1/../healthz"], 404),
    ("a file of the machine", ["--path-as-is", "BASE/../../etc/passwd"], 404),
    ("a GET with a body", ["-X", "GET", "-d", "hello", "BASE/healthz"], 200),
    ("a GET with a chunked body",
     ["-X", "GET", "-H", "Transfer-Encoding: chunked", "-d", "hello", "BASE/healthz"], 200),
    ("a media type that cannot be had", ["-H", "Accept: image/png", "BASE/v1/limits"], 406),
    ("an unknown coding", ["-X", "GET", "-H", "Content-Encoding: br", "-d", "x", "BASE/"], 415),
    ("a Host of one's own", ["-H", "Host: broker.example", "BASE/healthz"], 200),
    ("no Host", ["-H", "Host:", "BASE/healthz"], 400),
    ("an upgrade to HTTP/2 is not taken up", ["--http2", "BASE/healthz"], 200),
    ("a WebSocket is not taken up",
     ["-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "BASE/healthz"], 200),
    ("a range is ignored", ["-r", "0-1", "BASE/v1/limits"], 200),
    ("a condition is ignored", ["-z", "2030-01-01", "BASE/v1/limits"], 200),
])


@suite.case("two URLs use one connection")
def _(trial):
    ran = curl(trial, "-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ",
               "BASE/healthz", "BASE/v1/limits")
    trial.equal(ran.out.decode(), "1 0 ", "the connections made by each")


@suite.case("a compressed answer is the same as the plain one")
def _(trial):
    curl(trial, "--compressed", "--fail", "BASE/metrics")
    ran = curl(trial, "-H", "Accept-Encoding: gzip", "-o", "/dev/null", "-D", "-", "BASE/metrics")
    trial.check(b"content-encoding: gzip" in ran.out.lower(), "no gzip")


@suite.case("a problem is readable as it comes")
def _(trial):
    ran = curl(trial, "BASE/nothing")
    trial.equal(json.loads(ran.out)["status"], 404, "status")
    trial.check(ran.out.endswith(b"\n") or b"\n" not in ran.out, "the terminal's prompt is lost")


@suite.case("100 Continue with a body of 300 KiB")
def _(trial):
    ran = curl(trial, "-v", "-X", "GET", "-H", "Expect: 100-continue", "--data-binary", "@-",
               "-o", "/dev/null", "-w", "%{http_code}", "BASE/healthz", data=b"b" * 300_000)
    trial.equal(ran.out, b"200", "the status")
    trial.check("100 Continue" in ran.err, "no 100 Continue was seen")


@suite.case("a body above the limit is refused before curl sends it")
def _(trial):
    ran = curl(trial, "-X", "GET", "-H", "Expect: 100-continue", "--data-binary", "@-", "-o",
               "/dev/null", "-w", "%{http_code} %{size_upload}", "BASE/healthz",
               data=b"b" * (4 << 20))
    code, sent = ran.out.decode().split()
    trial.equal(code, "413", "the status")
    trial.check(int(sent) < 1 << 20, f"curl sent {sent} bytes")


@suite.case("a body above the limit sent without asking still gets its 413")
def _(trial):
    ran = curl(trial, "-X", "GET", "-H", "Expect:", "--data-binary", "@-", "-o", "/dev/null",
               "-w", "%{http_code}", "BASE/healthz", data=b"b" * (4 << 20))
    trial.equal(ran.out, b"413", "the status")


@suite.case("a file is uploaded in gzip")
def _(trial):
    ran = curl(trial, "-X", "GET", "-H", "Content-Encoding: gzip", "--data-binary", "@-", "-o",
               "/dev/null", "-w", "%{http_code}", "BASE/healthz",
               data=gzip.compress(b"hello" * 1000))
    trial.equal(ran.out, b"200", "the status")


@suite.case("an upload of a file with PUT is refused, and the next request is served")
def _(trial):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "file")
        with open(path, "wb") as file:
            file.write(b"b" * 2000)
        ran = curl(trial, "-T", path, "-H", "Expect:", "-o", "/dev/null", "-w",
                   "%{http_code} %{num_connects} ", "BASE/healthz", "--next", "-sS", "-o", "/dev/null", "-w",
                   "%{http_code} %{num_connects}", "BASE/healthz")
        # Where the refusal overtakes the body, curl gives the connection up.
        trial.check(ran.out.decode() in ("405 1 200 0", "405 1 200 1"), f"got {ran.out}")


@suite.case("fifty URLs at once")
def _(trial):
    ran = curl(trial, "-Z", "--parallel-max", "50", "--fail", "-o", "/dev/null", "-w",
               "%{http_code}\n", "BASE/{" + ",".join(["healthz"] * 50) + "}")
    trial.equal(ran.out.split(), [b"200"] * 50, "the statuses")


@suite.case("a time-out of the client's own harms nobody")
def _(trial):
    curl(trial, "-X", "GET", "-H", "Content-Length: 1000", "-d", "hello", "--max-time", "0.5",
         "BASE/healthz", code=28)
    status(trial, ["BASE/healthz"], 200)
