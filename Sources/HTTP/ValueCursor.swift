import Bytes

/// Reads a field value piece by piece: tokens, quoted strings, parameters, weights (RFC 9110, 5.6).
///
/// It holds a place and no bytes, and never goes beyond the end of the value.
struct ValueCursor {
    /// A parameter; the value of a quoted string stands without its quotes, but with its escapes.
    struct Parameter {
        var name: Range<Int>
        var value: Range<Int>
    }

    private(set) var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    mutating func skipBlanks(_ bytes: Span<UInt8>) {
        while position < end, bytes[position].isBlank { position += 1 }
    }

    mutating func take(_ mark: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard position < end, bytes[position] == mark else { return false }
        position += 1
        return true
    }

    mutating func token(_ bytes: Span<UInt8>) throws(HTTPError) -> Range<Int> {
        let start = position
        position = bytes.tokenEnd(from: start, to: end)
        guard position > start else { throw .badField }
        return start..<position
    }

    /// Steps over commas and blanks to the next element of a list; false at the end.
    mutating func nextElement(_ bytes: Span<UInt8>) -> Bool {
        repeat { skipBlanks(bytes) } while take(UInt8(ascii: ","), bytes)
        return !isAtEnd
    }

    /// Checks that an element of a list ends here.
    mutating func endElement(_ bytes: Span<UInt8>) throws(HTTPError) {
        skipBlanks(bytes)
        guard isAtEnd || bytes[position] == UInt8(ascii: ",") else { throw .badField }
    }

    /// Returns the next `;name=value`, or nil if no parameter follows; empty ones are stepped over.
    mutating func nextParameter(_ bytes: Span<UInt8>) throws(HTTPError) -> Parameter? {
        var sawMark = false
        skipBlanks(bytes)
        while take(UInt8(ascii: ";"), bytes) {
            sawMark = true
            skipBlanks(bytes)
        }
        guard sawMark, position < end, bytes[position] != UInt8(ascii: ",") else { return nil }
        let name = try token(bytes)
        guard take(UInt8(ascii: "="), bytes) else { throw .badField }
        let isQuoted = position < end && bytes[position] == .quote
        return Parameter(name: name, value: try isQuoted ? quotedString(bytes) : token(bytes))
    }

    private mutating func quotedString(_ bytes: Span<UInt8>) throws(HTTPError) -> Range<Int> {
        let start = position + 1
        position = start
        while position < end, bytes[position] != .quote {
            position += bytes[position] == .backslash ? 2 : 1
        }
        guard position < end else { throw .badField }
        position += 1
        return start..<position - 1
    }
}

extension ValueCursor {
    /// A weight in thousandths: a number from 0 to 1 with at most three decimals.
    ///
    /// The zero before the point may be absent: Java's own client sends `q=.2`.
    static func weight(_ range: Range<Int>, _ bytes: Span<UInt8>) throws(HTTPError) -> Int {
        var index = range.lowerBound
        var weight = 0
        if index < range.upperBound, bytes[index].isDigit {
            weight = Int(bytes[index] - UInt8(ascii: "0")) * 1000
            index += 1
        }
        if index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "."), range.upperBound - index <= 4 else {
                throw .badField
            }
            var scale = 100
            for place in index + 1..<range.upperBound {
                guard bytes[place].isDigit else { throw .badField }
                weight += Int(bytes[place] - UInt8(ascii: "0")) * scale
                scale /= 10
            }
        }
        guard weight <= 1000, !range.isEmpty else { throw .badField }
        return weight
    }

    /// Reads the parameters of an element and returns its weight; the others are only checked.
    mutating func weightOfElement(_ bytes: Span<UInt8>) throws(HTTPError) -> Int {
        var weight = 1000
        while let parameter = try nextParameter(bytes) {
            if bytes.equals(parameter.name, ignoringCase: "q") {
                weight = try Self.weight(parameter.value, bytes)
            }
        }
        try endElement(bytes)
        return weight
    }
}
