import HTTP
import Testing

@Suite("A connection by the clock")
struct ServerConnectionClockTests {
    @Test("ends when its client asks for nothing for too long")
    func idle() {
        let conversation = Conversation()
        conversation.wait(74_999)
        #expect(!conversation.hasEnded)
        conversation.feed(request("GET /a"))
        conversation.wait(74_999)
        #expect(!conversation.hasEnded)
        conversation.wait(1)
        #expect(conversation.reason == .idle)
        #expect(conversation.transcript() == "200 GET /a, ended")
    }

    @Test("gives a head ten seconds from its first byte to its last, however it is dribbled")
    func slowHead() {
        let conversation = Conversation()
        conversation.wait(50_000)
        for byte in request("GET /a-long-way-to-the-end").utf8.dropLast(4) {
            conversation.feed([byte])
            conversation.wait(900)
            if conversation.hasEnded { break }
        }
        #expect(conversation.transcript() == "400 slow close, ended")
        #expect(conversation.acted.isEmpty)
    }

    @Test("wants a body at its least rate, window by window")
    func slowBody() {
        let conversation = Conversation()
        conversation.feed(request("POST /a", "Content-Length: 100000"))
        let piece = [UInt8](repeating: 0x61, count: 1_024)
        for _ in 0..<35 {
            conversation.feed(piece)
            conversation.wait(1_000)
        }
        #expect(!conversation.hasEnded)
        for _ in 0..<20 where !conversation.hasEnded {
            conversation.feed(Array(piece.dropLast(200)))
            conversation.wait(1_000)
        }
        #expect(conversation.transcript() == "400 slow close, ended")
        #expect(conversation.acted.isEmpty)
    }

    @Test("does not wait for the rest of a refused body for ever")
    func slowDiscard() {
        let conversation = Conversation()
        conversation.feed(request("POST /refuse", "Content-Length: 60000") + "one")
        conversation.wait(9_999)
        #expect(!conversation.hasEnded)
        conversation.wait(1)
        #expect(conversation.reason == .slowRequest)
        #expect(conversation.transcript() == "404 refused, ended")
    }

    @Test("waits a moment for the other side's end, reading what it still sends")
    func lingering() {
        let conversation = Conversation()
        conversation.feed(request("GET /close"))
        #expect(conversation.isLingering)
        conversation.wait(1_000)
        conversation.feed("more that nobody reads")
        conversation.wait(999)
        #expect(!conversation.isClosed)
        conversation.wait(1)
        #expect(conversation.reason == .lingered)

        let polite = Conversation()
        polite.feed(request("GET /close"))
        polite.finish()
        #expect(polite.isClosed)
        #expect(polite.reason == nil)
    }

    @Test("gives up a client that takes too little of its answer")
    func slowReader() {
        let conversation = Conversation()
        conversation.takes = 0
        conversation.feed(request("GET /large"))
        conversation.wait(29_999)
        #expect(!conversation.hasEnded)
        conversation.wait(1)
        #expect(conversation.reason == .slowReader)
    }

    @Test("leaves a client that takes its answer slowly all the time that its rate allows")
    func steadyReader() {
        let conversation = Conversation()
        conversation.takes = 1_100
        conversation.feed(request("GET /large"))
        // Longer than an idle connection may last: the answer is not over.
        for _ in 0..<89 {
            conversation.wait(1_000)
            #expect(!conversation.hasEnded)
            conversation.takes = 1_100
            conversation.takeOnce()
        }
        conversation.drain()
        #expect(conversation.transcript() == "200 100000 bytes, open")
        conversation.wait(74_999)
        #expect(!conversation.hasEnded)
    }

