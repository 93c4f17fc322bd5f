import Bytes

/// Searches through bytes, eight at a time where they allow it.
///
/// A search by words and a search byte by byte always stop at the same place.
extension Span<UInt8> {
    /// The eight bytes at `position`, the first one lowest: one load, without a bounds check each.
    @inline(__always)
    private func eightBytes(at position: Int) -> UInt64 {
        let bytes = extracting(position..<position + 8)
        let low =
            UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16
            | UInt64(bytes[3]) << 24
        let high =
            UInt64(bytes[4]) << 32 | UInt64(bytes[5]) << 40 | UInt64(bytes[6]) << 48
            | UInt64(bytes[7]) << 56
        return low | high
    }

    /// Finds the first control byte (a tab is one) or DEL from `start` on, or returns `end`.
    @inline(__always)
    func controlByte(from start: Int, to end: Int) -> Int {
        var index = start
        while end - index >= 8 {
            let word = eightBytes(at: index)
            let stops = word.bytesBelow(0x20) | word.bytesEqual(to: 0x7F)
            if stops != 0 { return index + stops.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < end, !self[index].isControl { index += 1 }
        return index
    }

    /// Finds the first byte from `start` on that no request target has, or returns `end`.
    @inline(__always)
    func targetEnd(from start: Int, to end: Int) -> Int {
        var index = start
        while end - index >= 8 {
            let word = eightBytes(at: index)
            let stops =
                word.bytesBelow(0x21) | word.bytesEqual(to: 0x7F)
                | word.bytesEqual(to: UInt8(ascii: "#")) | word & .highBits
            if stops != 0 { return index + stops.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < end, self[index].isTarget { index += 1 }
        return index
    }

    /// Finds the first `byte` from `start` on, or returns `end`.
    @inline(__always)
    func firstPlace(of byte: UInt8, from start: Int, to end: Int) -> Int {
        var index = start
        while end - index >= 8 {
            let stops = eightBytes(at: index).bytesEqual(to: byte)
            if stops != 0 { return index + stops.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < end, self[index] != byte { index += 1 }
        return index
    }

    /// Finds the first byte from `start` on that is no `tchar`, or returns `end`.
    @inline(__always)
    func tokenEnd(from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, ByteClass.token.contains(self[index]) { index += 1 }
        return index
    }

    /// Returns `range` without the spaces and tabs at both ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return start..<end
    }

    /// Whether the bytes in `range` are `word`, which is in lower case, in any mix of cases.
    @inline(__always)
    func equals(_ range: Range<Int>, ignoringCase word: String) -> Bool {
        let expected = word.utf8.span
        guard range.count == expected.count else { return false }
        var index = range.lowerBound
        for place in expected.indices {
            if self[index].lowercased != expected[place] { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes in `range` are exactly `expected`.
    @inline(__always)
    func equals(_ range: Range<Int>, _ expected: Span<UInt8>) -> Bool {
        guard range.count == expected.count else { return false }
        var index = range.lowerBound
        for place in expected.indices {
            if self[index] != expected[place] { return false }
            index += 1
        }
        return true
    }
}

// Each test leaves the high bit set in the lowest byte that passes it. Bytes above that one may be
// flagged wrongly (a borrow runs upwards), so only the lowest flag counts.
extension UInt64 {
    @inline(__always) fileprivate static var highBits: UInt64 { 0x8080_8080_8080_8080 }
    @inline(__always) private static var ones: UInt64 { 0x0101_0101_0101_0101 }

    @inline(__always)
    fileprivate func bytesBelow(_ bound: UInt8) -> UInt64 {
        (self &- Self.ones &* UInt64(bound)) & ~self & Self.highBits
    }

    @inline(__always)
    fileprivate func bytesEqual(to byte: UInt8) -> UInt64 {
        (self ^ Self.ones &* UInt64(byte)).bytesBelow(1)
    }
}
