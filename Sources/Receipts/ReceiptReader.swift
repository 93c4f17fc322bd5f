import Bytes

/// Reads the numbers of a receipt, one behind the other; nil for what lies outside of it.
struct ReceiptReader {
    static let numberEnd = 1 << 61

    private var place: Int
    private let end: Int

    init(from place: Int, to end: Int) {
        self.place = place
        self.end = end
    }

    var isAtEnd: Bool { place == end }

    mutating func number(_ plain: [UInt8]) -> Int? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < end, shift < 63 {
            let byte = plain[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                let isShortest = byte != 0 || shift == 0
                return isShortest && value < UInt64(Self.numberEnd) ? Int(value) : nil
            }
            shift += 7
        }
        return nil
    }

    mutating func number32(_ plain: [UInt8]) -> UInt32? {
        number(plain).flatMap { UInt32(exactly: $0) }
    }

    mutating func fixed64(_ plain: [UInt8]) -> UInt64? {
        guard end - place >= 8 else { return nil }
        place += 8
        return plain.span.uint64(at: place - 8)
    }
}

extension [UInt8] {
    /// Seven bits a byte, the lowest first, as few as there have to be.
    mutating func append(number: Int) {
        precondition(number >= 0, "places are not negative")
        var left = UInt64(number)
        while left >= 0x80 {
            append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        append(UInt8(truncatingIfNeeded: left))
    }
}
