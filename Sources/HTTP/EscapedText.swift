import Bytes

/// A piece of a request target that may hold percent escapes: a path segment, a query name or value.
///
/// Escapes are undone exactly once, and what comes out is valid UTF-8 without a NUL, or an error.
package struct EscapedText: Equatable, Sendable {
    package let range: Range<Int>
    /// In a query `+` stands for a space; in a path it is itself.
    package let plusIsSpace: Bool

    package init(_ range: Range<Int>, plusIsSpace: Bool) {
        self.range = range
        self.plusIsSpace = plusIsSpace
    }

    /// Whether the bytes of the target are the text as they stand.
    package func isPlain(in target: Span<UInt8>) -> Bool {
        for index in range where isEscape(target[index]) { return false }
        return true
    }

    /// Compares the text with `expected` and allocates nothing.
    package func equals(
        _ expected: Span<UInt8>, in target: Span<UInt8>
    ) throws(HTTPError) -> Bool {
        var position = range.lowerBound
        var place = 0
        while position < range.upperBound {
            let byte = try takeByte(at: &position, in: target)
            // The rest is still read, so that a bad escape is an error wherever it stands.
            if place >= 0, place < expected.count, expected[place] == byte {
                place += 1
            } else {
                place = -1
            }
        }
        return place == expected.count
    }

    /// Compares the text with the bytes of `expected` and allocates nothing.
    package func equals(_ expected: String, in target: Span<UInt8>) throws(HTTPError) -> Bool {
        try equals(expected.utf8.span, in: target)
    }

    /// Returns the text, decoded.
    package func bytes(in target: Span<UInt8>) throws(HTTPError) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var position = range.lowerBound
        var isASCII = true
        while position < range.upperBound {
            let byte = try takeByte(at: &position, in: target)
            isASCII = isASCII && byte < 0x80
            text.append(byte)
        }
        if !isASCII { try requireUTF8(text.span) }
        return text
    }

    /// Throws what `bytes` would, and allocates nothing for a text without escapes.
    package func check(in target: Span<UInt8>) throws(HTTPError) {
        if !isPlain(in: target) { _ = try bytes(in: target) }
    }

    /// Returns the text, decoded.
    package func string(in target: Span<UInt8>) throws(HTTPError) -> String {
        String(decoding: try bytes(in: target), as: UTF8.self)
    }

    private func isEscape(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || plusIsSpace && byte == UInt8(ascii: "+")
    }

    private func takeByte(
        at position: inout Int, in target: Span<UInt8>
    ) throws(HTTPError) -> UInt8 {
        let byte = target[position]
        position += 1
        guard isEscape(byte) else { return byte }
        if byte == UInt8(ascii: "+") { return .space }
        guard position + 1 < range.upperBound,
            let high = target[position].hexDigit, let low = target[position + 1].hexDigit,
            high | low != 0
        else { throw .badTarget }
        position += 2
        return high << 4 | low
    }

    private func requireUTF8(_ text: Span<UInt8>) throws(HTTPError) {
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw .badTarget
        }
    }
}
