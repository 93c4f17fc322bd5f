"""An idle server sleeps: no timer, no processor."""

import time

from harness import Suite, request

suite = Suite("idle")
SECONDS = 10
SWITCHES_MAX = 12


def settle(server):
    """A start has files made behind it: waits for the first second without a switch."""
    for _ in range(20):
        switches = server.voluntary_switches()
        time.sleep(1)
        if server.voluntary_switches() == switches:
            return


def sleeps(trial, server):
    settle(server)
    switches, used = server.voluntary_switches(), server.cpu_seconds()
    time.sleep(SECONDS)
    switches = server.voluntary_switches() - switches
    used = server.cpu_seconds() - used
    trial.check(switches <= SWITCHES_MAX, f"{switches} voluntary switches in {SECONDS} s")
    trial.check(used <= 0.02, f"{used} s of CPU in {SECONDS} s")


@suite.case("a server that nobody calls sleeps", slow=True, measures=True)
def _(trial):
    sleeps(trial, trial.start())


@suite.case("a server that was called sleeps again", slow=True, measures=True)
def _(trial):
    server = trial.start()
    for _ in range(100):
        trial.ask(request(), 200, server=server)
    for client in trial.clients:
        client.close()
    sleeps(trial, server)


@suite.case("a server with two hundred quiet connections sleeps", slow=True, measures=True)
def _(trial):
    server = trial.start(max_connections_per_address=1000)
    clients = [trial.connect(server) for _ in range(200)]
    for client in clients:
        client.send(request()).expect(200)
    sleeps(trial, server)
    for client in clients:
        client.send(request()).expect(200)


@suite.case("buffers shrink again after large bodies", slow=True, measures=True)
def _(trial):
    server = trial.start(max_connections_per_address=1000)
    body = request(body=b"b" * (4 << 20))
    clients = [trial.connect(server) for _ in range(20)]
    clients[0].send(body).expect(200)
    before = server.memory()
    for client in clients:
        client.send(body)
    for client in clients:
        client.expect(200)
    time.sleep(1)
    grown = server.memory() - before
    trial.check(grown < 24 << 20, f"{grown} bytes are kept after 20 bodies of 4 MiB")
