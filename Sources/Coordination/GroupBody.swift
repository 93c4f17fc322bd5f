import Bytes
import CommitLog
import Wire

/// A group as bytes, but for its id; in entries and in checkpoints.
enum GroupBody {
    static let fixedSize = 64
    private static let none = UInt64.max

    static func encode(_ group: GroupDefinition, into bytes: inout [UInt8]) {
        let options = group.options
        let topic = options.deadLetterTopic ?? ""
        bytes.append(littleEndian: UInt64(group.createdAt))
        bytes.append(littleEndian: UInt64(options.lease))
        append(options.lifetime, to: &bytes)
        append(options.inFlightMax, to: &bytes)
        append(options.inFlightPerConsumerMax, to: &bytes)
        append(options.rate, to: &bytes)
        bytes.append(littleEndian: UInt32(options.attemptsMax))
        bytes.append(place(of: options.ordering))
        bytes.append(place(of: options.onDead))
        bytes.append(place(of: options.expired))
        bytes.append(UInt8(options.backoff.count))
        bytes.append(littleEndian: UInt16(group.name.utf8.count))
        bytes.append(littleEndian: UInt16(options.filter.utf8.count))
        bytes.append(littleEndian: UInt16(topic.utf8.count))
        bytes.append(littleEndian: UInt16(group.attachments.count))
        bytes.append(contentsOf: group.name.utf8)
        bytes.append(contentsOf: options.filter.utf8)
        bytes.append(contentsOf: topic.utf8)
        for pause in options.backoff { bytes.append(littleEndian: UInt64(pause)) }
        options.start.encode(into: &bytes)
        for attachment in group.attachments {
            bytes.append(littleEndian: attachment.topic)
            bytes.append(littleEndian: UInt64(attachment.since))
            attachment.start.encode(into: &bytes)
        }
    }

    /// Reads a group from `bytes`, of which nothing may be left.
    static func decode(_ bytes: Span<UInt8>, id: UInt32) throws(LogError) -> GroupDefinition {
        var reader = BodyReader()
        let createdAt = try reader.number(bytes)
        var options = GroupOptions()
        options.lease = try reader.number(bytes)
        options.lifetime = try reader.optional(bytes)
        options.inFlightMax = try reader.optional(bytes)
        options.inFlightPerConsumerMax = try reader.optional(bytes)
        options.rate = try reader.optional(bytes)
        options.attemptsMax = Int(try reader.uint32(bytes))
        options.ordering = try choice(try reader.uint8(bytes))
        options.onDead = try choice(try reader.uint8(bytes))
        options.expired = try choice(try reader.uint8(bytes))
        let pauses = Int(try reader.uint8(bytes))
        let nameSize = Int(try reader.uint16(bytes))
        let filterSize = Int(try reader.uint16(bytes))
        let topicSize = Int(try reader.uint16(bytes))
        let attachmentCount = Int(try reader.uint16(bytes))
        let name = try reader.text(nameSize, bytes)
        options.filter = try reader.text(filterSize, bytes)
        options.deadLetterTopic = topicSize == 0 ? nil : try reader.text(topicSize, bytes)
        options.backoff = []
        for _ in 0..<pauses { options.backoff.append(try reader.number(bytes)) }
        options.start = try GroupStart(&reader, bytes)
        var attachments: [GroupAttachment] = []
        for _ in 0..<attachmentCount {
            attachments.append(
                GroupAttachment(
                    topic: try reader.uint32(bytes), since: try reader.number(bytes),
                    start: try GroupStart(&reader, bytes)))
        }
        guard reader.place == bytes.count else { throw .damaged(.frame) }
        return GroupDefinition(
            id: id, name: name, options: options, attachments: attachments, createdAt: createdAt)
    }

    private static func append(_ bound: Int?, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: bound.map { UInt64($0) } ?? none)
    }

    // The numbers are of the format: a case never moves, and new ones come behind.

    private static func place<Choice: CaseIterable & Equatable>(of choice: Choice) -> UInt8 {
        UInt8(Array(Choice.allCases).firstIndex(of: choice) ?? 0)
    }

    private static func choice<Choice: CaseIterable>(
        _ number: UInt8
    ) throws(LogError) -> Choice {
        let all = Array(Choice.allCases)
        guard Int(number) < all.count else { throw .damaged(.frame) }
        return all[Int(number)]
    }
}

