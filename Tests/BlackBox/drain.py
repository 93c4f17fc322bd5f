"""What a load balancer sees when a server is told to go."""

import signal
import threading
import time

from harness import Failed, Suite, request

suite = Suite("drain", drain_window="1500ms", drain_timeout="5s")


def readiness(trial, server):
    return trial.ask(request("/readyz"), server=server)


def wait_until_not_ready(trial, server):
    def refusal():
        answer = readiness(trial, server)
        return answer if answer.status == 503 else None
    return trial.until(refusal, "/readyz never failed")


@suite.case("SIGTERM: readiness fails first while all else is served, then it ends with 0")
def _(trial):
    server = trial.start()
    trial.equal(readiness(trial, server).status, 200, "/readyz before")
    server.signal(signal.SIGTERM)
    answer = wait_until_not_ready(trial, server)
    trial.check(answer.get("Retry-After"), "a 503 without Retry-After")
    trial.ask(request("/healthz"), 200, server=server)
    trial.ask(request("/v1/limits"), 200, server=server)
    server.expect_exit(0, within=15)


@suite.case("an open connection sees readiness fail, too, and is served to the end")
def _(trial):
    server = trial.start()
    client = trial.connect(server).send(request("/readyz"))
    client.expect(200)
    server.signal(signal.SIGTERM)
    wait_until_not_ready(trial, server)
    client.send(request("/readyz"))
    answer = client.expect(503)
    if not answer.closes:
        client.send(request())
        client.expect(200)
    server.expect_exit(0, within=15)


@suite.case("idle connections are closed without a word when it ends")
def _(trial):
    server = trial.start(drain_window="200ms")
    clients = [trial.connect(server) for _ in range(20)]
    for client in clients:
        client.send(request()).expect(200)
    server.signal(signal.SIGTERM)
    for client in clients:
        client.expect_end()
    server.expect_exit(0, within=15)


@suite.case("SIGINT skips the window")
def _(trial):
    server = trial.start(drain_window="60s", drain_timeout="90s")
    trial.still_serves(server)
    server.signal(signal.SIGINT)
    server.expect_exit(0, within=10)


@suite.case("a window of nothing")
def _(trial):
    server = trial.start(drain_window="0s")
    server.signal(signal.SIGTERM)
    server.expect_exit(0, within=10)


@suite.case("a request that is half here when SIGINT comes is still answered")
def _(trial):
    server = trial.start()
    client = trial.connect(server).send(request("/healthz", "Content-Length: 5") + b"he")
    time.sleep(0.1)
    server.signal(signal.SIGINT)
    time.sleep(0.3)
    client.send(b"llo")
    answer = client.expect(200)
    trial.check(answer.closes, "the last answer does not say Connection: close")
    client.expect_end()
    server.expect_exit(0, within=10)


@suite.case("answers that are on their way when SIGINT comes arrive whole")
def _(trial):
    server = trial.start()
    client = trial.connect(server, receive_buffer=4096).send(request("/metrics") * 50)
    client.expect(200)
    server.signal(signal.SIGINT)
    time.sleep(0.3)
    while not client.is_at_end():
        client.expect(200)
    trial.equal(client.ended, "end", "how the connection ended")
    server.expect_exit(0, within=10)


@suite.case("a request that never ends does not hold it for longer than the drain timeout")
def _(trial):
    server = trial.start(drain_timeout="1s", drain_window="0s")
    client = trial.connect(server).send(request("/healthz", "Content-Length: 5") + b"he")
    time.sleep(0.1)
    server.signal(signal.SIGTERM)
    server.expect_exit(0, 1, within=8)
    client.expect_end_or(408, 503)


@suite.case("a client that never reads does not hold it for longer than the drain timeout")
def _(trial):
    server = trial.start(drain_timeout="1s", drain_window="0s", write_timeout="60s")
    client = trial.connect(server, receive_buffer=4096)
    client.socket.settimeout(0.3)
    try:
        client.socket.sendall(request("/metrics") * 5000)
    except (TimeoutError, ConnectionError):
        pass
    server.signal(signal.SIGTERM)
    server.expect_exit(0, 1, within=8)


@suite.case("nobody listens any more after it has ended")
def _(trial):
    server = trial.start()
    server.signal(signal.SIGINT)
    server.expect_exit(0, within=10)
    try:
        trial.connect(server)
    except Failed:
        return
    raise Failed("the port still takes connections")


def second_signal(trial, number):
    """Whoever asks twice does not want to wait: what is still open is cut, and 1 says so."""
    server = trial.start(drain_window="60s", drain_timeout="90s")
    client = trial.connect(server).send(request("/healthz", "Content-Length: 5") + b"he")
    server.signal(signal.SIGTERM)
    wait_until_not_ready(trial, server)
    server.signal(number)
    server.expect_exit(1, within=10)
    client.expect_end()


suite.table(second_signal, [
    ("a second SIGTERM cuts what is open", signal.SIGTERM),
    ("SIGINT after SIGTERM cuts what is open", signal.SIGINT),
])


@suite.case("a second signal with nothing open is a clean end")
def _(trial):
    server = trial.start(drain_window="60s", drain_timeout="90s")
    server.signal(signal.SIGTERM)
    server.wait_for_line("draining")
    server.signal(signal.SIGTERM)
    server.expect_exit(0, within=10)


@suite.case("SIGHUP and SIGPIPE do not end it")
def _(trial):
    server = trial.start()
    server.signal(signal.SIGHUP)
    server.signal(signal.SIGPIPE)
    time.sleep(0.2)
    trial.still_serves(server)


@suite.case("HEAD of /readyz fails too while it drains")
def _(trial):
    server = trial.start()
    server.signal(signal.SIGTERM)
    wait_until_not_ready(trial, server)
    trial.ask(request("/readyz", method="HEAD"), 503, server=server, head=True)
    server.expect_exit(0, within=15)


@suite.case("requests over and over during a drain: each is answered or never begun", slow=True)
def _(trial):
    server = trial.start(drain_window="700ms")
    server.signal(signal.SIGTERM)
    client, answered = None, 0
    while server.process.poll() is None:
        try:
            client = client or trial.connect(server, patience=5)
        except Failed:
            break
        client.send(request())
        try:
            client.expect(200)
        except Failed as failure:
            # Closed between two requests: a keep-alive client repeats this one elsewhere.
            trial.check("no whole head: b''" in str(failure), f"a broken answer: {failure}")
            client = None
            continue
        answered += 1
    trial.check(answered > 10, f"only {answered} requests were answered in the window")
    server.expect_exit(0, within=10)


@suite.case("clients that pipeline publishes get whole answers until the end", slow=True)
def _(trial):
    for _ in range(4):
        server = trial.start()
        ends, threads = [], []
        for _ in range(12):
            client = trial.connect(server)
            threads.append(threading.Thread(target=pipeline_until_the_end, args=(client, ends)))
            threads[-1].start()
        time.sleep(0.3)
        server.signal(signal.SIGINT)
        server.expect_exit(0, within=20)
        for thread in threads:
            thread.join()
        trial.check(all(end is None for end in ends), f"some clients saw {ends}")
        server.check_log()


def pipeline_until_the_end(client, ends):
    """Takes whole answers, of the store or of the drain, and then the end."""
    data = request("/v1/topics/pipelined/messages?key=k", method="POST", body=b"x")
    try:
        while not client.ended:
            client.send(data * 20)
            for _ in range(20):
                if client.is_at_end():
                    break
                client.expect(201, 503)
        ends.append(None)
    except Failed as failure:
        ends.append(str(failure))
