import Deflate
import HTTP
import Testing

/// What a client sees that sends `wire` in pieces that end at `cuts`.
private func transcript(_ wire: [UInt8], cuts: [Int] = []) -> String {
    let conversation = Conversation()
    conversation.feed(wire, cuts: cuts)
    return conversation.transcript()
}

private func expectTranscript(_ wire: [UInt8], _ expected: String) {
    #expect(transcript(wire) == expected)
    for cut in wire.indices {
        #expect(transcript(wire, cuts: [cut]) == expected, "cut at \(cut)")
    }
    #expect(transcript(wire, cuts: Array(wire.indices)) == expected, "byte by byte")
}

@Suite("A connection of a server")
struct ServerConnectionTests {
    private static let answersInOrderRows: [(String, String)] = [
        (request("GET /a"), "200 GET /a, open"),
        (request("GET /a") + request("GET /b"), "200 GET /a, 200 GET /b, open"),
        (request("GET /a") + "\r\n" + request("GET /b"), "200 GET /a, 200 GET /b, open"),
        (request("HEAD /a") + request("GET /b"), "200, 200 GET /b, open"),
        (
            request("POST /a", body: "one") + request("GET /b"),
            "200 POST /a one, 200 GET /b, open"
        ),
        (request("POST /a", "Content-Length: 0"), "200 POST /a, open"),
        (
            request(
                "PUT /a", "Transfer-Encoding: chunked",
                body: "3;x\r\none\r\n3\r\ntwo\r\n0\r\nT: v\r\n\r\n")
                + request("GET /b"), "200 PUT /a onetwo, 200 GET /b, open"
        ),
        (request("GET /a", "Connection: close") + request("GET /b"), "200 GET /a close, ended"),
        (request("GET /close") + request("GET /b"), "200 GET /close close, ended"),
        (request("GET /a", "Connection: x, CLOSE") + "junk", "200 GET /a close, ended"),
        ("GET /a HTTP/1.0\r\n\r\n" + request("GET /b"), "200 GET /a close, ended"),
        (
            "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
            "200 GET /a, 200 GET /b close, ended"
        ),
        (
            request("GET /a") + "GET\r\n\r\n" + request("GET /b"),
            "200 GET /a, 400 badRequestLine close, ended"
        ),
        ("GET / HTTP/1.1\r\n\r\n" + request("GET /b"), "400 badHost close, ended"),
        (request("HEAD /a") + "\u{1}", "200, 400 badRequestLine close, ended"),
        (
            request("POST /a", "Transfer-Encoding: chunked", body: "3\r\noneX")
                + request("GET /b"),
            "400 badChunk close, ended"
        ),
    ]

    @Test(
        "answers in order, and goes on or ends as both sides say, wherever the bytes are cut",
        arguments: answersInOrderRows)
    func answersInOrder(_ wire: String, _ expected: String) {
        expectTranscript(bytes(wire), expected)
    }

    private static let discardsRows: [(String, String)] = [
        (request("GET /refuse") + request("GET /b"), "404 refused, 200 GET /b, open"),
        (request("HEAD /refuse") + request("GET /b"), "404, 200 GET /b, open"),
        (
            request("POST /refuse", body: "GET /x HTTP/1.1\r\n\r\n") + request("GET /b"),
            "404 refused, 200 GET /b, open"
        ),
        (
            request("POST /refuse", "Transfer-Encoding: chunked", body: "1\r\na\r\n0\r\n\r\n")
                + request("GET /b"), "404 refused, 200 GET /b, open"
        ),
        (
            request("POST /refuse", "Transfer-Encoding: chunked", body: "1\r\nab")
                + request("GET /b"),
            "404 refused, ended"
        ),
        (
            request("POST /refuse", "Content-Encoding: gzip", body: "no gzip")
                + request("GET /b"),
            "404 refused, 200 GET /b, open"
        ),
        (
            request("POST /refuse", "Expect: 100-continue", body: "one") + request("GET /b"),
            "404 refused close, ended"
        ),
        (
            request("POST /refuse", "Content-Length: 65537") + request("GET /b"),
            "404 refused close, ended"
        ),
        (
            request("POST /refuse", "Connection: close", body: "one") + request("GET /b"),
            "404 refused close, ended"
        ),
    ]

