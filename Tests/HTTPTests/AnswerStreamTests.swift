import HTTP
import Testing

private let oldRequest = "GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

@Suite("An answer that streams")
struct AnswerStreamTests {
    private func streamed(_ wire: String, _ pieces: [String], cut: Int? = nil) -> Conversation {
        let conversation = Conversation()
        conversation.feed(bytes(wire), cuts: cut.map { [$0] } ?? [])
        if conversation.beginStream() {
            for piece in pieces { conversation.stream(piece) }
            conversation.endStream()
        }
        return conversation
    }

    @Test("is whole, and the connection goes on behind it, wherever the request is cut")
    func isWhole() {
        let wire = request("GET /later")
        for cut in 1..<wire.utf8.count {
            let conversation = streamed(wire, ["one ", "", "two"], cut: cut)
            #expect(conversation.transcript() == "200 one two, open")
            conversation.feed(request("GET /b"))
            #expect(conversation.transcript() == "200 one two, 200 GET /b, open")
        }
        let text = String(decoding: streamed(wire, ["one"]).wire, as: UTF8.self)
        #expect(text.contains("\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"))
        #expect(!text.contains("Content-Length"))
    }

    private static let rows: [(String, String)] = [
        (request("GET /later", "Connection: close"), "200 a close, ended"),
        (request("HEAD /later") + request("GET /b"), "200, 200 GET /b, open"),
        (request("HEAD /later", "Connection: close"), "200 close, ended"),
        ("GET /later HTTP/1.0\r\n\r\n", "200 a close, ended"),
        (oldRequest, "200 a close, ended"),
        (request("GET /later") + request("GET /b"), "200 a, 200 GET /b, open"),
        (request("POST /later", body: "x") + request("GET /b"), "200 a, 200 GET /b, open"),
    ]

    @Test("is framed as its client can read it", arguments: rows)
    func framing(_ wire: String, _ expected: String) {
        let conversation = streamed(wire, ["a"])
        #expect(conversation.transcript() == expected)
        let text = String(decoding: conversation.wire, as: UTF8.self)
        let knowsChunks = !wire.contains("HTTP/1.0")
        #expect(text.contains("Transfer-Encoding: chunked") == knowsChunks)
    }

    @Test("of a status without a body is over with its head")
    func noBody() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(!conversation.beginStream(status: .noContent))
        #expect(!conversation.isStreaming)
        #expect(conversation.transcript() == "204, open")
    }

    @Test("is sent as it is made, and what is pipelined behind it waits, bounded")
    func asItIsMade() {
        let conversation = Conversation()
        conversation.feed(request("GET /later") + request("GET /b"))
        #expect(conversation.beginStream())
        #expect(!conversation.wantsInput)
        for number in 1...3 {
            let before = conversation.wire.count
            conversation.stream("event")
            #expect(conversation.wire.count == before + "5\r\nevent\r\n".utf8.count)
            #expect(conversation.streamedSize == 5 * number)
            #expect(conversation.acted.isEmpty)
        }
        conversation.endStream()
        #expect(!conversation.isStreaming)
        #expect(conversation.transcript() == "200 eventeventevent, 200 GET /b, open")
    }

    @Test("has no deadline while nothing is unsent, and that of any answer while something is")
    func deadlines() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.beginStream())
        #expect(conversation.deadline == nil)
        conversation.wait(1_000_000)
        conversation.takes = 0
        conversation.stream("event")
        #expect(conversation.unsentSize == 10)
        #expect(conversation.deadline == conversation.now + 30_000)
        conversation.wait(29_999)
        conversation.takes = nil
        conversation.drain()
        #expect(conversation.deadline == nil)
        conversation.wait(1_000_000)
        #expect(!conversation.hasEnded)
        conversation.takes = 0
        conversation.stream("event")
        conversation.wait(30_000)
        #expect(conversation.reason == .slowReader)
        #expect(!conversation.isStreaming)
    }

    @Test("shows when its client does not keep up")
    func backPressure() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.beginStream())
        conversation.takes = 0
        let piece = String(repeating: "x", count: 10_000)
        var count = 0
        while conversation.takesMore {
            conversation.stream(piece)
            count += 1
        }
        #expect(count * piece.utf8.count >= ServerConnection.outputPauseSize - 1_000)
        #expect(conversation.unsentSize < ServerConnection.outputPauseSize + piece.utf8.count + 100)
        conversation.takes = nil
        conversation.drain()
        #expect(conversation.takesMore)
        conversation.endStream()
        #expect(conversation.transcript() == "200 \(count * 10_000) bytes, open")
    }

    @Test("does not hold what was sent for a client that never lets it run empty")
    func steady() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.beginStream())
        let piece = String(repeating: "x", count: 10_000)
        conversation.takes = 0
        conversation.stream(piece)
        conversation.takes = piece.utf8.count
        var largest = 0
        for _ in 0..<200 {
            conversation.stream(piece)
            #expect(conversation.hasOutput)
            largest = max(largest, conversation.outputSize)
        }
        #expect(largest < 2 * ServerConnection.outputPauseSize)
    }

    @Test("goes on for a client that has said its last word, which can be seen, and then ends")
    func halfClosed() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.beginStream())
        conversation.finish()
        #expect(conversation.inputEnded)
        conversation.stream("last")
        conversation.endStream()
        #expect(conversation.transcript() == "200 last, ended")
        #expect(conversation.isClosed)
    }

    @Test("can be ended with its connection, whole")
    func drained() {
        let conversation = Conversation()
        conversation.feed(request("GET /later") + request("GET /b"))
        #expect(conversation.beginStream())
        conversation.stream("last")
        conversation.endStream(closes: true)
        #expect(conversation.transcript() == "200 last, ended")
        #expect(conversation.acted.isEmpty)
    }

    @Test("and is left in its middle is never taken for a whole one")
    func left() {
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.beginStream())
        conversation.stream("one")
        conversation.abandon()
        #expect(!conversation.isStreaming)
        #expect(!conversation.hasRequest)
        #expect(conversation.transcript().hasPrefix("unreadable, "))
    }
}
