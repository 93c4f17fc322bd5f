// The first 32 bytes of an entry, as in docs/log-format.md:
//
//     0 size    4 type    5 flags    8 topic    12 partition    16 baseOffset    24 count

import Bytes
package import Records

/// What the log has to know about an entry; its body is opaque here.
package struct EntryHead: Equatable, Sendable {
    package var type: UInt8
    package var flags: UInt8
    package var partition: PartitionID
    package var baseOffset: Int
    package var count: UInt32

    /// The entry has offsets, and readers find it by them.
    package static let indexed: UInt8 = 1

    package init(
        type: UInt8, flags: UInt8, partition: PartitionID, baseOffset: Int, count: UInt32
    ) {
        self.type = type
        self.flags = flags
        self.partition = partition
        self.baseOffset = baseOffset
        self.count = count
    }

    package var isIndexed: Bool { flags & Self.indexed != 0 }
    /// The offset behind the last record.
    package var endOffset: Int { baseOffset + Int(count) }

    func encode(size: Int, into bytes: inout [UInt8]) {
        precondition(type != 0 && baseOffset >= 0, "an entry has a type")
        precondition(!isIndexed || count > 0, "what is found by offset has offsets")
        bytes.append(littleEndian: UInt32(size))
        bytes.append(type)
        bytes.append(flags)
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: partition.topic)
        bytes.append(littleEndian: partition.partition)
        bytes.append(littleEndian: UInt64(baseOffset))
        bytes.append(littleEndian: count)
        bytes.append(littleEndian: UInt32(0))
    }
}

/// An entry on its way into the log.
package struct EntryDraft: Sendable {
    package let head: EntryHead
    /// Stands before the rest of the body, so that nobody has to join the two.
    package let prefix: [UInt8]
    package let body: [UInt8]

    package init(_ head: EntryHead, prefix: [UInt8] = [], body: [UInt8] = []) {
        self.head = head
        self.prefix = prefix
        self.body = body
    }

    /// Of the whole entry, head included.
    package var size: Int { LogFormat.entryHeadSize + prefix.count + body.count }
}

/// An entry as it was found in a payload.
package struct EntryPlace: Equatable, Sendable {
    package let head: EntryHead
    /// Where the entry starts: in the payload at first, in the log once its frame has a position.
    package var position: Int
    /// Of the whole entry, head included.
    package let size: Int

    package init(head: EntryHead, position: Int, size: Int) {
        self.head = head
        self.position = position
        self.size = size
    }

    /// Reads the head of the entry at `place`; `bytes` is a whole payload.
    package init(in bytes: Span<UInt8>, at place: Int) throws(FrameFault) {
        guard place + LogFormat.entryHeadSize <= bytes.count else { throw .badEntries }
        let size = Int(bytes.uint32(at: place))
        guard size >= LogFormat.entryHeadSize, size <= bytes.count - place, bytes[place + 4] != 0,
            let baseOffset = bytes.position(at: place + 16)
        else { throw .badEntries }
        let head = EntryHead(
            type: bytes[place + 4], flags: bytes[place + 5],
            partition: PartitionID(
                topic: bytes.uint32(at: place + 8),
                partition: bytes.uint32(at: place + 12)),
            baseOffset: baseOffset, count: bytes.uint32(at: place + 24))
        guard !head.isIndexed || head.count > 0 else { throw .badEntries }
        self.init(head: head, position: place, size: size)
    }

    /// All entries of a payload, which has to be `count` of them and nothing else.
    package static func all(in payload: Span<UInt8>, count: Int) throws(FrameFault) -> [Self] {
        let places = try all(in: payload)
        guard places.count == count else { throw .badEntries }
        return places
    }

    /// All entries of a payload, which has to be nothing else.
    static func all(in payload: Span<UInt8>) throws(FrameFault) -> [Self] {
        var places: [Self] = []
        var place = 0
        while place < payload.count {
            let entry = try Self(in: payload, at: place)
            places.append(entry)
            place += entry.size
        }
        return places
    }
}
