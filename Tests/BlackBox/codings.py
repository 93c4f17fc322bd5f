"""Content codings: inflated up to a cap on the way in, chosen by weight on the way out."""

import gzip
import struct
import zlib

from harness import Suite, chunked, request

suite = Suite("codings", max_body="1MiB")
BODY_MAX = 1 << 20
CHUNKED = "Transfer-Encoding: chunked"


def raw_deflate(data):
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(data) + squeezer.flush()


def zeros(size, wbits):
    """A body that inflates to `size` zeros, made without ever holding them."""
    squeezer = zlib.compressobj(9, wbits=wbits)
    piece = bytes(1 << 20)
    parts = [squeezer.compress(piece) for _ in range(size // len(piece))]
    parts.append(squeezer.compress(piece[:size % len(piece)]))
    return b"".join(parts) + squeezer.flush()


def with_flags(data):
    """A gzip member that uses all optional fields of RFC 1952."""
    head = b"\x1f\x8b\x08\x1e" + bytes(4) + b"\0\xff"
    head += struct.pack("<H", 6) + b"AB\x02\0xy" + b"name\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xffff)
    tail = struct.pack("<II", zlib.crc32(data), len(data))
    return head + raw_deflate(data) + tail


PLAIN = b"hello, hello, hello. " * 50
GZIP = gzip.compress(PLAIN)
BROKEN_CRC = GZIP[:-8] + bytes([GZIP[-8] ^ 1]) + GZIP[-7:]
BROKEN_SIZE = GZIP[:-4] + bytes([GZIP[-4] ^ 1]) + GZIP[-3:]
BROKEN_DATA = GZIP[:20] + bytes(byte ^ 0x55 for byte in GZIP[20:30]) + GZIP[30:]


def upload(trial, coding, body, *statuses):
    """The answer is the same with a length, in chunks, and byte by byte; then the server lives."""
    trial.ask(request("/healthz", f"Content-Encoding: {coding}", body=body), *statuses)
    pieces = [body[i:i + 700] for i in range(0, len(body), 700)]
    head = request("/healthz", f"Content-Encoding: {coding}", CHUNKED)
    trial.ask(head + chunked(*pieces), *statuses)
    trial.still_serves()


suite.table(upload, [
    ("a gzip body", "gzip", GZIP, 200),
    ("a gzip body, the coding in another case", "GZip", GZIP, 200),
    ("a gzip body with every optional header field", "gzip", with_flags(PLAIN), 200),
    ("a gzip body that inflates to nothing", "gzip", gzip.compress(b""), 200),
    ("a deflate body, which is zlib's format", "deflate", zlib.compress(PLAIN), 200),
    ("a gzip body that inflates to exactly the limit", "gzip", zeros(BODY_MAX, 31), 200),
    ("a deflate body that inflates to exactly the limit", "deflate", zeros(BODY_MAX, 15), 200),
    ("a gzip body that inflates to one byte more", "gzip", zeros(BODY_MAX + 1, 31), 413),
    ("a deflate body that inflates to one byte more", "deflate", zeros(BODY_MAX + 1, 15), 413),
    ("a gzip bomb of 64 MiB", "gzip", zeros(64 << 20, 31), 413),
    ("a deflate bomb of 64 MiB", "deflate", zeros(64 << 20, 15), 413),
    ("a body that is no gzip", "gzip", b"hello, I am plain text", 400),
    ("a body that is no deflate", "deflate", b"hello, I am plain text", 400),
    ("gzip data called deflate", "deflate", GZIP, 400),
    ("deflate data called gzip", "gzip", zlib.compress(PLAIN), 400),
    ("a gzip body with a wrong checksum", "gzip", BROKEN_CRC, 400),
    ("a gzip body with a wrong size", "gzip", BROKEN_SIZE, 400),
    ("a gzip body with broken data", "gzip", BROKEN_DATA, 400),
    ("a gzip body without its end", "gzip", GZIP[:-20], 400),
    ("a gzip body without its checksum", "gzip", GZIP[:-8], 400),
    ("a gzip body of a header only", "gzip", GZIP[:10], 400),
    ("a gzip body of one byte", "gzip", GZIP[:1], 400),
    ("a gzip body with other data behind", "gzip", GZIP + b"something else", 400),
    ("a deflate body without its end", "deflate", zlib.compress(PLAIN)[:-5], 400),
    ("a deflate body with a wrong checksum", "deflate", zlib.compress(PLAIN)[:-1] + b"\0", 400),
    ("a deflate body with other data behind", "deflate", zlib.compress(PLAIN) + b"x", 400),
    ("a gzip body with an unknown method", "gzip", b"\x1f\x8b\x07" + GZIP[3:], 400),
    ("deflate without zlib's header is read, or refused as corrupt",
     "deflate", raw_deflate(PLAIN), 200, 400),
    ("two gzip members are read as one body, or refused",
     "gzip", GZIP + GZIP, 200, 400),
    ("an empty body called gzip is refused, or taken as nothing", "gzip", b"", 200, 400),
    ("brotli", "br", b"hello", 415),
    ("zstd", "zstd", b"hello", 415),
    ("an invented coding", "rot13", b"uryyb", 415),
    ("a coding that begins like gzip", "gzipx", GZIP, 415),
    ("gzip on top of an invented coding", "rot13, gzip", GZIP, 415),
])


@suite.case("a 415 says which codings are known")
def _(trial):
    answer = trial.ask(request("/healthz", "Content-Encoding: br", body=b"hello"), 415)
    trial.equal(sorted(set(answer.tokens("Accept-Encoding")) - {"x-gzip", "identity"}),
                ["deflate", "gzip"], "Accept-Encoding")


@suite.case("a 415 comes before the body does")
def _(trial):
    trial.ask(request("/healthz", "Content-Encoding: br", "Content-Length: 500"), 415)


@suite.case("codings on top of each other are bounded")
def _(trial):
    body = zeros(200 << 20, 31)
    body = gzip.compress(body)
    trial.ask(request("/healthz", "Content-Encoding: gzip, gzip", body=body), 413, 415, 400)
    trial.ask(request("/healthz", "Content-Encoding: " + ", ".join(["gzip"] * 50), body=GZIP),
              400, 413, 415)
    trial.still_serves()


@suite.case("a gzip body, byte by byte")
def _(trial):
    body = gzip.compress(b"hello, hello")
    client = trial.connect()
    client.dribble(request("/healthz", "Content-Encoding: gzip", body=body), pause=0.001)
    client.expect(200)


@suite.case("a bomb in chunks is refused long before its end")
def _(trial):
    body = zeros(512 << 20, 31)
    client = trial.connect()
    client.send(request("/healthz", "Content-Encoding: gzip", CHUNKED))
    pieces = [f"{len(part):x}\r\n".encode() + part + b"\r\n"
              for part in (body[i:i + 4096] for i in range(0, len(body), 4096))]
    client.send_pieces(pieces, pause=0.001)
    client.expect(413)


@suite.case("a bomb does not grow the server", measures=True)
def _(trial):
    server = trial.start()
    before = server.memory()
    body = zeros(256 << 20, 31)
    for _ in range(5):
        trial.ask(request("/healthz", "Content-Encoding: gzip", body=body), 413, server=server)
    grown = server.memory() - before
    trial.check(grown < 24 << 20, f"the server grew by {grown} bytes")


@suite.case("a good gzip body after a bad one on the same connection")
def _(trial):
    client = trial.connect()
    for body, status in [(GZIP, 200), (BROKEN_CRC, 400), (GZIP, 200), (GZIP[:-9], 400)] * 5:
        client.send(request("/healthz", "Content-Encoding: gzip", body=body)).expect(status)


# Answers

def coded(trial, accepts, wanted):
    """`/metrics` with this Accept-Encoding comes in one of the wanted codings, and whole."""
    lines = [] if accepts is None else [f"Accept-Encoding: {accepts}"]
    answer = trial.ask(request("/metrics", *lines), 200)
    trial.check(answer.get("Content-Encoding") in wanted,
                f"Content-Encoding is {answer.get('Content-Encoding')!r}, not one of {wanted}")
    trial.check(b"# TYPE" in answer.decoded(), "the decoded answer is no metrics page")
    trial.check("accept-encoding" in answer.tokens("Vary"), "no Vary: Accept-Encoding")


suite.table(coded, [
    ("no Accept-Encoding: as it is", None, [None]),
    ("an empty Accept-Encoding: as it is", "", [None]),
    ("gzip", "gzip", ["gzip"]),
    ("gzip in another case", "GZIP", ["gzip"]),
    ("deflate", "deflate", ["deflate"]),
    ("what browsers send", "gzip, deflate, br, zstd", ["gzip", "deflate"]),
    ("only codings that we don't have: as it is", "br, zstd", [None]),
    ("gzip refused: as it is", "gzip;q=0", [None]),
    ("gzip refused with decimals: as it is", "gzip;q=0.000", [None]),
    ("both refused: as it is", "gzip;q=0, deflate;q=0", [None]),
    ("gzip of the least weight", "gzip;q=0.001", ["gzip"]),
    ("deflate weighs more", "gzip;q=0.2, deflate;q=0.8", ["deflate"]),
    ("gzip weighs more", "deflate;q=0.2, gzip;q=0.8", ["gzip"]),
    ("gzip refused, deflate taken", "gzip;q=0, deflate", ["deflate"]),
    ("identity weighs more", "gzip;q=0.5, identity", [None]),
    ("identity weighs less", "identity;q=0.5, gzip", ["gzip"]),
    ("anything", "*", ["gzip", "deflate", None]),
    ("anything but gzip", "*, gzip;q=0", ["deflate", None]),
    ("nothing but gzip", "gzip, *;q=0", ["gzip"]),
    ("identity refused", "identity;q=0, gzip", ["gzip"]),
    ("spaces and capitals around the weight", "gzip ; Q=0.7", ["gzip"]),
    ("empty members in the list", ", gzip,, ", ["gzip"]),
    ("something unreadable: as it is, or what can be read of it", "gzip;q=foo", ["gzip", None]),
    ("a weight above one", "gzip;q=5", ["gzip", None]),
])


@suite.case("a small answer is not compressed")
def _(trial):
    answer = trial.ask(request("/healthz", "Accept-Encoding: gzip"), 200)
    trial.equal(answer.get("Content-Encoding"), None, "Content-Encoding")


@suite.case("HEAD tells the coding that GET would have")
def _(trial):
    fields = ("/metrics", "Accept-Encoding: gzip")
    answer = trial.ask(request(*fields, method="HEAD"), 200, head=True)
    trial.equal(answer.get("Content-Encoding"), "gzip", "Content-Encoding")
    trial.check("accept-encoding" in answer.tokens("Vary"), "no Vary: Accept-Encoding")


@suite.case("a compressed answer is much smaller")
def _(trial):
    answer = trial.ask(request("/metrics", "Accept-Encoding: gzip"), 200)
    trial.check(len(answer.body) * 2 < len(answer.decoded()), "not half the size")


@suite.case("compressed answers pipelined with plain ones")
def _(trial):
    client = trial.connect()
    codings = ["gzip", "identity", "deflate", "gzip;q=0"] * 20
    client.send(b"".join(request("/metrics", f"Accept-Encoding: {c}") for c in codings))
    for coding in codings:
        wanted = coding if coding in ("gzip", "deflate") else None
        answer = client.expect(200)
        trial.equal(answer.get("Content-Encoding"), wanted, "Content-Encoding")
        trial.check(b"# TYPE" in answer.decoded(), "the decoded answer is no metrics page")


@suite.case("HTTP/1.0 may ask for gzip too")
def _(trial):
    answer = trial.ask(request("/metrics", "Accept-Encoding: gzip", version="HTTP/1.0"), 200)
    trial.check(b"# TYPE" in answer.decoded(), "the decoded answer is no metrics page")
