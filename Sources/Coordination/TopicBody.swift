import Bytes
import CommitLog
import Records
import Wire

/// A topic as bytes, but for its id; in entries and in checkpoints.
enum TopicBody {
    static let fixedSize = 56
    static let growthSize = 10
    /// Stands for "nothing".
    private static let none = UInt64.max

    static func size(of topic: Topic) -> Int {
        fixedSize + topic.name.utf8.count + 2 * topic.shards.count
            + growthSize * topic.growths.count
    }

    static func encode(_ topic: Topic, into bytes: inout [UInt8]) {
        let settings = topic.settings
        precondition(topic.shards.count == settings.partitions, "each partition has a shard")
        bytes.append(littleEndian: UInt64(topic.createdAt))
        bytes.append(littleEndian: settings.retention.map { UInt64($0) } ?? none)
        bytes.append(littleEndian: settings.retentionBytes.map { UInt64($0) } ?? none)
        bytes.append(littleEndian: settings.backlogMax.map { UInt64($0) } ?? none)
        bytes.append(littleEndian: UInt64(settings.dedupWindow))
        bytes.append(littleEndian: UInt64(settings.messageSizeMax))
        bytes.append(number(of: settings.durability))
        bytes.append(number(of: settings.compression))
        bytes.append(littleEndian: UInt16(topic.shards.count))
        bytes.append(littleEndian: UInt16(topic.name.utf8.count))
        bytes.append(littleEndian: UInt16(topic.growths.count))
        bytes.append(contentsOf: topic.name.utf8)
        for shard in topic.shards { bytes.append(littleEndian: shard) }
        for growth in topic.growths {
            bytes.append(littleEndian: UInt16(growth.partitions))
            bytes.append(littleEndian: UInt64(growth.at))
        }
    }

    /// Reads a topic at the beginning of `bytes`.
    static func decode(_ bytes: Span<UInt8>, id: UInt32) throws(LogError) -> Topic {
        guard bytes.count >= fixedSize, let durability = durability(bytes[48]),
            let compression = compression(bytes[49])
        else { throw .damaged(.frame) }
        let count = Int(bytes.uint16(at: 50))
        let nameEnd = fixedSize + Int(bytes.uint16(at: 52))
        let shardsEnd = nameEnd + 2 * count
        let growthsEnd = shardsEnd + growthSize * Int(bytes.uint16(at: 54))
        guard growthsEnd <= bytes.count else { throw .damaged(.frame) }
        var growths: [TopicGrowth] = []
        for place in stride(from: shardsEnd, to: growthsEnd, by: growthSize) {
            growths.append(
                TopicGrowth(
                    partitions: Int(bytes.uint16(at: place)), at: try number(bytes, at: place + 2)))
        }
        let settings = TopicSettings(
            partitions: count, retention: try optional(bytes, at: 8),
            retentionBytes: try optional(bytes, at: 16),
            messageSizeMax: try number(bytes, at: 40), durability: durability,
            compression: compression, dedupWindow: try number(bytes, at: 32),
            backlogMax: try optional(bytes, at: 24))
        return Topic(
            id: id, name: try text(bytes.extracting(fixedSize..<nameEnd)), settings: settings,
            shards: (0..<count).map { bytes.uint16(at: nameEnd + 2 * $0) },
            createdAt: try number(bytes, at: 0), growths: growths)
    }

    static func text(_ bytes: Span<UInt8>) throws(LogError) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        guard let text = String(validating: copy, as: UTF8.self) else { throw .damaged(.frame) }
        return text
    }

    private static func optional(_ bytes: Span<UInt8>, at place: Int) throws(LogError) -> Int? {
        bytes.uint64(at: place) == none ? nil : try number(bytes, at: place)
    }

    private static func number(_ bytes: Span<UInt8>, at place: Int) throws(LogError) -> Int {
        guard let number = Int(exactly: bytes.uint64(at: place)) else { throw .damaged(.frame) }
        return number
    }

    // The numbers are of the format; the order of the cases is not.

    private static func number(of durability: Durability) -> UInt8 {
        switch durability {
        case .replicated: 0
        case .flushed: 1
        case .buffered: 2
        }
    }

    private static func durability(_ number: UInt8) -> Durability? {
        Durability.allCases.first { Self.number(of: $0) == number }
    }

    private static func number(of compression: Compression) -> UInt8 {
        switch compression {
        case .auto: 0
        case .none: 1
        case .deflate: 2
        }
    }

    private static func compression(_ number: UInt8) -> Compression? {
        Compression.allCases.first { Self.number(of: $0) == number }
    }
}
