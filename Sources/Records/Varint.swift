// Numbers below 2^32 in groups of seven bits, the lowest first (LEB128), in as few bytes as they
// need: what has two ways to be written could be signed in one and read in the other.

extension [UInt8] {
    @inline(__always)
    mutating func append(varint value: UInt32) {
        if value < 0x80 { return append(UInt8(truncatingIfNeeded: value)) }
        append(longVarint: value)
    }

    private mutating func append(longVarint value: UInt32) {
        var left = value
        while left >= 0x80 {
            append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        append(UInt8(truncatingIfNeeded: left))
    }
}

extension Span<UInt8> {
    /// Reads a varint that ends before `end`, and moves `place` behind it; nil if there is none.
    @inline(__always)
    func varint(at place: inout Int, before end: Int) -> UInt32? {
        guard place < end else { return nil }
        let first = self[place]
        if first < 0x80 {
            place += 1
            return UInt32(first)
        }
        return longVarint(at: &place, before: end)
    }

    private func longVarint(at place: inout Int, before end: Int) -> UInt32? {
        var value: UInt64 = 0
        for index in 0..<5 {
            guard place + index < end else { return nil }
            let byte = self[place + index]
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            guard byte < 0x80 else { continue }
            // A last group of zero is one that was not needed.
            guard byte != 0, let number = UInt32(exactly: value) else { return nil }
            place += index + 1
            return number
        }
        return nil
    }
}

/// The bytes that `value` needs as a varint.
func varintSize(_ value: Int) -> Int {
    (max(1, 64 - value.leadingZeroBitCount) + 6) / 7
}
