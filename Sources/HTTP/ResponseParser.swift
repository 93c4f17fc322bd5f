import Bytes

/// Reads the head of a response out of bytes that keep growing.
///
/// As strict as the parser of requests and built on the same scanner of fields; its verdict is the
/// same however the bytes were cut on their way.
package struct ResponseParser {
    private enum Phase: UInt8 {
        case version, space, code, afterCode, reason, lineFeed, fields, done
    }

    static var reasonSizeMax: Int { 1 << 10 }

    /// The method of the request, which decides with the status whether there is a body.
    private let limits: HTTPLimits
    private var method: Method
    private var phase = Phase.version
    private var position = 0
    private var digits = 0
    private var version = VersionScanner()
    private var scanner = FieldScanner()
    private var framing = MessageFraming()
    /// True to its bytes once `advance` has returned true.
    package private(set) var head = ResponseHead()

    package init(answering method: Method, limits: HTTPLimits) {
        precondition(
            limits.fieldsSizeMax < Int(Int32.max), "field lines keep their places in 32 bits")
        self.method = method
        self.limits = limits
    }

    /// Begins another response, with the memory of the one before.
    package mutating func restart(answering method: Method) {
        self.method = method
        phase = .version
        position = 0
        digits = 0
        version = VersionScanner()
        framing = MessageFraming()
        var fields: [FieldLine] = []
        swap(&fields, &head.fields)
        fields.removeAll(keepingCapacity: true)
        head = ResponseHead()
        swap(&fields, &head.fields)
    }

    /// Whether anything of the response was seen.
    package var hasStarted: Bool { position > 0 }

    /// Continues over `bytes`, which starts at the response's first byte and has only grown since
    /// the last call; returns true when the head is whole.
    package mutating func advance(over bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        while position < bytes.count {
            switch phase {
            case .version: try readVersion(bytes)
            case .reason: try readReason(bytes)
            case .fields: return try readFields(bytes)
            case .done: return true
            default: try take(bytes[position])
            }
        }
        return phase == .done
    }

    private mutating func readVersion(_ bytes: Span<UInt8>) throws(HTTPError) {
        guard let isWhole = try version.advance(over: bytes, from: &position) else {
            throw .badStatusLine
        }
        if isWhole { phase = .space }
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch phase {
        case .space:
            guard byte == .space else { throw .badStatusLine }
            phase = .code
        case .code: try takeDigit(byte)
        case .afterCode: try endCode(byte)
        case .lineFeed: try endLine(byte)
        case .version, .reason, .fields, .done: preconditionFailure("these are read in bulk")
        }
        position += 1
    }

    private mutating func takeDigit(_ byte: UInt8) throws(HTTPError) {
        guard byte.isDigit else { throw .badStatusLine }
        head.status = head.status * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        guard digits == 3 else { return }
        guard 100..<600 ~= head.status else { throw .badStatusLine }
        phase = .afterCode
    }

    /// The space after the code is absent where many servers have no reason to give.
    private mutating func endCode(_ byte: UInt8) throws(HTTPError) {
        guard byte == .space || byte == .cr else { throw .badStatusLine }
        let start = position + (byte == .space ? 1 : 0)
        head.reason = start..<start
        phase = byte == .space ? .reason : .lineFeed
    }

    private mutating func readReason(_ bytes: Span<UInt8>) throws(HTTPError) {
        let start = head.reason.lowerBound
        var index = bytes.controlByte(from: position, to: bytes.count)
        while index < bytes.count, bytes[index] == .tab {
            index = bytes.controlByte(from: index + 1, to: bytes.count)
        }
        guard index - start <= Self.reasonSizeMax else { throw .badStatusLine }
        position = index
        if index == bytes.count { return }
        guard bytes[index] == .cr else { throw .badStatusLine }
        head.reason = start..<index
        position += 1
        phase = .lineFeed
    }

    private mutating func endLine(_ byte: UInt8) throws(HTTPError) {
        guard byte == .lf else { throw .badStatusLine }
        head.version = version.version
        scanner.begin(at: position + 1)
        phase = .fields
    }

    private mutating func readFields(_ bytes: Span<UInt8>) throws(HTTPError) -> Bool {
        while true {
            switch try scanner.next(over: bytes, limits) {
            case .needMore:
                position = scanner.position
                return false
            case .line(let line):
                head.fields.append(line)
                try framing.note(line, in: bytes, version: head.version)
            case .end:
                position = scanner.position
                finish()
                return true
            }
        }
    }

    /// RFC 9112, section 6.3: some responses have no body, whatever their fields say.
    private mutating func finish() {
        let hasNoBody =
            method == .head || head.isInterim || head.status == 204 || head.status == 304
        head.framing = hasNoBody ? .none : framing.declared ?? .untilClose
        head.keepsAlive =
            framing.keepsAlive(version: head.version) && head.framing != .untilClose
        head.size = position
        phase = .done
    }
}
