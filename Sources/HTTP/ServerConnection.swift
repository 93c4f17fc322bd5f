import Bytes

/// One connection of a server, as a value: bytes in, requests out; answers in, bytes out.
///
/// It never reads a socket and never looks at a clock. One request is answered at a time, in order;
/// what a client pipelines behind it waits here, bounded by one read. Whatever a client does, the
/// connection ends by a deadline of `nextDeadline(_:)`, except while an answer is owed by us.
package struct ServerConnection: ~Copyable {
    /// What the tier above has to do next.
    package enum Step: Sendable {
        /// Nothing before more bytes come, or before waiting answers have left.
        case wait
        /// A head is whole: `admit` its body, or `answer` at once.
        case head
        /// A request is whole: `answer` it now, or later.
        case request
        /// The bytes are wrong: `answer` with a problem, which closes unless `keepsFraming`.
        case malformed(HTTPError)
    }

    /// What a deadline that passed asks for.
    package enum Expiry: Equatable, Sendable {
        case nothing
        /// `answer` with 408; the connection closes with it.
        case slowRequest
        case close(CloseReason)
    }

    enum Phase {
        case idle, head, admission, body, answering, discarding
        /// Sends what is left, and then no more.
        case closing
        /// Has said that it sends no more, and reads until the other side says the same.
        case lingering
        case closed
    }

    /// The body bytes of a refused request that are read past to keep the connection.
    static let discardSizeMax = 64 << 10
    /// Answers that wait for the client beyond this stop the reading of its requests.
    package static let outputPauseSize = 256 << 10

    private(set) var phase = Phase.idle
    /// The request that is being read or answered; nil between requests.
    package private(set) var request: Request?
    /// How much of an empty line stood where a request may begin: none, its CR, or all of it.
    private var emptyLineSize: UInt8 = 0
    /// Bytes that came behind a request that is not answered yet.
    private var backlog: [UInt8] = []
    /// What is to be sent.
    package internal(set) var output: OutputQueue
    /// Whether the client has said that it will send no more.
    ///
    /// While an answer is owed it still gets that; whoever waits on its behalf may end early.
    package private(set) var inputEnded = false
    /// Counts the requests, so that an answer that comes late is never given to a later one.
    package private(set) var requestNumber: UInt32 = 0
    var phaseWindow: ProgressWindow
    /// The answer whose body is being sent as it is made.
    var stream: AnswerStream?

    package init(at now: UInt64) {
        phaseWindow = ProgressWindow(start: now)
        output = OutputQueue(at: now)
    }

    // MARK: What the driver asks

    package var hasOutput: Bool { !output.isEmpty }

    /// The bytes that wait behind an answer: at most one read.
    package var backlogSize: Int { backlog.count }

    /// Whether bytes that arrive now would be taken.
    package var wantsInput: Bool {
        !inputEnded && backlog.isEmpty && !isPaused && phase != .closed
    }

    /// Whether a half-close is due: everything is sent, and we will send no more.
    package var wantsFinish: Bool { phase == .closing && !hasOutput }

    /// Whether everything was said, and only the other side's end is missing.
    package var isLingering: Bool { phase == .lingering }

    /// Whether what waited behind an answer is next: bytes, or the end of them.
    package var hasBacklogTurn: Bool {
        if isPaused { return false }
        switch phase {
        case .idle: return !backlog.isEmpty || inputEnded
        case .discarding: return !backlog.isEmpty
        default: return false
        }
    }

    package var isClosed: Bool { phase == .closed }

    /// Whether a request is whole and its answer has not ended: it waits for it, or it streams.
    package var isAnswering: Bool { phase == .answering }

    /// Whether a request is whole and waits for its answer.
    package var owesAnswer: Bool { phase == .answering && stream == nil }

    /// Since when an answer is owed; nil where none is.
    package var owesSince: UInt64? { owesAnswer ? phaseWindow.start : nil }

    /// Whether the client waits for nothing: no request is under way and nothing is unsent.
    package var isIdle: Bool { phase == .idle && !hasOutput && backlog.isEmpty }

    // MARK: Input

    /// The bytes that waited behind an answer, perhaps none, if it is their turn now.
    package mutating func takeBacklog() -> Input? {
        guard hasBacklogTurn else { return nil }
        let bytes = backlog
        backlog = []
        return Input(bytes, count: bytes.count)
    }

    var isPaused: Bool { output.pending >= Self.outputPauseSize }

    /// Reads on, up to the next thing that the tier above has to decide.
    package mutating func next(
        _ input: inout Input, _ bench: inout HTTPBench, at now: UInt64
    ) -> Step {
        do throws(HTTPError) {
            while true {
                switch phase {
                case .idle:
                    if input.isEmpty { return waitForMore(&bench, at: now) }
                    if isPaused { return .wait }
                    guard try stepOverEmptyLine(&input) else { continue }
                    let next = bench.takeRequest()
                    next.parser.startAtRequestLine()
                    next.started = now
                    request = next
                    requestNumber &+= 1
                    enter(.head, at: now)
                case .head:
                    guard let request, try readHead(&input, into: request) else {
                        return waitForMore(&bench, at: now)
                    }
                    enter(.admission, at: now)
                    return .head
                case .body:
                    if request?.framing == BodyFraming.none {
                        enter(.answering, at: now)
                        return .request
                    }
                    guard try readBody(&input, at: now) else {
                        return waitForMore(&bench, at: now)
                    }
                    enter(.answering, at: now)
                    return .request
                case .discarding:
                    guard try readBody(&input, at: now) else {
                        return waitForMore(&bench, at: now)
                    }
                    finishRequest(&bench, at: now)
                case .admission, .answering: return .wait
                case .closing, .lingering, .closed:
                    input.position = input.end
                    return .wait
                }
            }
        } catch {
            if error == .badContentCoding { enter(.answering, at: now) }
            // The answer to a discarded body has left already: there is nobody to tell.
            if phase == .discarding {
                close(&bench, at: now)
                input.position = input.end
                return .wait
            }
            return .malformed(error)
        }
    }

    /// A client that has said its last word gets the same from us.
    private mutating func waitForMore(_ bench: inout HTTPBench, at now: UInt64) -> Step {
        if inputEnded { close(&bench, at: now) }
        return .wait
    }

    /// Steps over the empty line that old clients send behind a body, and over no second one.
    ///
    /// Returns whether a request begins here. A connection that has seen no more is still idle.
    private mutating func stepOverEmptyLine(_ input: inout Input) throws(HTTPError) -> Bool {
        let byte = input.bytes[input.position]
        if emptyLineSize == 0 && byte == .cr {
            emptyLineSize = 1
        } else if emptyLineSize == 1 {
            guard byte == .lf else { throw .badRequestLine }
            emptyLineSize = 2
        } else {
            emptyLineSize = 0
            return true
        }
        input.position += 1
        return false
    }

    private func readHead(
        _ input: inout Input, into request: Request
    ) throws(HTTPError) -> Bool {
        if input.isEmpty { return false }
        if request.stored.isEmpty {
            let bytes = input.bytes
            let span = bytes.span.extracting(input.position..<input.end)
            if try request.parser.advance(over: span) {
                request.source = input.bytes
                request.base = input.position
                input.position += request.parser.head.size
                return true
            }
            request.stored.append(contentsOf: input.bytes[input.position..<input.end])
            input.position = input.end
            return false
        }
        let known = request.stored.count
        request.stored.append(contentsOf: input.bytes[input.position..<input.end])
        let stored = request.stored
        guard try request.parser.advance(over: stored.span) else {
            input.position = input.end
            return false
        }
        let size = request.parser.head.size
        request.stored = Array(stored[..<size])
        input.position += size - known
        request.source = request.stored
        return true
    }

    private mutating func readBody(
        _ input: inout Input, at now: UInt64
    ) throws(HTTPError) -> Bool {
        guard let request else { preconditionFailure("a body is read into a request") }
        if phase == .body, request.reader.isPlain, request.bodyBytes.isEmpty,
            let left = request.reader.lengthLeft, left <= input.end - input.position,
            request.stored.isEmpty
        {
            request.bodyRange = input.position..<input.position + left
            input.position += left
            return true
        }
        let before = input.position
        let isWhole = try request.reader.take(&input, into: &request.bodyBytes)
        phaseWindow.moved += input.position - before
        // The read's buffer is about to be used again.
        if !isWhole { request.keepHead() }
        return isWhole
    }

    /// Keeps what has not been used of `input`; call it when `next` said `wait`.
    package mutating func keep(_ input: consuming Input) {
        if phase == .admission { request?.keepHead() }
        if phase == .answering { request?.keepForLater() }
        if input.isEmpty { return }
        assert(backlog.isEmpty, "nothing is read while bytes wait")
        backlog = Array(input.bytes[input.position..<input.end])
    }

    /// Takes note that the client will send no more.
    ///
    /// What it sent whole is still answered. A message that was cut short is never acted on.
    package mutating func endInput(_ bench: inout HTTPBench, at now: UInt64) {
        inputEnded = true
        switch phase {
        case .idle where backlog.isEmpty, .head, .body, .discarding: close(&bench, at: now)
        case .lingering: phase = .closed
        case .idle, .admission, .answering, .closing, .closed: break
        }
    }

    // MARK: Answers

    /// Lets the body of the current request come, up to `sizeMax` bytes.
    package mutating func admit(
        coding: ContentCoding?, sizeMax: Int, _ bench: inout HTTPBench, at now: UInt64
    ) throws(HTTPError) {
        guard let request, phase == .admission else {
            preconditionFailure("only a request whose head is whole is admitted")
        }
        enter(.body, at: now)
        let framing = request.framing
        if framing == .none { return }
        do throws(HTTPError) {
            try request.reader.begin(
                framing, coding: coding, sizeMax: sizeMax, limits: bench.limits)
        } catch {
            // The refusal is decided by the head alone, so what follows is an unread body.
            enter(.admission, at: now)
            throw error
        }
        if request.parser.head.expectsContinue {
            output.begin(&bench, at: now)
            output.bytes.append(contentsOf: Self.continueLine)
        }
    }

    private static let continueLine = [UInt8]("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Answers the current request, or the bytes that could not be read as one.
    package mutating func answer(
        _ response: borrowing Response, _ bench: inout HTTPBench, at now: UInt64
    ) {
        assert(stream == nil, "an answer that streams is ended by endStream")
        let request = currentRequest(&bench)
        let rest = unreadBody(of: request)
        let goesOn = !response.closes && request.parser.head.keepsAlive && rest != .tooMuch
        output.begin(&bench, at: now)
        ResponseWriter.write(response, to: request, closes: !goesOn, &bench, into: &output)
        guard goesOn else { return close(&bench, at: now) }
        guard case .some(let framing) = rest else { return finishRequest(&bench, at: now) }
        discard(framing, of: request, &bench, at: now)
    }

    /// The request to answer; an empty one stands for bytes that are none.
    package mutating func currentRequest(_ bench: inout HTTPBench) -> Request {
        if let request { return request }
        let empty = bench.takeRequest()
        request = empty
        return empty
    }

    private enum UnreadBody: Equatable { case none, some(BodyFraming), tooMuch }

    /// What of the current request's body is still to come when it is answered early.
    private func unreadBody(of request: Request) -> UnreadBody {
        guard phase == .admission else { return .none }
        switch request.framing {
        case .none, .untilClose, .length(0): return .none
        // Whether such a body comes is the client's choice, so what follows has no known start.
        case _ where request.parser.head.expectsContinue: return .tooMuch
        case .length(let length) where length > Self.discardSizeMax: return .tooMuch
        case let framing: return .some(framing)
        }
    }

    private mutating func discard(
        _ framing: BodyFraming, of request: Request, _ bench: inout HTTPBench, at now: UInt64
    ) {
        do throws(HTTPError) {
            try request.reader.beginDiscarding(
                framing, sizeMax: Self.discardSizeMax, limits: bench.limits)
            enter(.discarding, at: now)
        } catch {
            close(&bench, at: now)
        }
    }

    mutating func finishRequest(_ bench: inout HTTPBench, at now: UInt64) {
        if let request { bench.giveBack(request) }
        request = nil
        stream = nil
        enter(.idle, at: now)
    }

    /// Ends the connection as soon as everything that is answered has been sent.
    package mutating func close(_ bench: inout HTTPBench, at now: UInt64) {
        giveUpRequest(&bench)
        backlog = []
        if phase != .lingering && phase != .closed { enter(.closing, at: now) }
    }

    /// Notes that the half-close was made.
    package mutating func finished(at now: UInt64) {
        assert(wantsFinish)
        if inputEnded { phase = .closed } else { enter(.lingering, at: now) }
    }

    /// Gives up what this connection holds; the socket goes with it.
    package mutating func abandon(_ bench: inout HTTPBench) {
        giveUpRequest(&bench)
        backlog = []
        output.giveUp(&bench)
        phase = .closed
    }

    private mutating func giveUpRequest(_ bench: inout HTTPBench) {
        stream = nil
        guard let request else { return }
        request.reader.giveUp()
        bench.giveBack(request)
        self.request = nil
    }

    private mutating func enter(_ phase: Phase, at now: UInt64) {
        self.phase = phase
        phaseWindow.restart(at: now)
    }

    /// Notes that the driver sent the next `count` bytes of `output`.
    package mutating func sent(_ count: Int, _ bench: inout HTTPBench, at now: UInt64) {
        let wasExcused = isExcused
        output.noteSent(count, &bench)
        if wasExcused && !isExcused { phaseWindow.restart(at: now) }
    }
}
