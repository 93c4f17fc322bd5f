import Bytes

/// Reads the head of a request out of bytes that keep growing.
///
/// It never looks at a byte twice, and its verdict is the same however the bytes were cut on their
/// way: a byte that RFC 9112 does not allow is refused when it is seen.
package struct RequestParser {
    private enum Phase: UInt8 {
        case start, leadingLineFeed, method, target, version, lineFeed, fields, done
    }

    let limits: HTTPLimits
    private var phase = Phase.start
    @Small private var position = 0
    @Small private var tokenStart = 0
    private var version = VersionScanner()
    private var scanner = FieldScanner()
    private var framing = MessageFraming()
    private var hasHost = false
    private var expectsContinue = false
    /// True to its bytes once `advance` has returned true.
    package private(set) var head = RequestHead()

    package init(limits: HTTPLimits) {
        precondition(
            limits.targetSizeMax + limits.fieldsSizeMax < Int(Int32.max),
            "field lines keep their places in 32 bits")
        self.limits = limits
    }

    /// Whether anything of the request was seen, be it only the empty line before it.
    package var hasStarted: Bool { position > 0 }

    /// Takes no empty line before the request, because one was stepped over already.
    mutating func startAtRequestLine() { phase = .method }

    /// Gets ready for the next request and keeps the capacity of `head.fields`.
    package mutating func reset() {
        phase = .start
        position = 0
        tokenStart = 0
        version = VersionScanner()
        framing = MessageFraming()
        hasHost = false
        expectsContinue = false
        // Bytes that are no request are answered too, and not as the request before them was.
        head.method = .get
        head.version = .http11
        head.fields.removeAll(keepingCapacity: true)
        head.present = []
        head.repeated = []
        head.authority = 0..<0
        head.expectsTheUnknown = false
    }

    /// Continues over `bytes`, which starts at the request's first byte and has only grown since the
    /// last call; returns true when the head is whole.
    ///
    /// After an error the parser is good for nothing but `reset()`.
    package mutating func advance(over bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        // Each step returns whether its phase is over, and the next one goes on where it ended.
        if phase == .start, !start(bytes) { return false }
        if phase == .leadingLineFeed, try !takeLeadingLineFeed(bytes) { return false }
        if phase == .method, try !readMethod(bytes) { return false }
        if phase == .target, try !readTarget(bytes) { return false }
        if phase == .version, try !readVersion(bytes) { return false }
        if phase == .lineFeed, try !endRequestLine(bytes) { return false }
        if phase == .fields, try !readFields(bytes) { return false }
        return true
    }

    // RFC 9112, section 2.2: old clients send an empty line after a body. One is stepped over.
    private mutating func start(_ bytes: Span<UInt8>) -> Bool {
        if bytes.isEmpty { return false }
        if bytes[0] == .cr {
            phase = .leadingLineFeed
            position = 1
        } else {
            phase = .method
        }
        return true
    }

    private mutating func takeLeadingLineFeed(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        if position == bytes.count { return false }
        guard bytes[position] == .lf else { throw .badRequestLine }
        position += 1
        tokenStart = position
        phase = .method
        return true
    }
}

// The request line.
extension RequestParser {
    static var methodSizeMax: Int { 32 }

    private mutating func readMethod(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        position = bytes.tokenEnd(from: position, to: bytes.count)
        guard position - tokenStart <= Self.methodSizeMax else { throw .badRequestLine }
        if position == bytes.count { return false }
        guard bytes[position] == UInt8(ascii: " "), position > tokenStart else {
            throw .badRequestLine
        }
        head.methodRange = tokenStart..<position
        head.method = Method(recognising: tokenStart..<position, in: bytes)
        position += 1
        tokenStart = position
        phase = .target
        return true
    }

    private mutating func readTarget(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        position = bytes.targetEnd(from: position, to: bytes.count)
        guard position - tokenStart <= limits.targetSizeMax else {
            throw .targetTooLong(limit: limits.targetSizeMax)
        }
        if position == bytes.count { return false }
        guard bytes[position] == UInt8(ascii: " ") else {
            // The line ends without a version, or the target has a byte of none.
            throw bytes[position] == .cr || bytes[position] == .lf ? .badRequestLine : .badTarget
        }
        head.target = tokenStart..<position
        head.targetParts = try RequestTarget(head.target, in: bytes, method: head.method)
        position += 1
        phase = .version
        return true
    }

    private mutating func readVersion(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        var place = position
        guard let isWhole = try version.advance(over: bytes, from: &place) else {
            throw .badRequestLine
        }
        position = place
        if !isWhole || position == bytes.count { return false }
        guard bytes[position] == .cr else { throw .badRequestLine }
        head.version = version.version
        position += 1
        phase = .lineFeed
        return true
    }

    private mutating func endRequestLine(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        if position == bytes.count { return false }
        guard bytes[position] == .lf else { throw .badRequestLine }
        position += 1
        scanner.begin(at: position)
        phase = .fields
        return true
    }
}

// The fields.
extension RequestParser {
    private mutating func readFields(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        while true {
            switch try scanner.next(over: bytes, limits) {
            case .needMore:
                position = scanner.position
                return false
            case .line(let line):
                head.fields.append(line)
                if line.name != .other { try note(line, bytes) }
            case .end:
                position = scanner.position
                try finish()
                return true
            }
        }
    }

    private mutating func note(_ line: FieldLine, _ bytes: Span<UInt8>) throws(HTTPError) {
        let name = FieldSet(line.name)
        head.repeated.formUnion(head.present.intersection(name))
        head.present.formUnion(name)
        switch line.name {
        case .host: try noteHost(line.value, bytes)
        case .expect: noteExpectation(line.value, bytes)
        default: try framing.note(line, in: bytes, version: head.version)
        }
    }

    private mutating func noteHost(
        _ value: Range<Int>, _ bytes: Span<UInt8>
    ) throws(HTTPError) {
        guard !hasHost, Authority.isValid(value, in: bytes) else { throw .badHost }
        hasHost = true
        head.authority = value
    }

    // HTTP/1.0 has no expectations: there the field says nothing.
    private mutating func noteExpectation(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        if head.version == .http10 { return }
        var list = ListCursor(value)
        while let expectation = list.next(in: bytes) {
            if bytes.equals(expectation, ignoringCase: "100-continue") { continue }
            head.expectsTheUnknown = true
        }
        expectsContinue = true
    }

    private mutating func finish() throws(HTTPError) {
        guard hasHost || head.version == .http10 else { throw .badHost }
        if !head.targetParts.authority.isEmpty { head.authority = head.targetParts.authority }
        head.size = position
        head.framing = framing.declared ?? .none
        head.keepsAlive = framing.keepsAlive(version: head.version)
        let hasBody = head.framing != .none && head.framing != .length(0)
        head.expectsContinue = expectsContinue && hasBody
        phase = .done
    }
}
