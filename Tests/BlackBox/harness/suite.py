"""Cases with sentences as names, gathered in suites that share a server."""

import threading
import time

from .client import Client
from .failed import Failed
from .requests import request
from .server import Server

__all__ = ["Failed", "Suite", "Trial"]


class Suite:
    """The cases of one module. They share one server, started with `settings` at first use."""

    def __init__(self, topic, **settings):
        self.topic = topic
        self.settings = settings
        self.cases = []
        self._server = None
        self._lock = threading.Lock()

    def case(self, sentence, slow=False, measures=False):
        """Registers a function that takes a Trial.

        `slow` cases are started first. One that `measures` memory or sleep says nothing about a
        build with a sanitizer in it, and is left out there.
        """
        def register(function):
            self.cases.append(Case(self, sentence, function, slow, measures))
            return function
        return register

    def table(self, check, rows):
        """A case for each row: its first column is the sentence, the rest goes to `check`."""
        for sentence, *columns in rows:
            self.cases.append(Case(self, sentence, bind(check, columns)))

    def server(self):
        with self._lock:
            if self._server is None:
                self._server = Server(**self.settings)
            return self._server

    def finish(self):
        """After the last case: the shared server must be alive, serving, and free of errors."""
        with self._lock:
            server, self._server = self._server, None
        if server is None:
            return
        try:
            if server.process.poll() is None:
                client = Client(server.port, [])
                client.send(request("/healthz")).expect(200)
                client.close()
        finally:
            server.stop()


class Case:
    def __init__(self, suite, sentence, function, slow=False, measures=False):
        self.suite = suite
        self.sentence = sentence
        self.function = function
        self.slow = slow
        self.measures = measures

    @property
    def name(self):
        return f"{self.suite.topic}: {self.sentence}"


class Trial:
    """What one case works with; everything it opens is closed when the case ends."""

    def __init__(self, suite):
        self.suite = suite
        self.record = []
        self.clients = []
        self.servers = []

    @property
    def server(self):
        """The server that the whole suite shares."""
        return self.suite.server()

    def start(self, **settings):
        """A server of this case's own, with the suite's settings and these over them."""
        server = Server(**{**self.suite.settings, **settings})
        self.servers.append(server)
        return server

    def connect(self, server=None, **options):
        client = Client((server or self.server).port, self.record, **options)
        self.clients.append(client)
        return client

    def ask(self, data, *statuses, server=None, **options):
        """Sends `data` on a new connection and returns the first response."""
        client = self.connect(server).send(data)
        return client.expect(*statuses, **options) if statuses else client.response(**options)

    def until(self, truth, otherwise, seconds=10):
        """Waits for something that is bound to become true; returns what `truth` returned."""
        deadline = time.monotonic() + seconds
        while not (found := truth()):
            if time.monotonic() > deadline:
                raise Failed(otherwise() if callable(otherwise) else otherwise)
            time.sleep(0.03)
        return found

    def still_serves(self, server=None):
        self.ask(request("/healthz"), 200, server=server)

    def check(self, condition, otherwise):
        if not condition:
            raise Failed(otherwise)

    def equal(self, found, wanted, what):
        if found != wanted:
            raise Failed(f"{what} is {found!r}, not {wanted!r}")

    def finish(self):
        """Closes all; raises Failed if one of the case's own servers had died."""
        for client in self.clients:
            client.close()
        trouble = None
        # The data of one that was started later may lie where an earlier one began.
        for server in reversed(self.servers):
            try:
                server.stop()
            except Failed as failure:
                trouble = failure
        if trouble:
            raise trouble


def bind(check, columns):
    return lambda trial: check(trial, *columns)
