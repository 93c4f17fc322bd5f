"""Where one message ends and the next begins: RFC 9112 without mercy.

Each refused request is followed, in the same write, by one that a laxer parser would answer. The
refusal must be the only answer, and the connection must end after it.
"""

import time

from harness import Suite, chunked, request

suite = Suite("framing")

SMUGGLED = request("/smuggled")
LINE = b"GET /healthz HTTP/1.1\r\n"
HOST = b"Host: test\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def refused(trial, data, *statuses):
    client = trial.connect().send(data + SMUGGLED)
    answer = client.expect(*statuses)
    trial.check(answer.closes, "the refusal does not say Connection: close")
    client.expect_end()


def accepted(trial, data):
    client = trial.connect().send(data + request("/v1/limits"))
    client.expect(200)
    after = client.expect(200)
    trial.equal(after.get("Content-Type"), "application/json", "the next answer's type")


def head(*lines):
    """A request head for /healthz with these field lines after its Host."""
    return LINE + HOST + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def in_chunks(body):
    return head(b"Transfer-Encoding: chunked") + body


suite.table(refused, [
    ("a request line without a version", b"GET /healthz\r\n" + HOST + b"\r\n", 400),
    ("two spaces after the method", b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("two spaces before the version", b"GET /healthz  HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a space after the version", b"GET /healthz HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    ("a space before the method", b" GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("tabs instead of spaces", b"GET\t/healthz\tHTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a method that is no token", b"G@T /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("an empty method", b" /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a method with a NUL", b"GE\0T /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a space inside the target", b"GET /health z HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a NUL in the target", b"GET /health\0z HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a control character in the target", b"GET /health\x07z HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a raw byte above 127 in the target", b"GET /h\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a bare CR in the target", b"GET /health\rz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a fragment in the target", b"GET /healthz#x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a target that does not begin with a slash",
     b"GET healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("an asterisk as the target of a GET", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("a request line that ends with a bare LF", b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n", 400),
    ("a request line that ends with CR CR LF",
     b"GET /healthz HTTP/1.1\r\r\n" + HOST + b"\r\n", 400),
    ("a version in lower case", b"GET /healthz http/1.1\r\n" + HOST + b"\r\n", 400, 505),
    ("a version without a minor number", b"GET /healthz HTTP/1\r\n" + HOST + b"\r\n", 400, 505),
    ("a version with two digits", b"GET /healthz HTTP/1.10\r\n" + HOST + b"\r\n", 400, 505),
    ("a version with a leading zero", b"GET /healthz HTTP/01.1\r\n" + HOST + b"\r\n", 400, 505),
    ("another protocol's name", b"GET /healthz ICAP/1.0\r\n" + HOST + b"\r\n", 400, 505),
    ("HTTP/2.0 on the request line", b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    ("HTTP/3.0 on the request line", b"GET /healthz HTTP/3.0\r\n" + HOST + b"\r\n", 505),
    ("HTTP/0.9 on the request line", b"GET /healthz HTTP/0.9\r\n" + HOST + b"\r\n", 505),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505),
    ("the greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
])


@suite.case("CONNECT opens no tunnel")
def _(trial):
    client = trial.connect().send(b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n")
    client.expect(400, 404, 405, 501)


@suite.case("a minor version above ours is answered as 1.1, or refused as unknown")
def _(trial):
    trial.ask(request(version="HTTP/1.2"), 200, 505)


# Fields

suite.table(refused, [
    ("a space before the colon", head(b"X : y"), 400),
    ("a tab before the colon", head(b"X\t: y"), 400),
    ("a space before the colon of Content-Length", head(b"Content-Length : 0"), 400),
    ("a space before the colon of Transfer-Encoding",
     head(b"Transfer-Encoding : chunked") + b"0\r\n\r\n", 400),
    ("a field folded with a space", head(b"X: y", b" z"), 400),
    ("a field folded with a tab", head(b"X: y", b"\tz"), 400),
    ("a fold right after the request line", LINE + b" X: y\r\n" + HOST + b"\r\n", 400),
    ("a field line without a colon", head(b"X"), 400),
    ("an empty field name", head(b": y"), 400),
    ("a space inside a field name", head(b"X Y: z"), 400),
    ("a field name that is no token", head(b"X@Y: z"), 400),
    ("a field name with a byte above 127", head(b"X\xe9: z"), 400),
    ("a NUL in a field name", head(b"X\0: z"), 400),
    ("a NUL in a field value", head(b"X: y\0z"), 400),
    ("a bare CR in a field value", head(b"X: y\rz"), 400),
    ("a bare LF in a field value", head(b"X: y\nz: 1"), 400),
    ("a bare CR that hides a field", head(b"X: y\rTransfer-Encoding: chunked"), 400),
    ("a field line that ends with a bare LF", LINE + HOST + b"X: y\n\r\n", 400),
    ("a field line that ends with CR CR LF", head(b"X: y\r"), 400),
    ("a head that ends with a bare LF", LINE + HOST + b"\n", 400),
    ("a head whose lines all end with bare LFs", b"GET /healthz HTTP/1.1\nHost: test\n\n", 400),
    ("a control character in a field value", head(b"X: y\x01z"), 400),
    ("a DEL in a field value", head(b"X: y\x7fz"), 400),
])
suite.table(accepted, [
    ("one empty line before the request is skipped", b"\r\n" + head()),
    ("field names in any case", b"GET /healthz HTTP/1.1\r\nhOsT: test\r\n\r\n"),
    ("an empty field value", head(b"X:", b"Y: ")),
    ("spaces and tabs around a field value", head(b"X: \t y \t ", b"Content-Length: \t0\t ")),
    ("no space after the colon", b"GET /healthz HTTP/1.1\r\nHost:test\r\n\r\n"),
    ("bytes above 127 in a field value", head(b"X: caf\xc3\xa9 \xff")),
    ("a tab inside a field value", head(b"X: y\tz")),
    ("every character a field name may have", head(b"!#$%&'*+-.^_`|~09azAZ: y")),
    ("a name with underscores is not Transfer-Encoding", head(b"Transfer_Encoding: chunked")),
    ("the headers a load balancer adds",
     head(b"X-Forwarded-For: 10.0.0.1", b"X-Forwarded-Proto: https", b"Forwarded: for=10.0.0.1",
          b"Via: 1.1 lb", b"X-Real-IP: 10.0.0.1")),
])

# Host

suite.table(refused, [
    ("no Host in HTTP/1.1", LINE + b"\r\n", 400),
    ("two different Hosts", LINE + HOST + b"Host: other\r\n\r\n", 400),
    ("the same Host twice", LINE + HOST + HOST + b"\r\n", 400),
    ("two Hosts in HTTP/1.0", b"GET /healthz HTTP/1.0\r\n" + HOST + b"Host: other\r\n\r\n", 400),
    ("a Host with a space", LINE + b"Host: te st\r\n\r\n", 400),
    ("a Host with a slash", LINE + b"Host: test/x\r\n\r\n", 400),
    ("a Host with a user", LINE + b"Host: user@test\r\n\r\n", 400),
    ("a Host with a port that is no number", LINE + b"Host: test:8x\r\n\r\n", 400),
    ("a Host with two ports", LINE + b"Host: test:80:80\r\n\r\n", 400),
    ("a Host with an open bracket", LINE + b"Host: [::1\r\n\r\n", 400),
    ("a Host with a query", LINE + b"Host: test?x\r\n\r\n", 400),
    ("a Host with a fragment", LINE + b"Host: test#x\r\n\r\n", 400),
    ("a Host with a backslash", LINE + b"Host: te\\st\r\n\r\n", 400),
    ("a Host with a byte above 127", LINE + b"Host: t\xe9st\r\n\r\n", 400),
])
suite.table(accepted, [
    ("a Host that is a name and a port", LINE + b"Host: localhost:8080\r\n\r\n"),
    ("a Host that is an IPv4 address", LINE + b"Host: 127.0.0.1\r\n\r\n"),
    ("a Host that is an IPv6 address and a port", LINE + b"Host: [::1]:8080\r\n\r\n"),
    ("a Host with an underscore, as containers have them", LINE + b"Host: my_app:80\r\n\r\n"),
])


@suite.case("HTTP/1.0 needs no Host")
def _(trial):
    trial.ask(b"GET /healthz HTTP/1.0\r\n\r\n", 200)


# Content-Length

def length(value):
    return head(b"Content-Length: " + value) + b"hello"


suite.table(refused, [
    ("a length with a plus sign", length(b"+5"), 400),
    ("a length with a minus sign", length(b"-5"), 400),
    ("a negative zero", length(b"-0"), 400),
    ("a length in hexadecimal", length(b"0x5"), 400),
    ("a length with hexadecimal digits", length(b"a"), 400),
    ("a blank length", length(b""), 400),
    ("a length with a space inside", length(b"5 5"), 400),
    ("a length with a fraction", length(b"5.0"), 400),
    ("a length with an exponent", length(b"5e0"), 400),
    ("a length in quotes", length(b'"5"'), 400),
    ("a length with a parameter", length(b"5;x"), 400),
    ("a length with an underscore", length(b"1_0"), 400),
    ("a length with a vertical tab", length(b"\x0b5"), 400),
    ("a list of different lengths", length(b"5, 6"), 400),
    ("a list with an empty member", length(b"5,"), 400),
    ("two different lengths", head(b"Content-Length: 5", b"Content-Length: 0") + b"hello", 400),
    ("a length of 2^64 + 2", length(b"18446744073709551618"), 400, 413),
    ("a length of 2^63", length(b"9223372036854775808"), 400, 413),
    ("a length of forty digits", length(b"1" * 40), 400, 413),
    ("a length of a thousand zeros and a digit too much", length(b"9" * 1000), 400, 413),
])
suite.table(accepted, [
    ("a length of zero", head(b"Content-Length: 0")),
    ("a length with leading zeros", length(b"0005")),
])


@suite.case("the same length twice is refused, or framed as one")
def _(trial):
    client = trial.connect()
    client.send(head(b"Content-Length: 5", b"Content-Length: 5") + b"hello" + request("/v1/limits"))
    if client.expect(200, 400).status == 400:
        client.expect_end()
    else:
        client.expect(200)


# Transfer-Encoding

suite.table(refused, [
    ("a length and a coding",
     head(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    ("a coding and a length",
     head(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"0\r\n\r\n", 400),
    ("a coding and a length of zero",
     head(b"Transfer-Encoding: chunked", b"Content-Length: 0") + b"0\r\n\r\n", 400),
    ("an unknown coding", head(b"Transfer-Encoding: foo"), 501),
    ("an unknown coding before chunked", head(b"Transfer-Encoding: foo, chunked"), 501),
    ("gzip as a transfer coding", head(b"Transfer-Encoding: gzip, chunked"), 501),
    ("a coding whose name only begins like chunked", head(b"Transfer-Encoding: chunkedx"), 501),
    ("a coding whose name only ends like chunked", head(b"Transfer-Encoding: xchunked"), 501),
    ("chunked is not the last coding", head(b"Transfer-Encoding: chunked, gzip"), 400, 501),
    ("no chunked at all", head(b"Transfer-Encoding: gzip"), 400, 501),
    ("identity as a coding", head(b"Transfer-Encoding: identity"), 400, 501),
    ("identity after chunked", head(b"Transfer-Encoding: chunked, identity"), 400, 501),
    ("chunked twice in one field", head(b"Transfer-Encoding: chunked, chunked"), 400),
    ("chunked in two fields", head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
     400),
    ("an unknown coding in a second field",
     head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: foo"), 400, 501),
    ("chunked with a parameter", head(b"Transfer-Encoding: chunked;q=1"), 400, 501),
    ("chunked in quotes", head(b'Transfer-Encoding: "chunked"'), 400, 501),
    ("chunked after a vertical tab", head(b"Transfer-Encoding: \x0bchunked"), 400, 501),
    ("an empty coding", head(b"Transfer-Encoding:"), 400, 501),
    ("chunked in HTTP/1.0",
     b"GET /healthz HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n", 400, 501),
    ("chunked in HTTP/1.0 with keep-alive",
     b"GET /healthz HTTP/1.0\r\n" + HOST + b"Connection: keep-alive\r\n" + CHUNKED
     + b"\r\n0\r\n\r\n", 400, 501),
])
suite.table(accepted, [
    ("chunked in any case", head(b"Transfer-Encoding: cHuNkEd") + b"0\r\n\r\n"),
    ("chunked with spaces around it", head(b"Transfer-Encoding:  chunked \t") + b"0\r\n\r\n"),
])

# Chunks

suite.table(refused, [
    ("a chunk size that is no number", in_chunks(b"g\r\nhello\r\n0\r\n\r\n"), 400),
    ("an empty chunk size", in_chunks(b"\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size with a minus sign", in_chunks(b"-5\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size with a plus sign", in_chunks(b"+5\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size with 0x", in_chunks(b"0x5\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size after a space", in_chunks(b" 5\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size with a space and no extension", in_chunks(b"5 \r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size with an underscore", in_chunks(b"0_5\r\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size in quotes", in_chunks(b'"5"\r\nhello\r\n0\r\n\r\n'), 400),
    ("a chunk size of 2^64 + 5", in_chunks(b"10000000000000005\r\nhello\r\n0\r\n\r\n"), 400, 413),
    ("a chunk size of 2^64 - 1", in_chunks(b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 400, 413),
    ("a chunk size of 2^63", in_chunks(b"8000000000000000\r\nhello\r\n0\r\n\r\n"), 400, 413),
    ("a chunk size of 2^32 + 5", in_chunks(b"100000005\r\nhello\r\n0\r\n\r\n"), 400, 413),
    ("a chunk size line that ends with a bare LF", in_chunks(b"5\nhello\r\n0\r\n\r\n"), 400),
    ("a chunk size line with a bare CR", in_chunks(b"5\rhello\r\n0\r\n\r\n"), 400),
    ("chunk data that is longer than its size", in_chunks(b"5\r\nhellox\r\n0\r\n\r\n"), 400),
    ("chunk data that ends with a bare LF", in_chunks(b"5\r\nhello\n0\r\n\r\n"), 400),
    ("chunk data that ends with LF LF", in_chunks(b"5\r\nhello\n\n0\r\n\r\n"), 400),
    ("chunk data that ends with CR CR", in_chunks(b"5\r\nhello\r\r0\r\n\r\n"), 400),
    ("chunk data with no end at all", in_chunks(b"5\r\nhello0\r\n\r\n"), 400),
    ("a bare CR in a chunk extension", in_chunks(b"5;a=\rb\r\nhello\r\n0\r\n\r\n"), 400),
    ("a bare LF in a chunk extension", in_chunks(b"5;a=b\nhello\r\n0\r\n\r\n"), 400),
    ("a NUL in a chunk extension", in_chunks(b"5;a=\0\r\nhello\r\n0\r\n\r\n"), 400),
    ("a last chunk that ends with a bare LF", in_chunks(b"0\n\r\n"), 400),
    ("a trailer section that ends with a bare LF", in_chunks(b"0\r\n\n"), 400),
    ("a trailer without a colon", in_chunks(b"0\r\nX\r\n\r\n"), 400),
    ("a trailer with a space before the colon", in_chunks(b"0\r\nX : y\r\n\r\n"), 400),
    ("a folded trailer", in_chunks(b"0\r\nX: y\r\n z\r\n\r\n"), 400),
    ("a trailer that ends with a bare LF", in_chunks(b"0\r\nX: y\n\r\n"), 400),
    ("a NUL in a trailer", in_chunks(b"0\r\nX: \0\r\n\r\n"), 400),
])
suite.table(accepted, [
    ("an empty chunked body", in_chunks(chunked())),
    ("one chunk", in_chunks(chunked(b"hello"))),
    ("many chunks", in_chunks(chunked(*[b"hello"] * 100))),
    ("chunk sizes in upper and lower case", in_chunks(b"A\r\n0123456789\r\na\r\n0123456789\r\n"
                                                      b"0\r\n\r\n")),
    ("chunk sizes with leading zeros", in_chunks(b"0005\r\nhello\r\n000\r\n\r\n")),
    ("a chunk that looks like the end", in_chunks(chunked(b"0\r\n\r\n"))),
    ("a chunk that looks like a request", in_chunks(chunked(SMUGGLED))),
    ("chunk extensions are read and dropped", in_chunks(chunked(b"hello", extension=";a=b;c"))),
    ("chunk extensions with quoted strings",
     in_chunks(chunked(b"hello", extension=';a="b;\\"c, d"'))),
    ("trailers are read and dropped",
     in_chunks(chunked(b"hello", trailers=["X: y", "Digest: z", "Empty:"]))),
    ("trailers never become fields",
     in_chunks(chunked(b"hello", trailers=["Content-Length: 5", "Host: other",
                                           "Transfer-Encoding: chunked", "Connection: close"]))),
])


# Cut at every byte

def cut_everywhere(trial, data):
    """Both halves of every cut arrive apart; the answers are as for the whole."""
    client = trial.connect()
    for cut in range(1, len(data)):
        client.send(data[:cut])
        time.sleep(0.001)
        trial.check(not client.arrived(), f"an answer came after {cut} of {len(data)} bytes")
        client.send(data[cut:])
        client.expect(200)


def refused_cut_everywhere(trial, data):
    for cut in range(1, len(data)):
        client = trial.connect().send_pieces([data[:cut], data[cut:]], pause=0.001)
        client.expect(400)
        client.expect_end()
        client.close()


def dribbled(trial, data):
    client = trial.connect().dribble(data)
    client.expect(200)
    client.send(request()).expect(200)


suite.table(cut_everywhere, [
    ("a plain request cut at every byte", request("/healthz", "Accept: text/plain")),
    ("a body with a length cut at every byte", request(body=b"hello")),
    ("a chunked body cut at every byte",
     in_chunks(chunked(b"hello", b"world!", extension=";a=b", trailers=["X: y"]))),
])
suite.table(refused_cut_everywhere, [
    ("a length with a coding cut at every byte",
     head(b"Content-Length: 5", b"Transfer-Encoding: chunked")),
    ("a bad chunk size cut at every byte", in_chunks(b"5\r\nhello\r\nxyz\r\n")),
])
suite.table(dribbled, [
    ("a plain request, byte by byte", request("/healthz", "Accept: text/plain")),
    ("a chunked body, byte by byte",
     in_chunks(chunked(b"hello", b"world!", extension=";a=b", trailers=["X: y"]))),
    ("a body with a length, byte by byte", request(body=b"hello world")),
])
