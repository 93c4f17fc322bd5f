"""Holds connections that have each made one request: holder.py PORT COUNT, until stdin ends."""

import socket
import sys

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
AT_ONCE = 200


def open_some(port, count):
    sockets = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), 30)
        client.sendall(REQUEST)
        sockets.append(client)
    for client in sockets:
        answer = b""
        while not answer.endswith(b"ok\n"):
            piece = client.recv(4096)
            if not piece:
                sys.exit(f"a connection ended: {answer!r}")
            answer += piece
    return sockets


def main(port, count):
    held = []
    while len(held) < count:
        held += open_some(port, min(AT_ONCE, count - len(held)))
    print("ready", flush=True)
    sys.stdin.read()


main(int(sys.argv[1]), int(sys.argv[2]))