    @Test(
        "reads past the small body of a refused request, and goes on", arguments: discardsRows)
    func discards(_ wire: String, _ expected: String) { expectTranscript(bytes(wire), expected) }

    @Test("reads past 64 KiB in chunks and not a byte more")
    func discardLimit() {
        let chunk = "8000\r\n" + String(repeating: "a", count: 0x8000) + "\r\n"
        let head = request("POST /refuse", "Transfer-Encoding: chunked")
        let next = request("GET /b")
        #expect(
            transcript(bytes(head + chunk + chunk + "0\r\n\r\n" + next))
                == "404 refused, 200 GET /b, open")
        #expect(
            transcript(bytes(head + chunk + chunk + "1\r\na\r\n0\r\n\r\n" + next))
                == "404 refused, ended")
        let whole = request("POST /refuse", body: String(repeating: "a", count: 64 << 10))
        #expect(transcript(bytes(whole + next)) == "404 refused, 200 GET /b, open")
    }

    private static let expectationRows: [(String, Int, String)] = [
        (request("POST /a", "Expect: 100-continue", body: "one"), 1, "200 POST /a one, open"),
        (
            request(
                "POST /a", "Expect: 100-Continue", "Transfer-Encoding: chunked",
                body: "1\r\na\r\n0\r\n\r\n"),
            1, "200 POST /a a, open"
        ),
        (request("GET /a", "Expect: 100-continue"), 0, "200 GET /a, open"),
        (
            request("POST /a", "Expect: 100-continue", "Content-Length: 0"), 0,
            "200 POST /a, open"
        ),
        (
            "POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", 0,
            "200 POST /a a close, ended"
        ),
        (
            request("POST /refuse", "Expect: 100-continue", body: "one"), 0,
            "404 refused close, ended"
        ),
        (
            request("POST /a", "Expect: 100-continue", "Content-Length: 200001"), 0,
            "400 bodyTooLarge(limit: 200000) close, ended"
        ),
        (
            // What else may be expected is for the tier above to refuse.
            request("POST /a", "Expect: wonders", body: "one"), 1, "200 POST /a one, open"
        ),
    ]

    @Test(
        "asks once for a body that waits to be asked for, and never for another",
        arguments: expectationRows)
    func expectation(_ wire: String, _ count: Int, _ expected: String) {
        let wire = bytes(wire)
        for cuts in wire.indices.map({ [$0] }) + [[], Array(wire.indices)] {
            let conversation = Conversation()
            conversation.feed(wire, cuts: cuts)
            #expect(conversation.continues == count, "cuts at \(cuts)")
            #expect(conversation.transcript() == expected, "cuts at \(cuts)")
        }
    }

    @Test("asks for the body before the body comes")
    func asksFirst() {
        let conversation = Conversation()
        conversation.feed(request("POST /a", "Expect: 100-continue", "Content-Length: 3"))
        #expect(conversation.continues == 1)
        #expect(conversation.acted.isEmpty)
        conversation.feed("one")
        #expect(conversation.transcript() == "200 POST /a one, open")
    }

    private static let emptyLineRows: [(String, String)] = [
        ("\r\n", "open"), ("\r", "open"), ("\r\n" + request("GET /a"), "200 GET /a, open"),
        (request("GET /a") + "\r\n", "200 GET /a, open"),
        (request("POST /a", body: "one") + "\r\n", "200 POST /a one, open"),
        (
            request("POST /a", body: "one") + "\r\n" + request("GET /b") + "\r\n",
            "200 POST /a one, 200 GET /b, open"
        ),
        (request("GET /a") + "\r\n\r\n", "200 GET /a, 400 badRequestLine close, ended"),
        (request("GET /a") + "\rX", "200 GET /a, 400 badRequestLine close, ended"),
        (request("GET /a") + "\r\n\n", "200 GET /a, 400 badRequestLine close, ended"),
        (request("GET /a") + "\n", "200 GET /a, 400 badRequestLine close, ended"),
        ("\r\n\r\n" + request("GET /a"), "400 badRequestLine close, ended"),
        ("\r\n" + request("POST /refuse", body: "one"), "404 refused, open"),
    ]

    @Test("steps over one empty line in front of a request", arguments: emptyLineRows)
    func emptyLines(_ wire: String, _ expected: String) {
        expectTranscript(bytes(wire), expected)
    }

    @Test("is idle, and not in the middle of a request, behind a lone empty line")
    func idleBehindEmptyLine() {
        for line in ["\r\n", "\r"] {
            for isPipelined in [true, false] {
                let conversation = Conversation()
                let first = request("POST /a", body: "one")
                if isPipelined {
                    conversation.feed(first + line)
                } else {
                    conversation.feed(first)
                    conversation.feed(line)
                }
                #expect(!conversation.hasRequest)
                conversation.wait(74_999)
                #expect(conversation.transcript() == "200 POST /a one, open")
                conversation.feed(line == "\r" ? "\n" : "")
                conversation.feed(request("GET /b"))
                #expect(conversation.transcript() == "200 POST /a one, 200 GET /b, open")
                conversation.feed(line)
                conversation.finish()
                #expect(conversation.isClosed)
                #expect(conversation.transcript() == "200 POST /a one, 200 GET /b, ended")
            }
        }
    }

    @Test("gives bytes that are no request an answer of their own, not that of the request before")
    func nothingStale() {
        // The request object of the HEAD is the one that the bytes behind it are read into.
        let conversation = Conversation()
        conversation.feed("HEAD /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        conversation.feed("\u{1}")
        #expect(conversation.transcript() == "200, 400 badRequestLine close, ended")
    }
}