    @Test("calls nobody slow to whom it does not listen")
    func pausedDiscard() {
        let conversation = Conversation()
        conversation.takes = 0
        conversation.feed(String(repeating: request("GET /large"), count: 2))
        conversation.feed(request("GET /large") + request("POST /refuse", "Content-Length: 5"))
        #expect(!conversation.wantsInput)
        conversation.wait(20_000)
        #expect(!conversation.hasEnded)
        conversation.takes = nil
        conversation.drain()
        conversation.wait(9_000)
        conversation.takes = 0
        conversation.feed("hello" + request("GET /b"))
        conversation.takes = nil
        conversation.drain()
        #expect(
            conversation.transcript()
                == "200 100000 bytes, 200 100000 bytes, 200 100000 bytes, 404 refused, 200 GET /b, open"
        )
    }

    @Test("has a deadline in every state but while an answer is owed")
    func deadlines() {
        let states = [
            "", "G", request("POST /a", "Content-Length: 5"),
            request("POST /refuse", "Content-Length: 5"),
            request("GET /close"), request("GET /a"),
        ]
        for state in states {
            let conversation = Conversation()
            conversation.feed(state)
            #expect(conversation.deadline != nil, "after \(state)")
            conversation.wait(1_000_000)
            #expect(conversation.isClosed, "after \(state)")
        }
        let conversation = Conversation()
        conversation.feed(request("GET /later"))
        #expect(conversation.deadline == nil)
        conversation.wait(1_000_000)
        conversation.answerLater()
        #expect(conversation.transcript() == "200 GET /later, open")
    }
}

@Suite("A client that does not take its answers")
struct OutputTests {
    @Test("is not served beyond a bound, and is served on where it was left")
    func pause() {
        let conversation = Conversation()
        conversation.takes = 0
        conversation.feed(String(repeating: request("GET /large"), count: 9))
        #expect(conversation.acted.count == 3)
        #expect(!conversation.wantsInput)
        #expect(
            conversation.outputSize
                < ServerConnection.outputPauseSize + Conversation.largeSize + 1_000)
        conversation.takes = nil
        conversation.drain()
        #expect(conversation.acted.count == 9)
        #expect(conversation.wantsInput)
        let all = String(repeating: "200 100000 bytes, ", count: 9)
        #expect(conversation.transcript() == all + "open")
    }

    @Test("but a part of them at a time never makes the server hold what was sent")
    func steady() {
        let conversation = Conversation()
        conversation.takes = 0
        var largest = 0
        for _ in 0..<100 {
            conversation.takes = Conversation.largeSize
            conversation.feed(request("GET /large") + request("GET /large"))
            while !conversation.wantsInput { conversation.takeOnce() }
            #expect(conversation.hasOutput)
            largest = max(largest, conversation.outputSize)
        }
        let bound = 2 * ServerConnection.outputPauseSize + Conversation.largeSize + 1_000
        #expect(largest < bound)
        conversation.drain()
        #expect(conversation.acted.count == 200)
        #expect(conversation.wire.count > 200 * Conversation.largeSize)
    }

    @Test("and left in the middle of everything leaves nothing behind")
    func abandon() {
        for state in [request("GET /later"), "G", request("POST /a", "Content-Length: 5") + "a"] {
            let conversation = Conversation()
            conversation.feed(state)
            conversation.abandon()
            #expect(conversation.isClosed)
            #expect(!conversation.hasRequest)
            #expect(!conversation.hasOutput)
            #expect(!conversation.hasBacklogTurn)
        }
    }

    @Test("reads by the bounds of the present, whatever they were before")
    func newLimits() {
        let conversation = Conversation()
        // A request is under way while the bounds change, and is used again after that.
        conversation.feed("GET /a HTTP/1.1\r\nHost:")
        var limits = HTTPLimits()
        limits.targetSizeMax = 10
        conversation.change(limits: limits)
        conversation.feed(" h\r\n\r\n")
        conversation.feed(request("GET /longer-than-ten"))
        #expect(
            conversation.transcript() == "200 GET /a, 400 targetTooLong(limit: 10) close, ended")
    }
}
