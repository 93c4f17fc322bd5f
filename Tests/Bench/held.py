"""What an idle keep-alive connection costs: bytes of the server's own, and wake-ups."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import nginx
from harness.failed import Failed
from harness.process import private_memory
from harness.server import Server

HOLDER = str(Path(__file__).resolve().parent / "holder.py")
HOLDERS = 4
CONNECTIONS = 20_000
QUIET_SECONDS = 10


class Held:
    """Connections held open by a few processes, so that no descriptor limit of one is met."""

    def __init__(self, port, count):
        shares = [count // HOLDERS + (number < count % HOLDERS) for number in range(HOLDERS)]
        self.processes = [
            subprocess.Popen([sys.executable, HOLDER, str(port), str(share)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for share in shares if share]

    def wait(self):
        for process in self.processes:
            if process.stdout.readline() != b"ready\n":
                raise Failed("a client could not open its connections")

    def let_go(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait(60)


def room():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(CONNECTIONS, hard - 100)


def warmed_up(server):
    """Lets the server grow what it keeps once: buffers, tables, the allocator's arenas."""
    few = Held(server.port, 50)
    few.wait()
    few.let_go()
    time.sleep(0.5)


def idle(report, options):
    count = room()
    report.begin("idle", f"{count:,} idle keep-alive connections, each after one request")
    server = Server(loops=1, idle_timeout="5m")
    held = None
    try:
        warmed_up(server)
        resident, private = server.memory(), private_memory(server.pid)
        report.progress(f"opening {count:,} connections")
        held = Held(server.port, count)
        held.wait()
        time.sleep(1)
        each = (server.memory() - resident) / count
        report.note(f"resident: {resident:,} bytes before, {server.memory():,} after")
        own = (private_memory(server.pid) - private) / count
        report.progress(f"watching the server for {QUIET_SECONDS} s")
        switches, used = server.voluntary_switches(), server.cpu_seconds()
        time.sleep(QUIET_SECONDS)
        switches = server.voluntary_switches() - switches
        used = server.cpu_seconds() - used
        report.target("resident bytes each", each, at_most=512, digits=0)
        report.target("private bytes each", own, at_most=512, digits=0)
        report.target(f"wake-ups in {QUIET_SECONDS} s", switches, at_most=10, digits=0)
        report.note(f"CPU used in these {QUIET_SECONDS} s: {used:.2f} s")
    finally:
        if held:
            held.let_go()
        server.stop()
    beside(report, count)


def beside(report, count):
    if not nginx.program():
        report.skip("idle: nginx beside", "nginx is not installed: run .ci/install bench")
        return
    server, held = nginx.Nginx(nofile=count + 60), None
    try:
        warmed_up(server)
        before = server.memory()
        report.progress(f"nginx: opening {count:,} connections")
        held = Held(server.port, count - 100)
        held.wait()
        time.sleep(1)
        report.note(f"nginx: {(server.memory() - before) / (count - 100):,.0f} resident bytes each")
    finally:
        if held:
            held.let_go()
        server.stop()


BENCHES = {"idle": idle}