@Suite("A client that says its last word")
struct HalfClosedTests {
    private static let lastWordRows: [(String, Int, String)] = [
        ("", 0, "ended"), (request("GET /a"), 1, "200 GET /a, ended"),
        (
            request("GET /a") + request("POST /b", body: "one"), 2,
            "200 GET /a, 200 POST /b one, ended"
        ),
        (request("GET /a") + "GET /b HTTP/1.1\r\nHost: h\r\n", 1, "200 GET /a, ended"),
        (
            request("GET /a") + request("POST /b", "Content-Length: 4") + "one", 1,
            "200 GET /a, ended"
        ),
        (request("POST /a", "Transfer-Encoding: chunked") + "1\r\na\r\n0\r\n", 0, "ended"),
        (request("POST /refuse", "Content-Length: 4") + "one", 0, "404 refused, ended"),
        (request("GET /close"), 1, "200 GET /close close, ended"),
    ]

    @Test(
        "gets the answers to all that it sent whole, and nothing else is acted on",
        arguments: lastWordRows)
    func lastWord(_ text: String, _ acted: Int, _ expected: String) {
        let wire = bytes(text)
        for cuts in wire.indices.map({ [$0] }) + [[], Array(wire.indices)] {
            let conversation = Conversation()
            conversation.feed(wire, cuts: cuts)
            conversation.finish()
            #expect(conversation.acted.count == acted, "cuts at \(cuts)")
            #expect(conversation.transcript() == expected, "cuts at \(cuts)")
            #expect(conversation.isClosed)
        }
    }

    @Test("and asked for what takes long gets that before the connection ends")
    func whileAnswering() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        conversation.finish()
        #expect(!conversation.hasEnded)
        conversation.answerLater()
        #expect(conversation.transcript() == "200 GET /later, ended")
        #expect(conversation.isClosed)
    }

    @Test("behind an answer that takes long is heard when that has left")
    func behindAnAnswer() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        conversation.feed(request("GET /b") + "GET /c HT")
        #expect(!conversation.wantsInput)
        conversation.answerLater()
        conversation.finish()
        #expect(conversation.transcript() == "200 GET /later, 200 GET /b, ended")
        #expect(conversation.acted == ["GET /later", "GET /b"])
    }

    @Test("after a part of a request that waited behind an answer is not told that it is slow")
    func partBehindAnAnswer() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        conversation.feed("GET /b HT")
        conversation.finish()
        conversation.answerLater()
        #expect(conversation.transcript() == "200 GET /later, ended")
        #expect(conversation.isClosed)
    }
}

