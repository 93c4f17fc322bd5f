import HTTP
import Testing

/// The end of an exchange whose answer came in pieces and then, perhaps, the end of the connection.
private func outcome(
    _ wire: [UInt8], cuts: [Int] = [], method: HTTP.Method = .get, closes: Bool = false
) -> String {
    var exchange = ClientExchange(method, limits: HTTPLimits(), bodySizeMax: 10)
    var body: [UInt8] = []
    var start = 0
    do throws(HTTPError) {
        for end in cuts + [wire.count] {
            exchange.feed(wire[start..<end])
            start = end
            try drain(&exchange, &body)
        }
    } catch {
        return "\(error)"
    }
    if closes, !exchange.endInput() { return "cut short" }
    guard exchange.isDone else { return "waits" }
    let text = String(decoding: body, as: UTF8.self)
    return "\(exchange.head.status) \(text)" + (exchange.mayReuse ? " reuse" : "")
}

private func drain(_ exchange: inout ClientExchange, _ body: inout [UInt8]) throws(HTTPError) {
    while true {
        switch try exchange.next() {
        case .head: #expect(exchange.headBytes.count == exchange.head.size)
        case .body(let range): body.append(contentsOf: exchange.input[range])
        case .needMore, .done: return
        }
    }
}

@Suite("An exchange of a client")
struct ClientExchangeTests {
    @Test("is followed by others on the same connection, whatever came before")
    func restarts() throws {
        var exchange = ClientExchange(.get, limits: HTTPLimits(), bodySizeMax: 10)
        let answers: [(HTTP.Method, String, String)] = [
            (
                .get,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
                "0123456789"
            ),
            (.head, "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\n", ""),
            (.post, "HTTP/1.0 201 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", "a"),
            (.get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "a"),
            (
                .get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
                "ab"
            ),
            (.get, "HTTP/1.1 204 OK\r\n\r\n", ""),
        ]
        for (index, (method, wire, expected)) in answers.enumerated() {
            if index > 0 { exchange.restart(method) }
            var body: [UInt8] = []
            for byte in wire.utf8 {
                exchange.feed([byte])
                try drain(&exchange, &body)
            }
            #expect(exchange.mayReuse, "\(index)")
            #expect(String(decoding: body, as: UTF8.self) == expected, "\(index)")
        }
        #expect(exchange.head.fields.isEmpty && exchange.head.version == .http11)
    }

    @Test(
        "ends as its answer says, wherever that is cut",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello reuse"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200  reuse"),
            ("HTTP/1.1 204 OK\r\n\r\n", "204  reuse"),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 204 OK\r\n\r\n",
                "204  reuse"
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x\r\nd\r\n0\r\nA: b\r\n\r\n",
                "200 abcd reuse"
            ),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", "200 a"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "200 a"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "waits"),
            ("HTTP/1.1 200 OK\r\n\r\nhello", "waits"), ("HTTP/1.1 100 Continue\r\n\r\n", "waits"),
            ("HTTP/1.1 101 Switching\r\n\r\n", "badStatusLine"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "bodyTooLarge(limit: 10)"),
            ("HTTP/1.1 200 OK\r\n\r\nhello world", "bodyTooLarge(limit: 10)"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n4\r\n0123",
                "bodyTooLarge(limit: 10)"
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", "badChunk"),
        ])
    func ends(_ text: String, _ expected: String) {
        let wire = bytes(text)
        #expect(outcome(wire) == expected)
        // Whether something came behind the answer is only known when it has come.
        if text.hasSuffix("ab") { return }
        for cut in wire.indices {
            #expect(outcome(wire, cuts: [cut]) == expected, "cut at \(cut)")
        }
        #expect(outcome(wire, cuts: Array(wire.indices)) == expected)
    }

    @Test(
        "takes the end of the connection for the end of an answer only where that is said",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\nhello", "200 hello"), ("HTTP/1.0 200 OK\r\n\r\n", "200 "),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "cut short"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "cut short"),
            ("HTTP/1.1 200 OK\r\n", "cut short"), ("", "cut short"),
            ("HTTP/1.1 204 OK\r\n\r\n", "204 "),
        ])
    func closing(_ text: String, _ expected: String) {
        let wire = bytes(text)
        for cut in wire.indices {
            #expect(outcome(wire, cuts: [cut], closes: true) == expected)
        }
        #expect(outcome(wire, closes: true) == expected)
    }

    @Test("that asked with HEAD has no body to read")
    func headMethod() {
        let wire = bytes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        #expect(outcome(wire, method: .head) == "200  reuse")
    }

    @Test("does not wait for ever on a server that only sends interim answers")
    func interimFlood() {
        let wire = bytes(String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 17))
        #expect(outcome(wire) == "badStatusLine")
    }
}

@Suite("A request that is written")
struct RequestWriterTests {
    private func text(_ writer: RequestWriter) -> String {
        String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("has a line, a Host, its fields and a body that is framed")
    func writes() throws {
        var plain = try RequestWriter(.get, "/a?b=%20", host: "[::1]:80")
        try plain.add("Accept", "*/*")
        plain.end()
        #expect(text(plain) == "GET /a?b=%20 HTTP/1.1\r\nHost: [::1]:80\r\nAccept: */*\r\n\r\n")

        var sized = try RequestWriter(.post, "/", host: "a")
        sized.end(body: bytes("hello"))
        #expect(text(sized) == "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")

        var chunked = try RequestWriter(.put, "/", host: "a")
        chunked.beginChunks()
        let head = chunked.takeBytes()
        #expect(
            head == bytes("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"))
        chunked.add(chunk: bytes("0123456789"))
        chunked.add(chunk: [])
        chunked.endChunks()
        #expect(text(chunked) == "a\r\n0123456789\r\n0\r\n\r\n")
    }

    @Test(
        "refuses names and values that could end a line, and framing that is not its own",
        arguments: [
            ("A", "b\r\nC: d"), ("A", "b\n"), ("A", "\0"), ("A", "\u{7f}"), ("", "b"), ("A:", "b"),
            ("A ", "b"), ("A\r\nB", "c"), ("\u{e9}", "b"), ("Content-Length", "5"),
            ("transfer-encoding", "chunked"), ("HOST", "a"),
        ])
    func refusesFields(_ name: String, _ value: String) throws {
        var writer = try RequestWriter(.get, "/", host: "a")
        #expect(throws: HTTPError.badField) { try writer.add(name, value) }
        writer.end()
        #expect(text(writer) == "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    @Test(
        "refuses a target or a host that is none",
        arguments: [("", "a"), ("a", "a"), ("/ b", "a"), ("/\r\n", "a"), ("*", "a")])
    func refusesTargets(_ target: String, _ host: String) {
        #expect(throws: HTTPError.badTarget) { try RequestWriter(.get, target, host: host) }
    }

    @Test("refuses a host that is none", arguments: ["", "a b", "a\r\n", "a/b", "u@a", "[::"])
    func refusesHosts(_ host: String) {
        #expect(throws: HTTPError.badHost) { try RequestWriter(.get, "/", host: host) }
    }
}
