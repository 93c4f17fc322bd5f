import Bytes

/// What the connections of one loop share: bounds, spare requests and buffers, the date line.
///
/// Spares make the common case free of allocation; their number is bounded, so a burst's memory
/// goes back.
package struct HTTPBench: ~Copyable {
    private static let spareMax = 256
    private static let keptCapacityMax = 64 << 10

    package private(set) var limits: HTTPLimits
    package private(set) var timeouts: HTTPTimeouts
    /// `Date: …`, with its line end.
    private(set) var dateLine: [UInt8] = []
    private var dateSeconds: Int64 = -1
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
        dateLine.append(contentsOf: "\r\n".utf8)
    }

    /// Requests that come from here on are held to other bounds.
    package mutating func change(limits: HTTPLimits, timeouts: HTTPTimeouts) {
        self.limits = limits
        self.timeouts = timeouts
        requests.removeAll()
    }

    mutating func takeRequest() -> Request { requests.popLast() ?? Request(limits: limits) }

    mutating func giveBack(_ request: Request) {
        request.reset()
        if requests.count < Self.spareMax { requests.append(request) }
    }

    mutating func takeBuffer() -> [UInt8] { buffers.popLast() ?? [] }

    mutating func giveBack(_ buffer: consuming [UInt8]) {
        guard buffer.capacity <= Self.keptCapacityMax, buffers.count < Self.spareMax else { return }
        buffer.removeAll(keepingCapacity: true)
        buffers.append(buffer)
    }

    /// Gives the request its id: the caller's where that is sane, and one of ours otherwise.
    mutating func name(_ request: Request) {
        // A head that could not be read has no source and no fields to trust.
        if request.hasHead, let range = request.value(of: .requestID) {
            let theirs = request.source[range]
            if RequestIDs.isSane(theirs) { return request.id.append(contentsOf: theirs) }
        }
        ids.appendNext(to: &request.id)
    }
}

/// Makes request ids: unique in a process, and hardly ever the same in two.
struct RequestIDs {
    private static let sizeMax = 128
    private static let digits = [UInt8]("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private var next: UInt64

    init(seed: UInt64) { next = seed }

    mutating func appendNext(to output: inout [UInt8]) {
        // A step that is odd visits all 2^64 numbers, and this one looks unordered.
        next &+= 0x9E37_79B9_7F4A_7C15
        var bits = next
        for _ in 0..<13 {
            output.append(Self.digits[Int(bits & 31)])
            bits >>= 5
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