@Suite("A request's body")
struct ServerBodyTests {
    private static func compressed(_ text: [UInt8], _ format: DeflateFormat) -> [UInt8] {
        var deflater = Deflater(format: format, level: 6)
        var output: [UInt8] = []
        deflater.append(text[...], to: &output)
        return output
    }

    private static func message(_ coding: String, _ body: [UInt8], isChunked: Bool) -> [UInt8] {
        guard isChunked else {
            let head = request(
                "POST /a", "Content-Encoding: \(coding)", "Content-Length: \(body.count)")
            return bytes(head) + body
        }
        let head = request("POST /a", "Content-Encoding: \(coding)", "Transfer-Encoding: chunked")
        var wire = bytes(head)
        for byte in body { wire += bytes("1\r\n") + [byte] + bytes("\r\n") }
        return wire + bytes("0\r\n\r\n")
    }

    @Test("comes out of its coding, cut at every place", arguments: [true, false])
    func codings(isChunked: Bool) {
        let text = bytes("hello, hello, hello")
        let formats: [(String, DeflateFormat)] = [
            ("gzip", .gzip), ("x-gzip", .gzip), ("deflate", .zlib), ("deflate", .raw),
        ]
        for (name, format) in formats {
            let wire = Self.message(name, Self.compressed(text, format), isChunked: isChunked)
            expectTranscript(
                wire + bytes(request("GET /b")),
                "200 POST /a hello, hello, hello, 200 GET /b, open")
        }
    }

    @Test(
        "that is not what its coding says is read to its end, and the next request is answered",
        arguments: ["gzip", "deflate"], [true, false])
    func badCodings(_ coding: String, isChunked: Bool) {
        let good = Self.compressed(bytes("hello"), coding == "gzip" ? .gzip : .zlib)
        var broken = good
        broken[good.count - 1] ^= 1
        for body in [broken, Array(good.dropLast()), good + [0], bytes("no coding at all")] {
            let wire = Self.message(coding, body, isChunked: isChunked)
            expectTranscript(
                wire + bytes(request("GET /b")), "400 badContentCoding, 200 GET /b, open")
        }
    }

    @Test("that becomes too much is refused before it is held", arguments: [true, false])
    func bombs(isChunked: Bool) {
        let bomb = Self.compressed([UInt8](repeating: 0, count: 10 << 20), .gzip)
        let conversation = Conversation()
        conversation.feed(Self.message("gzip", bomb, isChunked: isChunked))
        #expect(conversation.transcript() == "400 bodyTooLarge(limit: 200000) close, ended")
    }

    @Test(
        "in a chunk that is too large is refused before the chunk comes",
        arguments: ["30d41\r\n", "fffffff\r\n", "fffffff", "100000005\r\nhello"])
    func largeChunk(_ chunk: String) {
        expectTranscript(
            bytes(request("POST /a", "Transfer-Encoding: chunked", body: chunk)),
            "400 bodyTooLarge(limit: 200000) close, ended")
    }

    @Test("of the largest size is taken, and one byte more is not, however it is framed")
    func limits() {
        for extra in 0...1 {
            let body = String(repeating: "a", count: 200_000 + extra)
            let expected =
                extra == 0
                ? "200 POST /a 200000 bytes, open"
                : "400 bodyTooLarge(limit: 200000) close, ended"
            #expect(transcript(bytes(request("POST /a", body: body))) == expected)
            let chunk = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n"
            let chunked = request("POST /a", "Transfer-Encoding: chunked", body: chunk)
            #expect(transcript(bytes(chunked)) == expected)
        }
    }

    @Test("is whole and its own, whatever reads it came in")
    func reads() {
        let size = 1_000
        for head in [0, 1, 500, 999, 1_000] {
            let conversation = Conversation()
            let body = String(repeating: "b", count: size)
            let wire = bytes(request("POST /a", body: body))
            let end = wire.count - size + head
            conversation.feed(wire + bytes(request("POST /b", body: "two")), cuts: [end])
            #expect(conversation.transcript() == "200 POST /a 1000 bytes, 200 POST /b two, open")
        }
    }
}
