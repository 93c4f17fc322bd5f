import Bytes

/// One exchange as its client sees it: the bytes of the answer in, a head and pieces of body out.
///
/// It never reads a socket. An answer that was cut short is never taken for a whole one.
package struct ClientExchange {
    package enum Event: Equatable {
        case needMore
        /// `head` is valid, and its places are places in `headBytes`.
        case head
        /// The next piece of the body, as a place in `input`, true until `feed` is called.
        case body(Range<Int>)
        case done
    }

    private enum Phase { case head, headRead, length(left: Int), chunked, untilClose, done }

    static var interimCountMax: Int { 16 }

    private var method: Method
    private let limits: HTTPLimits
    private let bodySizeMax: Int
    private var phase = Phase.head
    private var parser: ResponseParser
    private var decoder: ChunkedDecoder
    private var interimCount = 0
    private var bodySize = 0
    /// How much of `input` belongs to the answer, as far as it is known.
    package private(set) var position = 0
    private var inputEnded = false
    /// What has been fed and not been dropped yet.
    package private(set) var input: [UInt8] = []
    package private(set) var head = ResponseHead()
    package private(set) var headBytes: [UInt8] = []

    package init(_ method: Method, limits: HTTPLimits, bodySizeMax: Int) {
        self.method = method
        self.limits = limits
        self.bodySizeMax = bodySizeMax
        parser = ResponseParser(answering: method, limits: limits)
        decoder = ChunkedDecoder(limits: limits)
    }

    /// Begins the next exchange on the same connection, with the memory of the one before.
    package mutating func restart(_ method: Method) {
        precondition(mayReuse, "the connection carries no other request")
        self.method = method
        phase = .head
        // The parser's list of fields has one owner from here on, so it can be filled again.
        head = ResponseHead()
        parser.restart(answering: method)
        interimCount = 0
        bodySize = 0
    }

    package var isDone: Bool { if case .done = phase { true } else { false } }

    /// Whether the connection can carry another request: the answer ended by itself, the server
    /// agrees, and nothing came that nobody asked for.
    package var mayReuse: Bool {
        isDone && head.keepsAlive && position == input.count && !inputEnded
    }

    /// Takes bytes that have come from the server; the pieces of body pointed at before are gone.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) {
        if position == input.count {
            input.removeAll(keepingCapacity: true)
        } else {
            input.removeFirst(position)
        }
        position = 0
        input.append(contentsOf: bytes)
    }

    /// Takes note that the server has closed; returns whether the answer is whole.
    ///
    /// Call `next` until it needs more before this: what was fed is still the answer's.
    package mutating func endInput() -> Bool {
        inputEnded = true
        if case .untilClose = phase { phase = .done }
        return isDone
    }

    /// Returns the next thing that the bytes fed so far show.
    package mutating func next() throws(HTTPError) -> Event {
        switch phase {
        case .head: return try readHead() ? .head : .needMore
        case .headRead:
            beginBody()
            return try next()
        case .length(let left): return try readLength(left)
        case .chunked: return try readChunks()
        case .untilClose: return try takeBody(input.count - position) ?? .needMore
        case .done: return .done
        }
    }

    private mutating func readHead() throws(HTTPError) -> Bool {
        let input = input
        while try parser.advance(over: input.span.extracting(position..<input.count)) {
            let end = position + parser.head.size
            if !parser.head.isInterim {
                head = parser.head
                headBytes.removeAll(keepingCapacity: true)
                headBytes.append(contentsOf: input[position..<end])
                position = end
                phase = .headRead
                return true
            }
            // 101 would change the protocol, and nobody asked for that.
            interimCount += 1
            guard parser.head.status != 101, interimCount <= Self.interimCountMax else {
                throw .badStatusLine
            }
            position = end
            parser.restart(answering: method)
        }
        return false
    }

    private mutating func beginBody() {
        switch head.framing {
        case .none, .length(0): phase = .done
        case .length(let length): phase = .length(left: length)
        case .chunked:
            decoder = ChunkedDecoder(limits: limits)
            phase = .chunked
        case .untilClose: phase = .untilClose
        }
    }

    private mutating func readLength(_ left: Int) throws(HTTPError) -> Event {
        guard left <= bodySizeMax - bodySize else { throw .bodyTooLarge(limit: bodySizeMax) }
        let count = min(left, input.count - position)
        phase = left == count ? .done : .length(left: left - count)
        return try takeBody(count) ?? .needMore
    }

    private mutating func readChunks() throws(HTTPError) -> Event {
        let input = input
        var end = position
        let event = try decoder.advance(over: input.span, from: &end)
        if case .data(let range) = event {
            position = range.lowerBound
            return try takeBody(range.count) ?? .needMore
        }
        position = end
        guard case .done = event else { return .needMore }
        phase = .done
        return .done
    }

    private mutating func takeBody(_ count: Int) throws(HTTPError) -> Event? {
        if count == 0 { return nil }
        guard count <= bodySizeMax - bodySize else { throw .bodyTooLarge(limit: bodySizeMax) }
        bodySize += count
        position += count
        return .body(position - count..<position)
    }
}
