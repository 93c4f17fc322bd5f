import Bytes

/// What the connections of one loop share: bounds, spare requests and buffers, the date line.
///
/// Spares make the common case free of allocation; their number is bounded, so a burst's memory
/// goes back.
package struct HTTPBench: ~Copyable {
    static let spareMax = 256
    static let keptCapacityMax = 64 << 10

    package private(set) var limits: HTTPLimits
    package private(set) var timeouts: HTTPTimeouts
    /// `Date: …`, and the beginning of the line that follows it in every answer: `Request-Id: `.
    private(set) var dateLine: [UInt8] = []
    /// The same behind the status line of the most frequent answer.
    private(set) var okBeginning: [UInt8] = []
    private var dateSeconds: Int64 = -1
    /// The request that was given back last, and the others.
    private var spare: Request?
    private var requests: [Request] = []
    private var buffers: [[UInt8]] = []
    private var ids: RequestIDs

    package init(limits: HTTPLimits, timeouts: HTTPTimeouts, seed: UInt64) {
        self.limits = limits
        self.timeouts = timeouts
        ids = RequestIDs(seed: seed)
        setDate(unixSeconds: 0)
    }

    /// Makes the date line say `unixSeconds`; once a second it costs something.
    package mutating func setDate(unixSeconds: Int64) {
        if unixSeconds == dateSeconds { return }
        dateSeconds = unixSeconds
        dateLine.removeAll(keepingCapacity: true)
        dateLine.append(contentsOf: "Date: ".utf8)
        HTTPDate.append(unixSeconds, to: &dateLine)
        dateLine.append(contentsOf: "\r\nRequest-Id: ".utf8)
        okBeginning = HTTPStatus.ok.line + dateLine
    }

    /// Requests that come from here on are held to other bounds.
    package mutating func change(limits: HTTPLimits, timeouts: HTTPTimeouts) {
        self.limits = limits
        self.timeouts = timeouts
        spare = nil
        requests.removeAll()
    }

    mutating func takeRequest() -> Request {
        spare.take() ?? requests.popLast() ?? Request(limits: limits)
    }

    mutating func giveBack(_ request: Request) {
        // One that was under way while the bounds changed is held to the old ones for good.
        guard request.parser.limits == limits else { return }
        request.reset()
        if spare == nil {
            spare = request
        } else if requests.count < Self.spareMax {
            requests.append(request)
        }
    }

    mutating func takeBuffer() -> [UInt8] { buffers.popLast() ?? [] }

    mutating func giveBack(_ buffer: consuming [UInt8]) {
        guard buffer.capacity <= Self.keptCapacityMax, buffers.count < Self.spareMax else { return }
        buffer.removeAll(keepingCapacity: true)
        buffers.append(buffer)
    }

    /// Gives the request its id, for whoever has to know it before the answer leaves.
    package mutating func name(_ request: Request) {
        guard request.id.isEmpty else { return }
        var id: [UInt8] = []
        appendID(of: request, to: &id)
        request.id = id
    }

    /// Appends the request's id: the caller's where that is sane, and one of ours otherwise.
    mutating func appendID(of request: Request, to output: inout [UInt8]) {
        if !request.id.isEmpty { return output.append(contentsOf: request.id) }
        // A head that could not be read has no source and no fields to trust.
        if request.hasHead, let range = request.value(of: .requestID) {
            let theirs = request.source[range]
            if RequestIDs.isSane(theirs) { return output.append(contentsOf: theirs) }
        }
        ids.appendNext(to: &output)
    }
}

/// Makes request ids: a random beginning for each loop, and a number that counts up in place.
struct RequestIDs {
    static let sizeMax = 128
    private static let randomSize = 8
    private static let size = 16
    private static let digits = [UInt8]("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private var next: [UInt8]

    init(seed: UInt64) {
        next = (0..<Self.size).map { place in
            place < Self.randomSize ? Self.digits[Int(seed >> UInt64(place * 5) & 31)] : 0x30
        }
    }

    mutating func appendNext(to output: inout [UInt8]) {
        countUp()
        output.append(contentsOf: next)
    }

    private mutating func countUp() {
        var place = Self.size - 1
        while place >= Self.randomSize {
            if next[place] != UInt8(ascii: "z") {
                next[place] = Self.digit(after: next[place])
                return
            }
            next[place] = UInt8(ascii: "0")
            place -= 1
        }
    }

    /// The digits skip letters that are easily taken for others.
    private static func digit(after digit: UInt8) -> UInt8 {
        switch digit {
        case UInt8(ascii: "9"): UInt8(ascii: "a")
        case UInt8(ascii: "h"): UInt8(ascii: "j")
        case UInt8(ascii: "k"): UInt8(ascii: "m")
        case UInt8(ascii: "n"): UInt8(ascii: "p")
        case UInt8(ascii: "t"): UInt8(ascii: "v")
        default: digit + 1
        }
    }

    /// Whether an id may be given back and written to logs as it is.
    static func isSane(_ id: ArraySlice<UInt8>) -> Bool {
        (1...sizeMax).contains(id.count)
            && id.allSatisfy { byte in
                byte.isDigit || byte.isLetter || "-_.~+/=:@".utf8.contains(byte)
            }
    }
}