// A start: kind 1 {0 earliest, 1 latest}, {2, time 8}, {3, topic 4, count 4, offset 8 each}, or
// {4, topic 4, count 4, partition 4, offset 8, logTime 8}.
extension GroupStart {
    fileprivate func encode(into bytes: inout [UInt8]) {
        switch self {
        case .earliest: bytes.append(0)
        case .latest: bytes.append(1)
        case .time(let time):
            bytes.append(2)
            bytes.append(littleEndian: UInt64(max(0, time)))
        case .cursor(let cursor): Self.encode(cursor, into: &bytes)
        }
    }

    private static func encode(_ cursor: GroupCursor, into bytes: inout [UInt8]) {
        switch cursor.place {
        case .all(let offsets):
            bytes.append(3)
            bytes.append(littleEndian: cursor.topic)
            bytes.append(littleEndian: UInt32(offsets.count))
            for offset in offsets { bytes.append(littleEndian: UInt64(offset)) }
        case .published(let count, let partition, let offset, let logTime):
            bytes.append(4)
            bytes.append(littleEndian: cursor.topic)
            bytes.append(littleEndian: UInt32(count))
            bytes.append(littleEndian: partition)
            bytes.append(littleEndian: UInt64(offset))
            bytes.append(littleEndian: UInt64(logTime))
        }
    }

    fileprivate init(_ reader: inout BodyReader, _ bytes: Span<UInt8>) throws(LogError) {
        switch try reader.uint8(bytes) {
        case 0: self = .earliest
        case 1: self = .latest
        case 2: self = .time(try reader.number(bytes))
        case 3:
            let topic = try reader.uint32(bytes)
            var offsets: [Int] = []
            for _ in 0..<(try Self.count(&reader, bytes)) {
                offsets.append(try reader.number(bytes))
            }
            self = .cursor(GroupCursor(topic: topic, .all(offsets)))
        case 4:
            let topic = try reader.uint32(bytes)
            self = .cursor(
                GroupCursor(
                    topic: topic,
                    .published(
                        count: try Self.count(&reader, bytes),
                        partition: try reader.uint32(bytes), offset: try reader.number(bytes),
                        logTime: try reader.number(bytes))))
        default: throw .damaged(.frame)
        }
    }

    private static func count(
        _ reader: inout BodyReader, _ bytes: Span<UInt8>
    ) throws(LogError) -> Int {
        let count = Int(try reader.uint32(bytes))
        guard count <= GroupRules.cursorPartitionsMax else { throw .damaged(.frame) }
        return count
    }
}

/// Reads the fields of a body one behind the other; what lies outside of it is damage.
private struct BodyReader {
    private(set) var place = 0

    private mutating func step(_ size: Int, _ bytes: Span<UInt8>) throws(LogError) -> Int {
        guard bytes.count - place >= size else { throw .damaged(.frame) }
        defer { place += size }
        return place
    }

    mutating func uint8(_ bytes: Span<UInt8>) throws(LogError) -> UInt8 {
        bytes[try step(1, bytes)]
    }

    mutating func uint16(_ bytes: Span<UInt8>) throws(LogError) -> UInt16 {
        bytes.uint16(at: try step(2, bytes))
    }

    mutating func uint32(_ bytes: Span<UInt8>) throws(LogError) -> UInt32 {
        bytes.uint32(at: try step(4, bytes))
    }

    mutating func number(_ bytes: Span<UInt8>) throws(LogError) -> Int {
        guard let number = Int(exactly: bytes.uint64(at: try step(8, bytes))) else {
            throw .damaged(.frame)
        }
        return number
    }

    /// All ones are nothing.
    mutating func optional(_ bytes: Span<UInt8>) throws(LogError) -> Int? {
        let place = try step(8, bytes)
        if bytes.uint64(at: place) == .max { return nil }
        guard let number = Int(exactly: bytes.uint64(at: place)) else { throw .damaged(.frame) }
        return number
    }

    mutating func text(_ size: Int, _ bytes: Span<UInt8>) throws(LogError) -> String {
        let start = try step(size, bytes)
        return try TopicBody.text(bytes.extracting(start..<start + size))
    }
}
