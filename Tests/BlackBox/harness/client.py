"""A raw connection: exact bytes out, strictly read responses in, and a record of both."""

import re
import select
import socket
import struct
import time

from .failed import Failed
from .response import Response

HEAD_SIZE_MAX = 64 << 10
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Client:
    """One TCP connection; every wait ends, at the latest after `patience` seconds."""

    most_patience = 15  # An instrumented server gets more.

    def __init__(self, port, record, source="127.0.0.1", patience=None, receive_buffer=None):
        patience = patience or self.most_patience
        self.record = record
        self.patience = patience
        self.buffer = b""
        self.ended = None  # None while open, then "end" or "reset".
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(patience)
        if source != "127.0.0.1":
            self.socket.bind((source, 0))
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError as error:
            raise Failed(f"no connection to port {port}: {error}") from None
        self.note("connected", b"")

    # Sending

    def send(self, data):
        self.note("sent", data)
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.note("could not send all of it: the server had closed", b"")
        except TimeoutError:
            raise Failed(f"the server does not read: {len(data)} bytes were not taken") from None
        return self

    def send_pieces(self, pieces, pause):
        """Sends each piece as a segment of its own; stops early when the server has answered."""
        for piece in pieces:
            if self.arrived():
                return self
            self.send(piece)
            time.sleep(pause)
        return self

    def dribble(self, data, pause=0.002):
        return self.send_pieces((data[i:i + 1] for i in range(len(data))), pause)

    def half_close(self):
        self.note("shut down its writing side", b"")
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self):
        """Closes with a RST instead of a FIN."""
        self.note("reset the connection", b"")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    # Receiving

    def response(self, head=False, interim=False, raw=False):
        """The next response; `head` says it answers a HEAD, `interim` that a 1xx is expected."""
        response = self._response_head()
        if response.status < 200:
            if not interim:
                raise Failed(f"an unexpected interim {response.status}")
            return response
        if not (head or response.status in (204, 304)):
            self._read_body(response)
        if not raw:
            response.check_rules(to_head=head)
        return response

    def expect(self, *statuses, **options):
        """The next response, which must have one of `statuses`."""
        response = self.response(**options)
        if response.status not in statuses:
            wanted = " or ".join(str(status) for status in statuses)
            raise Failed(f"answered {response.status}, not {wanted}")
        return response

    def expect_end(self, within=None):
        """The connection ends, and not one more byte comes before."""
        deadline = time.monotonic() + (within or self.patience)
        while self.ended is None and not self.buffer:
            if not self._fill(deadline - time.monotonic()):
                raise Failed("the connection stays open")
        if self.buffer:
            raise Failed(f"more came before the end: {self.buffer[:200]!r}")
        return self.ended

    def expect_end_or(self, *statuses):
        """The end, either at once or after one response with one of `statuses`."""
        if not self.is_at_end():
            self.expect(*statuses)
        return self.expect_end()

    def is_at_end(self):
        """Waits for the next byte or the end; true at the end."""
        if not (self.buffer or self.ended):
            self._more(time.monotonic() + self.patience, "neither an answer nor the end")
        return not self.buffer

    def expect_silence(self, seconds):
        """Neither a byte nor an end for a while."""
        if self.buffer or (self._fill(seconds) and True):
            raise Failed(f"something came: {self.buffer[:200]!r} {self.ended or ''}")

    def arrived(self):
        """Whether an answer, or the end, is there to be read."""
        if self.buffer or self.ended:
            return True
        # The older call takes no descriptor above 1,023, and suites side by side have more.
        waiting = select.poll()
        waiting.register(self.socket, select.POLLIN)
        return bool(waiting.poll(0))

    def _response_head(self):
        head = self._until(b"\r\n\r\n", HEAD_SIZE_MAX)
        response = Response(head)
        response.check_framing()
        return response

    def _read_body(self, response):
        if response.get("Content-Length") is not None:
            response.body = self._exactly(int(response.get("Content-Length")))
        elif response.all("Transfer-Encoding"):
            if response.tokens("Transfer-Encoding") != ["chunked"]:
                raise Failed(f"Transfer-Encoding is {response.all('Transfer-Encoding')}")
            response.body = self._chunks(response)
        else:
            raise Failed(f"a {response.status} without a framing field")

    def _chunks(self, response):
        body = b""
        while True:
            size = self._until(b"\r\n", 64)[:-2]
            if not CHUNK_SIZE.fullmatch(size):
                raise Failed(f"bad chunk size {size!r}")
            if int(size, 16) == 0:
                break
            body += self._exactly(int(size, 16))
            if self._exactly(2) != b"\r\n":
                raise Failed("chunk data is not followed by CRLF")
        while (line := self._until(b"\r\n", HEAD_SIZE_MAX)) != b"\r\n":
            response.trailers.append(line)
        return body

    def _until(self, mark, limit):
        deadline = time.monotonic() + self.patience
        while (place := self.buffer.find(mark)) < 0:
            if len(self.buffer) > limit:
                raise Failed(f"no {mark!r} in {limit} bytes")
            self._more(deadline, f"no whole head: {self.buffer[:200]!r}")
        return self._take(place + len(mark))

    def _exactly(self, count):
        deadline = time.monotonic() + self.patience
        while len(self.buffer) < count:
            self._more(deadline, f"{len(self.buffer)} of {count} bytes of a body")
        return self._take(count)

    def _take(self, count):
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _more(self, deadline, so_far):
        if self.ended:
            raise Failed(f"the connection ended ({self.ended}) with {so_far}")
        if not self._fill(deadline - time.monotonic()):
            raise Failed(f"nothing more within {self.patience} s, with {so_far}")

    def _fill(self, seconds):
        """Reads once; false when nothing came, not even the end."""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data = self.socket.recv(1 << 18)
        except TimeoutError:
            return False
        except ConnectionError:
            self.ended = "reset"
            self.note("saw a reset", b"")
            return True
        finally:
            self.socket.settimeout(self.patience)
        if data:
            self.note("received", data)
            self.buffer += data
        else:
            self.ended = "end"
            self.note("saw the end", b"")
        return True

    def note(self, what, data):
        self.record.append((time.monotonic(), self.socket.fileno(), what, data))
