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
            plain.close()
            plain.appendText(to: &text)
        case .published(let count, let partition, let offset, let logTime):
            let cursors = PublishedCursors(
                topic: topic, count: count, partition: partition, logTime: logTime)
            cursors[after: offset - 1].appendText(to: &text)
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
