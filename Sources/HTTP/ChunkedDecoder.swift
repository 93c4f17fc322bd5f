import Bytes

/// Undoes the chunked transfer coding (RFC 9112, section 7.1).
///
/// Body bytes are only pointed at, never touched. Extensions and trailers are read, bounded and
/// dropped; every line ends with CR LF exactly, since anything looser can hide a second request.
package struct ChunkedDecoder {
    package enum Event: Equatable {
        /// The next piece of the body, as a place in the input.
        case data(Range<Int>)
        /// The input is used up.
        case needMore
        /// The body and its trailers are over; what follows in the input is the next message.
        case done
    }

    private enum Phase: UInt8 {
        case size, extensionBlank, extensionText, sizeLineFeed
        case data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed
        case done
    }

    private let limits: HTTPLimits
    private var phase = Phase.size
    private var size = 0
    private var digits = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    package init(limits: HTTPLimits) {
        self.limits = limits
    }

    package var isDone: Bool { phase == .done }

    /// What is still to come of the present chunk, or is known of its size while that is read.
    package var chunkLeft: Int { size }

    /// Goes on from `position` to the next piece of the body, or to the end of the body or `input`.
    package mutating func advance(
        over input: Span<UInt8>, from position: inout Int
    ) throws(HTTPError) -> Event {
        if phase == .done { return .done }
        while position < input.count {
            if phase == .data { return takeData(input.count, &position) }
            let byte = input[position]
            position += 1
            try take(byte)
            if phase == .done { return .done }
        }
        return .needMore
    }

    private mutating func takeData(_ end: Int, _ position: inout Int) -> Event {
        let piece = position..<position + min(size, end - position)
        size -= piece.count
        position = piece.upperBound
        if size == 0 { phase = .dataReturn }
        return .data(piece)
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch phase {
        case .size: try takeSize(byte)
        case .extensionBlank, .extensionText: try takeExtension(byte)
        case .sizeLineFeed: try expect(.lf, byte, then: size == 0 ? .trailerStart : .data)
        case .dataReturn: try expect(.cr, byte, then: .dataLineFeed)
        case .dataLineFeed:
            digits = 0
            try expect(.lf, byte, then: .size)
        case .trailerStart, .trailerName, .trailerValue: try takeTrailer(byte)
        case .trailerLineFeed: try expect(.lf, byte, then: .trailerStart)
        case .lastLineFeed: try expect(.lf, byte, then: .done)
        case .data, .done: preconditionFailure("no framing is due")
        }
    }

    private mutating func expect(
        _ expected: UInt8, _ byte: UInt8, then next: Phase
    ) throws(HTTPError) {
        guard byte == expected else { throw .badChunk }
        phase = next
    }
}

// The line before a chunk.
extension ChunkedDecoder {
    static var digitsMax: Int { 16 }

    private mutating func takeSize(_ byte: UInt8) throws(HTTPError) {
        if let digit = byte.hexDigit {
            if digits == 0 { size = 0 }
            guard digits < Self.digitsMax, size <= Int.max >> 4 else { throw .badChunk }
            size = size << 4 | Int(digit)
            digits += 1
            return
        }
        guard digits > 0 else { throw .badChunk }
        if byte == .cr {
            phase = .sizeLineFeed
        } else {
            phase = .extensionBlank
            try takeExtension(byte)
        }
    }

    /// Blanks may stand between the size and the `;`, but not between the size and the CR.
    private mutating func takeExtension(_ byte: UInt8) throws(HTTPError) {
        if byte == .cr, phase == .extensionText {
            phase = .sizeLineFeed
            return
        }
        extensionBytes += 1
        guard extensionBytes <= limits.chunkExtensionsSizeMax else { throw .badChunk }
        if byte == UInt8(ascii: ";") {
            phase = .extensionText
        } else {
            let isAllowed = byte.isBlank || phase == .extensionText && !byte.isControl
            guard isAllowed else { throw .badChunk }
        }
    }
}

// The field lines after the last chunk.
extension ChunkedDecoder {
    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPError) {
        if phase == .trailerStart, byte == .cr {
            phase = .lastLineFeed
            return
        }
        trailerBytes += 1
        guard trailerBytes <= limits.fieldsSizeMax else {
            throw .fieldsTooLarge(limit: limits.fieldsSizeMax)
        }
        switch phase {
        case .trailerStart: try startTrailer(byte)
        case .trailerName: try takeTrailerName(byte)
        default: try takeTrailerValue(byte)
        }
    }

    private mutating func startTrailer(_ byte: UInt8) throws(HTTPError) {
        guard ByteClass.token.contains(byte) else { throw .badField }
        trailerCount += 1
        guard trailerCount <= limits.fieldCountMax else {
            throw .tooManyFields(limit: limits.fieldCountMax)
        }
        phase = .trailerName
    }

    private mutating func takeTrailerName(_ byte: UInt8) throws(HTTPError) {
        if byte == UInt8(ascii: ":") {
            phase = .trailerValue
        } else if !ByteClass.token.contains(byte) {
            throw .badField
        }
    }

    private mutating func takeTrailerValue(_ byte: UInt8) throws(HTTPError) {
        if byte == .cr {
            phase = .trailerLineFeed
        } else if byte.isControl, byte != .tab {
            throw .badField
        }
    }
}
