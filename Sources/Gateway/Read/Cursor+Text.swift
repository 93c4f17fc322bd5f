internal import Bytes

/// How a place is written.
extension Cursor {
    /// What a client gets.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text as ASCII.
    package var bytes: [UInt8] {
        var text: [UInt8] = []
        append(to: &text)
        return text
    }

    func append(to text: inout [UInt8]) {
        switch place {
        case .all(let offsets): append(offsets, to: &text)
        case .one(let partition, let offset):
            var plain = SmallCursor(2, topic)
            plain.append(number: Int(partition))
            plain.append(number: offset)
            plain.append(to: &text)
        case .published(let count, let partition, let offset, let logTime):
            var plain = SmallCursor(3, topic)
            plain.append(number: count)
            plain.append(number: Int(partition))
            plain.append(number: offset)
            plain.append(number: logTime)
            plain.append(to: &text)
        }
    }

    private func append(_ offsets: [Int], to text: inout [UInt8]) {
        var plain: [UInt8] = []
        plain.reserveCapacity(16 + offsets.count * 5)
        plain.append(1)
        eachByte(of: Int(topic)) { plain.append($0) }
        eachByte(of: offsets.count) { plain.append($0) }
        for offset in offsets { eachByte(of: offset) { plain.append($0) } }
        let sum = CRC32C.of(plain.span)
        for index in 0..<Self.checkSize {
            plain.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))))
        }
        Base64.url.append(plain.span, to: &text)
    }
}

/// A cursor with one offset before it becomes text.
///
/// Each message that is published gets one, so it asks for no memory.
private struct SmallCursor {
    /// Room for a byte for the kind, three numbers below 2^32 and two below 2^63, and the check.
    private var bytes = [40 of UInt8](repeating: 0)
    private var count = 0

    init(_ kind: UInt8, _ topic: UInt32) {
        append(kind)
        append(number: Int(topic))
    }

    private mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(number: Int) { eachByte(of: number) { append($0) } }

    /// Puts the check behind it, and appends the text.
    mutating func append(to text: inout [UInt8]) {
        let sum = CRC32C.of(bytes.span.extracting(first: count))
        for index in 0..<Cursor.checkSize {
            append(UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))))
        }
        Base64.url.append(bytes.span.extracting(first: count), to: &text)
    }
}

/// Gives out seven bits of a number a byte, the lowest first, as few as there have to be.
@inline(__always)
private func eachByte(of number: Int, _ take: (UInt8) -> Void) {
    precondition(number >= 0, "places are not negative")
    var left = UInt64(number)
    while left >= 0x80 {
        take(UInt8(truncatingIfNeeded: left) | 0x80)
        left >>= 7
    }
    take(UInt8(truncatingIfNeeded: left))
}
