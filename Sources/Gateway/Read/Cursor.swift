// A place in a topic as clients carry it: opaque text that is safe in a URL.
//
//     kind 1    varint topic    then
//     kind 1, all partitions:     varint count, varint offset of each
//     kind 2, one of them:        varint partition, varint offset
//     kind 3, behind a publish:   varint count, varint partition, varint offset, varint log time
//     the first 3 bytes of a CRC-32C of all that, then all of it as base64url
//
// There is one text for each place, so that two texts can be compared.

internal import Bytes

/// Where a reader goes on.
package struct Cursor: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        /// The next offset of each partition.
        case all([Int])
        case one(partition: UInt32, offset: Int)
        /// The next offset of one partition of `count`, and of the others what came since.
        case published(count: Int, partition: UInt32, offset: Int, logTime: Int)
    }

    /// More partitions than a topic can have.
    package static let partitionsMax = 4_096
    package static let textSizeMax = 8 << 10
    static let checkSize = 3
    private static let numberEnd: UInt64 = 1 << 62

    /// The number of the topic, which no other topic ever gets.
    package let topic: UInt32
    package let place: Place

    package init(topic: UInt32, _ place: Place) {
        self.topic = topic
        self.place = place
    }

    /// Behind the message that was published at `offset`, in a topic of `count` partitions.
    package static func after(
        partition: UInt32, offset: Int, of topic: UInt32, count: Int, logTime: Int
    ) -> Cursor {
        let place = Place.published(
            count: count, partition: partition, offset: offset + 1, logTime: max(logTime, 0))
        return Cursor(topic: topic, place)
    }
}

// MARK: Reading

extension Cursor {
    /// Reads what a client sent; nil for anything that was never given out.
    package init?(reading text: Span<UInt8>) {
        guard text.count <= Self.textSizeMax, let plain = Base64.url.decode(text),
            plain.count > Self.checkSize
        else { return nil }
        let end = plain.count - Self.checkSize
        let sum = CRC32C.of(plain.span.extracting(0..<end))
        for index in 0..<Self.checkSize
        where plain[end + index] != UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) {
            return nil
        }
        var numbers = NumberCursor(end: end)
        guard let kind = numbers.next(plain), let topic = numbers.next(plain),
            let topic = UInt32(exactly: topic),
            let place = Self.place(kind, &numbers, plain), numbers.isAtEnd
        else { return nil }
        self.init(topic: topic, place)
    }

    private static func place(
        _ kind: Int, _ numbers: inout NumberCursor, _ plain: [UInt8]
    ) -> Place? {
        switch kind {
        case 1:
            guard let count = numbers.next(plain), 1...partitionsMax ~= count else { return nil }
            var offsets: [Int] = []
            for _ in 0..<count {
                guard let offset = numbers.next(plain) else { return nil }
                offsets.append(offset)
            }
            return .all(offsets)
        case 2:
            guard let partition = numbers.next(plain), partition < partitionsMax,
                let offset = numbers.next(plain)
            else { return nil }
            return .one(partition: UInt32(partition), offset: offset)
        case 3:
            guard let count = numbers.next(plain), 1...partitionsMax ~= count,
                let partition = numbers.next(plain), partition < count,
                let offset = numbers.next(plain), let logTime = numbers.next(plain)
            else { return nil }
            return .published(
                count: count, partition: UInt32(partition), offset: offset, logTime: logTime)
        default: return nil
        }
    }

    private struct NumberCursor {
        private var place = 0
        private let end: Int

        init(end: Int) { self.end = end }

        var isAtEnd: Bool { place == end }

        mutating func next(_ plain: [UInt8]) -> Int? {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while place < end, shift < 63 {
                let byte = plain[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte & 0x80 == 0 {
                    let isShortest = byte != 0 || shift == 0
                    return isShortest && value < Cursor.numberEnd ? Int(value) : nil
                }
                shift += 7
            }
            return nil
        }
    }
}
