import HTTP
import Testing

private let host = "Host: a\r\n"

@Suite("A request head")
struct RequestParserTests {
    @Test(
        "is accepted, and means the same wherever it is cut",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 none for=a"),
            ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 none for=a"),
            ("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 none close for="),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0 none for="),
            ("GET / HTTP/1.7\r\nHost: a\r\n\r\n", "GET / 1.1 none for=a"),
            ("get /a?b=%zz HTTP/1.1\r\nhOsT:a\r\n\r\n", "get /a?b=%zz 1.1 none for=a"),
            ("QUERY / HTTP/1.1\r\nHost: a\r\n\r\n", "QUERY / 1.1 none for=a"),
            (
                "POST / HTTP/1.1\r\nHost: a:80\r\nContent-Length: 05\r\n\r\nhello",
                "POST / 1.1 length(5) for=a:80"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n",
                "POST / 1.1 length(9223372036854775807) for=a"
            ),
            (
                "PUT / HTTP/1.1\r\nHost: [::1]:8080\r\ntransfer-encoding:\tChunkeD \r\n\r\n",
                "PUT / 1.1 chunked for=[::1]:8080"
            ),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t \r\nZ:  a\tb \u{e9} \t\r\n\r\n",
                "GET / 1.1 none for=a X= Y= Z=a\tb \u{e9}"
            ),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: x ,, CLOSE\r\nConnection: keep-alive\r\n\r\n",
                "GET / 1.1 none close for=a"
            ),
            (
                "GET http://b:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://b:1/x?y 1.1 none for=b:1"
            ),
            ("GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET HTTPS://b 1.1 none for=b"),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 none for=a"),
            ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:443 1.1 none for=a:443"),
            (
                "GET /\"<>[\\]^`{|} HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /\"<>[\\]^`{|} 1.1 none for=a"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
                "POST / 1.1 length(1) waits for=a"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
                "POST / 1.1 length(0) for=a"
            ),
            (
                "POST / HTTP/1.0\r\nExpect: nothing\r\nContent-Length: 1\r\n\r\n",
                "POST / 1.0 length(1) close for="
            ),
        ])
    func accepts(_ text: String, _ summary: String) throws {
        let wire = bytes(text)
        let verdict = RequestVerdict(wire)
        guard case .head(let head) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(head.summary(of: wire) == summary)
        #expect(head.size == (text.hasSuffix("hello") ? wire.count - 5 : wire.count))
        expectSameVerdict(verdict, wire)
    }

    @Test(
        "with a broken request line is refused",
        arguments: [
            ("\r\n\r\n", .badRequestLine), ("\rG", .badRequestLine), ("\n", .badRequestLine),
            (" GET / HTTP/1.1\r\n", .badRequestLine), ("G(T / HTTP/1.1\r\n", .badRequestLine),
            (String(repeating: "M", count: 33), .badRequestLine), ("\u{16}\u{3}", .badRequestLine),
            ("GET  / HTTP/1.1\r\n", .badTarget), ("GET /\t", .badTarget), ("GET /#", .badTarget),
            ("GET /\u{e9}", .badTarget), ("GET /\u{7f}", .badTarget), ("GET /\0", .badTarget),
            ("GET /\r\n", .badRequestLine), ("GET /\n", .badRequestLine),
            ("GET x ", .badTarget), ("GET * ", .badTarget), ("OPTIONS ** ", .badTarget),
            ("GET a:80 ", .badTarget), ("CONNECT / ", .badTarget), ("CONNECT a ", .badTarget),
            ("CONNECT a: ", .badTarget), ("GET http:// ", .badTarget),
            ("GET http:///x ", .badTarget), ("GET http://u@h/ ", .badTarget),
            ("GET ftp://h/ ", .badTarget), ("GET http://h:99999/ ", .badTarget),
            ("GET /  HTTP/1.1\r\n", .badRequestLine), ("GET / http/1.1\r\n", .badRequestLine),
            ("GET / HTTP/1.1 \r\n", .badRequestLine), ("GET / HTTP/1.1\n", .badRequestLine),
            ("GET / HTTP/1.1\rX", .badRequestLine), ("GET / HTTP/1.10", .badRequestLine),
            ("GET / HTTP/1,1", .badRequestLine), ("GET / HTTP/x", .badRequestLine),
            ("GET / HTTP/2.0\r\n", .unsupportedVersion), ("GET / HTTP/0", .unsupportedVersion),
        ] as [(String, HTTPError)])
    func refusesLine(_ text: String, _ error: HTTPError) {
        expectRefusal(text, error)
    }

    @Test(
        "with a broken field is refused",
        arguments: [
            ("Host: a\n", .badField), ("Host: a\rX", .badField), ("Host : a\r\n", .badField),
            (" Host: a\r\n", .badField), ("Host: a\r\n b\r\n", .badField), (": a\r\n", .badField),
            ("Host\r\n", .badField), ("X: a\0b", .badField), ("X: \u{1}", .badField),
            ("X: a\u{7f}", .badField), ("X\u{e9}: a", .badField), ("X: a\r\n\n", .badField),
            ("X: a\r\n\rX", .badField), ("\n", .badField),
            ("\r\n", .badHost), ("X: y\r\n\r\n", .badHost), ("Host:\r\n", .badHost),
            ("Host: a\r\nHost: a\r\n", .badHost), ("Host: a b\r\n", .badHost),
            ("Host: a/b\r\n", .badHost), ("Host: u@a\r\n", .badHost), ("Host: a,b\r\n", .badHost),
            ("Host: a:x\r\n", .badHost), ("Host: a:65536\r\n", .badHost),
            ("Host: a:1:2\r\n", .badHost), ("Host: :80\r\n", .badHost),
            ("Host: [::1\r\n", .badHost), ("Host: a%2\r\n", .badHost),
            ("Host: \u{e9}\r\n", .badHost),
        ] as [(String, HTTPError)])
    func refusesField(_ fields: String, _ error: HTTPError) {
        expectRefusal("GET / HTTP/1.1\r\n" + fields, error)
    }

    @Test(
        "whose body could end at two places is refused",
        arguments: [
            ("Content-Length: +5\r\n", .badContentLength),
            ("Content-Length: -5\r\n", .badContentLength),
            ("Content-Length: 0x5\r\n", .badContentLength),
            ("Content-Length:\r\n", .badContentLength),
            ("Content-Length: 5,5\r\n", .badContentLength),
            ("Content-Length: 5 5\r\n", .badContentLength),
            ("Content-Length: 5.0\r\n", .badContentLength),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", .badContentLength),
            ("Content-Length: 9223372036854775808\r\n", .badContentLength),
            ("Content-Length: 18446744073709551618\r\n", .badContentLength),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked, chunked\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked, gzip\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked,\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked;a=b\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chun ked\r\n", .unsupportedTransferEncoding),
            ("Transfer-Encoding: \"chunked\"\r\n", .badTransferEncoding),
            ("Transfer-Encoding:\r\n", .badTransferEncoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", .badTransferEncoding),
            ("Transfer-Encoding: gzip, chunked\r\n", .unsupportedTransferEncoding),
            ("Transfer-Encoding: gzip;a=b\r\n", .unsupportedTransferEncoding),
            ("Transfer-Encoding: xchunked\r\n", .unsupportedTransferEncoding),
            ("Transfer-Encoding: identity\r\n", .unsupportedTransferEncoding),
        ] as [(String, HTTPError)])
    func refusesFraming(_ fields: String, _ error: HTTPError) {
        expectRefusal("POST / HTTP/1.1\r\nHost: a\r\n" + fields, error)
    }

    @Test("in HTTP/1.0 has no transfer coding and at most one good Host")
    func oldVersion() {
        let line = "POST / HTTP/1.0\r\n"
        expectRefusal(line + "Transfer-Encoding: chunked\r\n", .badTransferEncoding)
        expectRefusal(line + "Host: a\r\nHost: a\r\n", .badHost)
        expectRefusal(line + "Host: a b\r\n", .badHost)
    }

    @Test("of just the size of a limit is accepted, and one byte more is refused at that byte")
    func limits() {
        var limits = HTTPLimits()
        limits.targetSizeMax = 4
        limits.fieldsSizeMax = 16
        limits.fieldCountMax = 2
        let accepted = [
            "GET /123 HTTP/1.1\r\n\(host)X: 45\r\n\r\n", "GET / HTTP/1.1\r\n\(host)A:\r\n\r\n",
        ]
        for text in accepted {
            let verdict = RequestVerdict(bytes(text), limits: limits)
            if case .head = verdict {} else { Issue.record("\(verdict)") }
            expectSameVerdict(verdict, bytes(text), limits)
        }
        expectRefusal("GET /1234", .targetTooLong(limit: 4), limits)
        expectRefusal("GET / HTTP/1.1\r\n\(host)X: 456789AB", .fieldsTooLarge(limit: 16), limits)
        expectRefusal("GET / HTTP/1.1\r\n\(host)A:\r\nB", .tooManyFields(limit: 2), limits)
    }

    @Test("is parsed after another one by the same parser, which keeps its room for fields")
    func reuse() throws {
        var parser = RequestParser(limits: HTTPLimits())
        let first = bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        let second = bytes("GET /b HTTP/1.0\r\n\r\n")
        _ = RequestVerdict(first, cuts: [], parser: &parser)
        #expect(parser.hasStarted)
        let capacity = parser.head.fields.capacity
        parser.reset()
        #expect(!parser.hasStarted)
        #expect(parser.head.fields.capacity == capacity)
        #expect(RequestVerdict(second, cuts: [7], parser: &parser) == RequestVerdict(second))
    }

    @Test("of a request that is not whole is only incomplete")
    func incomplete() {
        let wire = bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for end in wire.indices {
            #expect(RequestVerdict(Array(wire[..<end])) == .incomplete)
        }
    }
}

private func expectRefusal(
    _ text: String, _ error: HTTPError, _ limits: HTTPLimits = HTTPLimits(),
    at place: SourceLocation = #_sourceLocation
) {
    let wire = bytes(text)
    let verdict = RequestVerdict(wire, limits: limits)
    #expect(verdict == .refused(error), sourceLocation: place)
    expectSameVerdict(verdict, wire, limits, at: place)
}

/// Cuts `wire` once at every byte, then at all of them.
func expectSameVerdict(
    _ verdict: RequestVerdict, _ wire: [UInt8], _ limits: HTTPLimits = HTTPLimits(),
    at place: SourceLocation = #_sourceLocation
) {
    for cut in wire.indices {
        let cutVerdict = RequestVerdict(wire, cuts: [cut], limits: limits)
        #expect(cutVerdict == verdict, "cut at \(cut)", sourceLocation: place)
    }
    let dribbled = RequestVerdict(wire, cuts: Array(wire.indices), limits: limits)
    #expect(dribbled == verdict, "byte by byte", sourceLocation: place)
}
