"""posthorn serve as a child process, and connections to it that send and read bytes."""

import json
import os
import re
import signal
import socket
import subprocess
import time

LISTENING = re.compile(rb"msg=listening address=127\.0\.0\.1:(\d+)")
TRAP = re.compile(
    rb"Fatal error|Precondition failed|Assertion failed|Program crashed|Segmentation fault")
# How full the disk of the tests is says nothing about the program.
NEVER_FULL = ["--disk-warn-at=100", "--disk-full-at=100", "--disk-scarce-at=100"]
START_SECONDS = 60
END_SECONDS = 30
PATIENCE_SECONDS = 30


class Lost(Exception):
    """A promise that was not kept."""


class Broker:
    """One server over one data directory; what it logs is kept in a file beside that."""

    def __init__(self, program, data, *arguments, environment=None, disk=NEVER_FULL):
        self.log = f"{data}.log"
        kept = {name: text for name, text in os.environ.items() if not name.startswith("POSTHORN_")}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--listen", "127.0.0.1:0", "--data", data,
                 "--segment-size", "32MiB", *disk, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**kept, **(environment or {})})
        self.port = None

    def wait_until_it_listens(self):
        """Waits for the port; says Lost where the server ends before it has one."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            has_ended = self.process.poll() is not None
            match = LISTENING.search(self.text())
            if match:
                self.port = int(match[1])
                return self
            if has_ended:
                raise Lost(f"the server did not start, and ended with {self.code}:\n{self.tail()}")
            time.sleep(0.005)
        self.kill()
        raise Lost(f"the server did not start within {START_SECONDS} s:\n{self.tail()}")

    @property
    def code(self):
        return self.process.returncode

    def text(self):
        with open(self.log, "rb") as log:
            return log.read()

    def tail(self):
        return self.text()[-2000:].decode(errors="replace")

    def kill(self):
        """Ends it as it is; a server that had ended by itself is a finding."""
        code = self.process.poll()
        self.process.kill()
        self.process.wait()
        self.check_log()
        if code is not None:
            raise Lost(f"the server ended by itself with {code}:\n{self.tail()}")

    def stop(self, code=0):
        """Drains it, and holds it to its exit code."""
        self.process.send_signal(signal.SIGINT)
        self.wait(code)

    def wait(self, code):
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Lost(f"the server did not end within {END_SECONDS} s:\n{self.tail()}") from None
        self.check_log()
        if self.code != code:
            raise Lost(f"the server ended with {self.code}, not {code}:\n{self.tail()}")

    def check_log(self):
        if TRAP.search(self.text()):
            raise Lost(f"the server trapped:\n{self.tail()}")


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def json(self):
        return json.loads(self.body)


class AnswerReader:
    """Takes what a server sent as it comes, and gives the answers that are whole."""

    def __init__(self):
        self.buffer = b""

    def take(self, data):
        self.buffer += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        return answers

    def _next(self):
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        status, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        status = int(status.split(" ")[1])
        if fields.get("transfer-encoding") == "chunked":
            body, place = self._chunks(end + 4)
        else:
            place = end + 4 + int(fields.get("content-length", 0))
            body = self.buffer[end + 4:place] if len(self.buffer) >= place else None
        if body is None:
            return None
        self.buffer = self.buffer[place:]
        return Answer(status, fields, body)

    def _chunks(self, place):
        body = b""
        while (end := self.buffer.find(b"\r\n", place)) >= 0:
            size = int(self.buffer[place:end], 16)
            place = end + 2 + size + 2
            if len(self.buffer) < place:
                break
            if size == 0:
                return body, place
            body += self.buffer[end + 2:end + 2 + size]
        return None, place


class Connection:
    """A connection whose answers come in the order of its requests."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = AnswerReader()

    def send(self, data):
        self.socket.sendall(data)

    def answers(self):
        """What is whole of what comes next; nothing at the end of the connection."""
        while True:
            data = self.socket.recv(1 << 18)
            if not data:
                return []
            if answers := self.reader.take(data):
                return answers

    def ask(self, method, target, body=b"", **fields):
        """Sends one request and waits for its answer."""
        self.send(request(method, target, body, **fields))
        answers = self.answers()
        if len(answers) != 1:
            raise Lost(f"{method} {target} was answered {len(answers)} times")
        return answers[0]

    def close(self):
        self.socket.close()


def request(method, target, body=b"", **fields):
    """The bytes of a request; `posthorn_key="k"` is the field Posthorn-Key."""
    lines = [f"{method} {target} HTTP/1.1", "Host: test", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines + ["", ""]).encode() + body
