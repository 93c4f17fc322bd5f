// Writes frames: a gateway those of its answers, a client those that it publishes.

internal import Bytes

/// What the receiver of a message is told beside what was published.
package struct Delivery: Sendable {
    package var partition: UInt32
    package var offset: UInt64
    /// Where there is more than one topic.
    package var topic: ArraySlice<UInt8>?
    /// Where the message is leased.
    package var attempt: UInt32?
    package var receipt: ArraySlice<UInt8>?

    package init(partition: UInt32, offset: UInt64) {
        self.partition = partition
        self.offset = offset
    }
}

extension [UInt8] {
    /// Appends `record`, which lies in `bytes`, as a message that is delivered.
    package mutating func appendFrame(
        _ record: RecordView, _ entry: DirectoryEntry, in bytes: [UInt8], _ delivery: Delivery
    ) {
        let start = beginDelivery(delivery.partition, delivery.offset, time: record.time)
        if let topic = delivery.topic { append(.topic, topic) }
        if let attempt = delivery.attempt { append(.attempt, attempt) }
        if let receipt = delivery.receipt { append(.receipt, receipt) }
        if entry.flags.contains(.hasTTL) { append(.ttl, entry.ttl) }
        if let key = record.key { append(.key, bytes[key]) }
        if !record.contentType.isEmpty { append(.contentType, bytes[record.contentType]) }
        var attributes = record.attributes
        while let (name, value) = attributes.next(in: bytes.span) {
            append(RecordAttribute(name: bytes[name], value: bytes[value]))
        }
        append(.body, bytes[record.body])
        endFrame(start)
    }

    /// Appends `record` as a message that is published; its time and hash are not sent.
    package mutating func appendFrame(_ record: RecordDraft, partition: UInt32? = nil) {
        let start = beginFrame(.message)
        if let partition { append(.partition, partition) }
        if let ttl = record.ttl { append(.ttl, ttl) }
        switch record.delay {
        case nil: break
        case .duration(let delay): append(.delay, delay)
        case .date(let date): append(.deliverAt, date)
        }
        if let key = record.key { append(.key, key) }
        if !record.contentType.isEmpty { append(.contentType, record.contentType) }
        for attribute in record.attributes { append(attribute) }
        append(.body, record.body)
        endFrame(start)
    }

    /// Appends `count` records from `first` on of a batch as it rests.
    package mutating func appendFrame(first: Int, count: Int, of batch: ArraySlice<UInt8>) {
        let start = beginFrame(.batch)
        append(littleEndian: UInt32(first))
        append(littleEndian: UInt32(count))
        append(contentsOf: batch)
        endFrame(start)
    }

    /// Appends the end of an answer; `summary` is a JSON object.
    package mutating func appendFrame(summary: ArraySlice<UInt8>) {
        let start = beginFrame(.summary)
        append(contentsOf: summary)
        endFrame(start)
    }

    /// Begins a frame with what every message that is delivered has.
    private mutating func beginDelivery(
        _ partition: UInt32, _ offset: UInt64, time: UInt64
    ) -> Int {
        let start = count
        append(addingCapacity: FrameLayout.headSize + 3 * FrameLayout.fieldHeadSize + 20) { frame in
            frame.append(littleEndian: UInt32(0))
            frame.append(FrameKind.message.rawValue)
            frame.append(.partition, partition)
            frame.append(.offset, offset)
            frame.append(.publishedAt, time)
        }
        return start
    }

    /// Begins a frame and returns where; its size is known at its end.
    private mutating func beginFrame(_ kind: FrameKind) -> Int {
        append(littleEndian: UInt32(0))
        append(kind.rawValue)
        return count - FrameLayout.headSize
    }

    private mutating func endFrame(_ start: Int) {
        set(littleEndian: UInt32(count - start - FrameLayout.sizeWidth), at: start)
    }

    private mutating func append(_ field: FrameField, _ value: ArraySlice<UInt8>) {
        append(addingCapacity: FrameLayout.fieldHeadSize) { frame in
            frame.append(field.rawValue)
            frame.append(littleEndian: UInt32(value.count))
        }
        append(contentsOf: value)
    }

    private mutating func append<Number: FixedWidthInteger & UnsignedInteger>(
        _ field: FrameField, _ value: Number
    ) {
        append(addingCapacity: FrameLayout.fieldHeadSize + Number.bitWidth / 8) { frame in
            frame.append(field, value)
        }
    }

    private mutating func append(_ attribute: RecordAttribute) {
        let (name, value) = (attribute.name, attribute.value)
        append(FrameField.attribute.rawValue)
        append(littleEndian: UInt32(FrameLayout.attributeNameWidth + name.count + value.count))
        append(littleEndian: UInt16(name.count))
        append(contentsOf: name)
        append(contentsOf: value)
    }
}

extension OutputSpan<UInt8> {
    @inline(__always)
    fileprivate mutating func append<Number: FixedWidthInteger & UnsignedInteger>(
        _ field: FrameField, _ value: Number
    ) {
        append(field.rawValue)
        append(littleEndian: UInt32(Number.bitWidth / 8))
        append(littleEndian: value)
    }
}
