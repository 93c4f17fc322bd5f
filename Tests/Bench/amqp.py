"""Publishes to a quorum queue of RabbitMQ and waits for each confirm: amqp.py PORT CONNECTIONS SECONDS.

As much of AMQP 0-9-1 as that takes. Each connection has one message out. Prints one JSON object.
What it sends is made once, and a confirm is looked at, not parsed: it uses a fraction of what the
broker uses for the same message, and says how much, so that nobody has to believe it.
"""

import json
import selectors
import socket
import struct
import sys
import time

QUEUE = b"bench"
BODY = b"x" * 256
ACK_SIZE = 21


def short(text):
    return bytes([len(text)]) + text


def long(text):
    return struct.pack(">I", len(text)) + text


def frame(kind, channel, payload):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(channel, group, number, arguments):
    return frame(1, channel, struct.pack(">HH", group, number) + arguments)


START_OK = method(0, 10, 11, long(b"") + short(b"PLAIN") + long(b"\0guest\0guest") + short(b"en_US"))
TUNE_OK = method(0, 10, 31, struct.pack(">HIH", 100, 131072, 0))
OPEN = method(0, 10, 40, short(b"/") + short(b"") + b"\0")
CHANNEL_OPEN = method(1, 20, 10, short(b""))
CONFIRM_SELECT = method(1, 85, 10, b"\0")
QUORUM = long(short(b"x-queue-type") + b"S" + long(b"quorum"))
DECLARE = method(1, 50, 10, b"\0\0" + short(QUEUE) + b"\x02" + QUORUM)
PURGE = method(1, 50, 30, b"\0\0" + short(QUEUE) + b"\0")
PUBLISH = (
    method(1, 60, 40, b"\0\0" + short(b"") + short(QUEUE) + b"\0")
    + frame(2, 1, struct.pack(">HHQH", 60, 0, len(BODY), 0x1000) + b"\x02")  # Persistent.
    + frame(3, 1, BODY))


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(b"AMQP\0\0\x09\x01")
        self.expect(10, 10)
        self.socket.sendall(START_OK)
        self.expect(10, 30)
        self.ask(TUNE_OK + OPEN, 10, 41)
        self.ask(CHANNEL_OPEN, 20, 11)
        self.ask(CONFIRM_SELECT, 85, 11)

    def ask(self, sent, group, number):
        self.socket.sendall(sent)
        self.expect(group, number)

    def expect(self, group, number):
        while True:
            kind, _, size = struct.unpack(">BHI", self.whole(7))
            payload = self.whole(size + 1)
            if kind == 8:  # A heartbeat.
                continue
            if struct.unpack(">HH", payload[:4]) != (group, number):
                sys.exit(f"RabbitMQ said {payload!r}")
            return

    def whole(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                sys.exit("RabbitMQ closed a connection")
            data += piece
        return data


def main(port, count, seconds):
    connections = [Connection(port) for _ in range(count)]
    connections[0].ask(DECLARE, 50, 11)
    connections[0].ask(PURGE, 50, 31)
    selector = selectors.EpollSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ)
    times = []
    sent = {}
    began, used = time.monotonic(), time.process_time()
    end = began + seconds
    for connection in connections:
        sent[connection.socket] = time.monotonic()
        connection.socket.sendall(PUBLISH)
    confirmed = 0
    while (now := time.monotonic()) < end:
        for key, _ in selector.select(1):
            answer = key.fileobj.recv(65_536)
            if len(answer) != ACK_SIZE or answer[7:11] != b"\0\x3c\0\x50":
                sys.exit(f"RabbitMQ said {answer!r}")
            confirmed += 1
            now = time.monotonic()
            times.append(now - sent[key.fileobj])
            sent[key.fileobj] = now
            key.fileobj.send(PUBLISH)
    seconds = time.monotonic() - began
    times.sort()
    print(json.dumps({
        "per_second": confirmed / seconds, "p50_ms": times[len(times) // 2] * 1000,
        "client_cpu": (time.process_time() - used) / seconds}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
