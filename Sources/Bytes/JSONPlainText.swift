// The part of a JSON string that needs no second look is nearly all of it, so it is looked at
// eight bytes at a time.

private let everyByte: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

extension Span<UInt8> {
    /// The first byte from `start` on that is a quote, a backslash, a control character or, if
    /// `stopsAtNonASCII`, not ASCII; `end` if there is none.
    @inline(__always)
    func endOfPlainJSON(from start: Int, to end: Int, stopsAtNonASCII: Bool) -> Int {
        precondition(end <= count)
        var index = start
        while index &+ 8 <= end {
            let word = eightBytes(at: index)
            let quotes = (word ^ everyByte &* 0x22) &- everyByte
            let backslashes = (word ^ everyByte &* 0x5C) &- everyByte
            let controls = word &- everyByte &* 0x20
            // A borrow can only mark bytes above one that is marked rightly, and the lowest counts.
            var marks = (quotes | backslashes | controls) & ~word & highBits
            if stopsAtNonASCII { marks |= word & highBits }
            if marks != 0 { return index &+ marks.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end {
            let byte = self[index]
            if byte < 0x20 || byte == .quote || byte == .backslash { break }
            if stopsAtNonASCII && byte >= 0x80 { break }
            index &+= 1
        }
        return index
    }

    /// One check stands for all eight, so that the loads become one.
    @inline(__always)
    private func eightBytes(at index: Int) -> UInt64 {
        let eight = extracting(index..<index + 8)
        let low =
            UInt64(eight[0]) | UInt64(eight[1]) << 8 | UInt64(eight[2]) << 16
            | UInt64(eight[3]) << 24
        let high =
            UInt64(eight[4]) << 32 | UInt64(eight[5]) << 40 | UInt64(eight[6]) << 48
            | UInt64(eight[7]) << 56
        return low | high
    }
}
