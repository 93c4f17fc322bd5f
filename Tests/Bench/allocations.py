"""How many allocations a plain request on a kept connection makes: counted, not timed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

from harness.failed import Failed
from harness.server import Server, clean_environment

FEW = 500
MANY = 5_500
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n"


def allocations(report, _options):
    name = "allocations of a plain request"
    valgrind = shutil.which("valgrind")
    if not valgrind:
        return report.skip(name, "valgrind is not installed (Debian: valgrind)")
    if not shutil.which("strip"):
        return report.skip(name, "strip is not installed (Debian: binutils)")
    report.begin("allocations", f"{name}, counted by valgrind")
    report.progress(f"{FEW} requests")
    few = heap_allocations(valgrind, FEW)
    report.progress(f"{MANY:,} requests")
    many = heap_allocations(valgrind, MANY)
    # A turn of the loop may hold several requests or one; here each has a turn of its own.
    report.target("allocations a request", (many - few) / (MANY - FEW), at_most=0.01)


def heap_allocations(valgrind, requests):
    """Runs a server for that many requests and returns all the allocations of its life."""
    with tempfile.TemporaryDirectory(prefix="posthorn-bench-") as directory:
        # valgrind gives up on debugging information that is newer than itself.
        bare = os.path.join(directory, "posthorn")
        subprocess.run(["strip", "-o", bare, Server.binary], check=True)
        command = [valgrind, "--leak-check=no", bare, "serve", "--loops", "1",
                   "--listen", "127.0.0.1:0", "--data", os.path.join(directory, "data")]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=clean_environment(), cwd=directory)
        try:
            ask(port_of(process), requests)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
            process.wait(60)
        finally:
            process.kill()
        total = re.search(r"total heap usage: ([\d,]+) allocs", said)
        if not total:
            raise Failed(f"valgrind counted nothing: {said[-400:]}")
        return int(total.group(1).replace(",", ""))


def port_of(process):
    for line in process.stderr:
        found = re.search(r"listening address=127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found.group(1))
    raise Failed("the server did not start")


def ask(port, requests):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        for _ in range(requests):
            client.sendall(REQUEST)
            answer = b""
            while not answer.endswith(b"ok\n"):
                answer += client.recv(65_536)


BENCHES = {"allocations": allocations}
