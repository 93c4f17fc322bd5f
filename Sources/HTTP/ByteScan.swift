import Bytes

/// Searches through bytes, eight at a time where they allow it.
///
/// A search by words and a search byte by byte always stop at the same place. Places are counted
/// without overflow checks: every access has a bounds check, which is all that safety needs.
extension Span<UInt8> {
    /// The eight bytes at `position`, the first one lowest: one load, without a bounds check each.
    @inline(__always)
    func eightBytes(at position: Int) -> UInt64 {
        let bytes = extracting(position..<position &+ 8)
        let low =
            UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16
            | UInt64(bytes[3]) << 24
        let high =
            UInt64(bytes[4]) << 32 | UInt64(bytes[5]) << 40 | UInt64(bytes[6]) << 48
            | UInt64(bytes[7]) << 56
        return low | high
    }

    /// The four bytes at `position`, the first one lowest.
    @inline(__always)
    func fourBytes(at position: Int) -> UInt64 {
        let bytes = extracting(position..<position &+ 4)
        return UInt64(bytes[0]) | UInt64(bytes[1]) << 8 | UInt64(bytes[2]) << 16
            | UInt64(bytes[3]) << 24
    }

    /// Finds the first control byte (a tab is one) or DEL from `start` on, or returns `end`.
    @inline(__always)
    func controlByte(from start: Int, to end: Int) -> Int {
        var index = start
        while end &- index >= 8 {
            let word = eightBytes(at: index)
            let stops = word.bytesBelow(0x20) | word.bytesEqual(to: 0x7F)
            if stops != 0 { return index &+ stops.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end, !self[index].isControl { index &+= 1 }
        return index
    }

    /// Finds the first byte from `start` on that no request target has, or returns `end`.
    @inline(__always)
    func targetEnd(from start: Int, to end: Int) -> Int {
        var index = start
        while end &- index >= 8 {
            let word = eightBytes(at: index)
            let stops =
                word.bytesBelow(0x21) | word.bytesEqual(to: 0x7F)
                | word.bytesEqual(to: UInt8(ascii: "#")) | word & .highBits
            if stops != 0 { return index &+ stops.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end, self[index].isTarget { index &+= 1 }
        return index
    }

    /// Finds the first `byte` from `start` on, or returns `end`.
    @inline(__always)
    func firstPlace(of byte: UInt8, from start: Int, to end: Int) -> Int {
        var index = start
        while end &- index >= 8 {
            let stops = eightBytes(at: index).bytesEqual(to: byte)
            if stops != 0 { return index &+ stops.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end, self[index] != byte { index &+= 1 }
        return index
    }

    /// Finds the first byte from `start` on that is no `tchar`, or returns `end`.
    ///
    /// Words only know letters, digits and the hyphen; the rarer marks are looked at one by one.
    @inline(__always)
    func tokenEnd(from start: Int, to end: Int) -> Int {
        var index = start
        while end &- index >= 8 {
            let stops = ~eightBytes(at: index).bytesOfPlainNames & .highBits
            if stops == 0 {
                index &+= 8
            } else {
                index &+= stops.trailingZeroBitCount >> 3
                if !ByteClass.token.contains(self[index]) { return index }
                index &+= 1
            }
        }
        while index < end, ByteClass.token.contains(self[index]) { index &+= 1 }
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
        guard range.count == word.utf8.count else { return false }
        let expected = word.utf8.span
        var index = range.lowerBound
        for place in expected.indices {
            if self[index].lowercased != expected[place] { return false }
            index &+= 1
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
            index &+= 1
        }
        return true
    }
}

// Tests on all eight bytes at once, each of which answers with the high bits of the bytes.
extension UInt64 {
    @inline(__always) fileprivate static var highBits: UInt64 { 0x8080_8080_8080_8080 }
    @inline(__always) private static var ones: UInt64 { 0x0101_0101_0101_0101 }

    /// The bytes below `bound`, of which only the lowest counts: a borrow may flag the ones above.
    @inline(__always)
    fileprivate func bytesBelow(_ bound: UInt8) -> UInt64 {
        (self &- Self.ones &* UInt64(bound)) & ~self & Self.highBits
    }

    /// The bytes equal to `byte`, of which only the lowest counts.
    @inline(__always)
    fileprivate func bytesEqual(to byte: UInt8) -> UInt64 {
        (self ^ Self.ones &* UInt64(byte)).bytesBelow(1)
    }

    /// The bytes from `first` to `last`, both ASCII, where no byte of this word has its high bit.
    @inline(__always)
    private func bytes(from first: Unicode.Scalar, to last: Unicode.Scalar) -> UInt64 {
        let reachFirst = self &+ Self.ones &* UInt64(0x80 - first.value)
        let passLast = self &+ Self.ones &* UInt64(0x7F - last.value)
        return reachFirst & ~passLast
    }

    /// The letters, digits and hyphens.
    @inline(__always)
    fileprivate var bytesOfPlainNames: UInt64 {
        let ascii = self & ~Self.highBits
        let letters = (ascii | Self.ones &* 0x20).bytes(from: "a", to: "z")
        return (letters | ascii.bytes(from: "0", to: "9") | ascii.bytes(from: "-", to: "-")) & ~self
    }
}
