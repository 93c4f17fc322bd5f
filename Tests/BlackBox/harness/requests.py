"""Builds requests as bytes, so that a case sees exactly what it sends."""


def request(
    target="/healthz", *fields, method="GET", version="HTTP/1.1", host="test", body=None
):
    """One request; `fields` are whole lines without their line end, `body` adds Content-Length."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines.extend(fields)
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "".join(line + "\r\n" for line in lines) + "\r\n"
    return head.encode("latin-1") + (body or b"")


def chunked(*pieces, extension="", trailers=()):
    """A chunked body of `pieces`, ended by the last chunk and `trailers`."""
    wire = b""
    for piece in pieces:
        wire += f"{len(piece):x}{extension}\r\n".encode() + piece + b"\r\n"
    wire += b"0\r\n"
    for trailer in trailers:
        wire += trailer.encode("latin-1") + b"\r\n"
    return wire + b"\r\n"
