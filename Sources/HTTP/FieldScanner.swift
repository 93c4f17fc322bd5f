import Bytes

/// Cuts the field lines of a head, and the empty line that ends them, out of bytes that keep growing.
///
/// It never reads a byte of a name or value twice, and it stops at the first byte that RFC 9112
/// does not allow: a bare CR or LF, a folded line, a blank before the colon.
struct FieldScanner {
    enum Step {
        case needMore
        case line(FieldLine)
        /// The section ended just before `position`.
        case end
    }

    private enum Phase: UInt8 { case lineStart, name, blanks, value, lineFeed, lastLineFeed }

    private var phase = Phase.lineStart
    @Small private var lineCount = 0
    @Small private var nameStart = 0
    @Small private var nameEnd = 0
    @Small private var valueStart = 0
    @Small private var valueEnd = 0
    @Small private var start = 0
    @Small private(set) var position = 0

    mutating func begin(at start: Int) {
        phase = .lineStart
        lineCount = 0
        position = start
        self.start = start
    }

    /// Goes on to the end of the line, of the section or of `bytes`, whichever comes first.
    ///
    /// The phases are asked for in their order: a jump by phase is predicted badly, and there would
    /// be five a line.
    @inline(__always)
    mutating func next(
        over bytes: Span<UInt8>, _ limits: borrowing HTTPLimits
    ) throws(HTTPError) -> Step {
        // One byte beyond the largest section, which has the two bytes of its empty line on top.
        let sectionEnd = start + limits.fieldsSizeMax + 2
        let end = min(bytes.count, sectionEnd)
        if phase == .lineStart, position < end { try startLine(bytes[position], limits) }
        if phase == .name { try readName(bytes, end) }
        if phase == .blanks { skipBlanks(bytes, end) }
        if phase == .value { try readValue(bytes, end) }
        if phase == .lineFeed, position < end { return .line(try endLine(bytes)) }
        if phase == .lastLineFeed, position < end { return try endSection(bytes[position]) }
        // Whatever the next byte is, it is one too many.
        if bytes.count > sectionEnd { throw .fieldsTooLarge(limit: limits.fieldsSizeMax) }
        return .needMore
    }

    @inline(__always)
    private mutating func startLine(
        _ byte: UInt8, _ limits: borrowing HTTPLimits
    ) throws(HTTPError) {
        if byte == .cr {
            phase = .lastLineFeed
            position &+= 1
            return
        }
        guard lineCount < limits.fieldCountMax else {
            throw .tooManyFields(limit: limits.fieldCountMax)
        }
        nameStart = position
        phase = .name
    }

    @inline(__always)
    private mutating func readName(_ bytes: Span<UInt8>, _ end: Int) throws(HTTPError) {
        position = bytes.tokenEnd(from: position, to: end)
        if position == end { return }
        guard bytes[position] == UInt8(ascii: ":"), position > nameStart else { throw .badField }
        nameEnd = position
        position &+= 1
        phase = .blanks
    }

    @inline(__always)
    private mutating func skipBlanks(_ bytes: Span<UInt8>, _ end: Int) {
        while position < end, bytes[position].isBlank { position &+= 1 }
        if position == end { return }
        valueStart = position
        phase = .value
    }

    @inline(__always)
    private mutating func readValue(_ bytes: Span<UInt8>, _ end: Int) throws(HTTPError) {
        var index = bytes.controlByte(from: position, to: end)
        while index < end, bytes[index] == .tab {
            index = bytes.controlByte(from: index &+ 1, to: end)
        }
        position = index
        if index == end { return }
        guard bytes[index] == .cr else { throw .badField }
        while index > valueStart, bytes[index &- 1].isBlank { index &-= 1 }
        valueEnd = index
        position &+= 1
        phase = .lineFeed
    }

    @inline(__always)
    private mutating func endLine(_ bytes: Span<UInt8>) throws(HTTPError) -> FieldLine {
        guard bytes[position] == .lf else { throw .badField }
        position &+= 1
        phase = .lineStart
        lineCount &+= 1
        return FieldLine(
            name: FieldName(recognising: nameStart..<nameEnd, in: bytes),
            nameRange: Self.range32(nameStart, nameEnd),
            valueRange: Self.range32(valueStart, valueEnd))
    }

    // The parsers' limits keep every place below 2^31.
    @inline(__always)
    private static func range32(_ start: Int, _ end: Int) -> Range<UInt32> {
        UInt32(truncatingIfNeeded: start)..<UInt32(truncatingIfNeeded: end)
    }

    private mutating func endSection(_ byte: UInt8) throws(HTTPError) -> Step {
        guard byte == .lf else { throw .badField }
        position &+= 1
        return .end
    }
}
