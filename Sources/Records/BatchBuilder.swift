// Collects the records of one partition and encodes them once. A body is copied to its place in the
// batch when it is appended; only compression copies it again.

internal import Bytes

/// Makes one batch after another.
package struct BatchBuilder: Sendable {
    /// A batch that was larger gives its memory back.
    private static let keptCapacityMax = 2 * RecordLimits.rawSizeMax

    private let producer: BatchProducer?
    private let isTransactional: Bool
    /// Room for the header, and the records so far.
    private var bytes: [UInt8] = []
    private var entries: [DirectoryEntry] = []
    private var columns: BatchAttributes = []
    private var baseTime: UInt64 = 0
    /// Of the last batch; the next is likely to be like it.
    private var lastSize = 0

    /// `producer` is who numbers the records, if anybody does.
    package init(producer: BatchProducer? = nil, isTransactional: Bool = false) {
        self.producer = producer
        self.isTransactional = isTransactional
    }

    /// The records so far.
    package var count: Int { entries.count }

    package var isEmpty: Bool { entries.isEmpty }

    /// The size of the records so far.
    package var rawSize: Int { isEmpty ? 0 : bytes.count - BatchHeader.size }

    /// Appends `record`; returns false, having done nothing, if it has to begin another batch.
    package mutating func append(_ record: borrowing RecordDraft) throws(RecordsError) -> Bool {
        try record.check()
        precondition(record.time < RecordLimits.numberEnd, "a publish time is a date")
        if entries.isEmpty { begin(at: record.time) }
        let time = UInt32(clamping: record.time < baseTime ? 0 : record.time - baseTime)
        let size = record.encodedSize(time: time)
        guard size <= RecordLimits.recordSizeMax else {
            throw .tooLarge(.record, limit: RecordLimits.recordSizeMax)
        }
        guard hasRoom(size, isDelayed: record.delay != nil) else { return false }
        record.append(time: time, to: &bytes)
        let entry = record.entry(size: size)
        columns.formUnion(entry.flags.columns)
        entries.append(entry)
        assert(rawSize <= BatchHeader.rawSizeMax(count: count))
        return true
    }

    private mutating func begin(at time: UInt64) {
        baseTime = time
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacityMax)
        bytes.reserveCapacity(min(lastSize, Self.keptCapacityMax))
        bytes.append(contentsOf: BatchHeader.room)
    }

    private func hasRoom(_ size: Int, isDelayed: Bool) -> Bool {
        if entries.isEmpty { return true }
        // Records without a delay get their offsets together, so they cannot share with others.
        return count < RecordLimits.recordCountMax && rawSize + size <= RecordLimits.rawSizeMax
            && isDelayed == columns.contains(.delay)
    }

    /// The whole batch, without a place in a log; the builder is empty then.
    package mutating func encode(
        _ compression: Compression, with compressor: inout BatchCompressor
    ) -> [UInt8] {
        precondition(!entries.isEmpty, "a batch has at least one record")
        var header = header()
        let room = header.directorySize
        lastSize = bytes.count + room
        var batch: [UInt8]
        if compressor.deflate(bytes, compression, room: room) {
            batch = compressor.takeOutput()
            header.attributes = header.attributes.with(.deflate)
        } else {
            batch = []
            swap(&batch, &bytes)
        }
        header.storedSize = batch.count - BatchHeader.size
        DirectoryLayout.append(entries, columns, to: &batch)
        header.write(to: &batch)
        batch.set(littleEndian: batchChecksum(batch.span), at: BatchHeader.Place.checksum)
        reset()
        return batch
    }

    private func header() -> BatchHeader {
        var header = BatchHeader()
        header.attributes = columns
        if columns.contains(.delay) { header.attributes.insert(.delayed) }
        if isTransactional { header.attributes.insert(.transactional) }
        if let producer {
            header.attributes.insert(.sequenced)
            header.producer = producer
        }
        header.baseTime = baseTime
        header.count = count
        header.rawSize = rawSize
        header.directorySize = DirectoryLayout(count: count, columns: columns).size
        return header
    }

    private mutating func reset() {
        entries.removeAll(keepingCapacity: true)
        columns = []
    }
}

/// The check sum of a batch that begins with `batch` and ends with it.
func batchChecksum(_ batch: Span<UInt8>) -> UInt32 {
    CRC32C.of(batch.extracting(BatchHeader.Place.attributes..<batch.count))
}

extension RecordDraft {
    /// Whether it has nothing but a body, as most have.
    private var isPlain: Bool { key == nil && contentType.isEmpty && attributes.isEmpty }

    func encodedSize(time: UInt32) -> Int {
        if isPlain { return varintSize(Int(time)) + Self.plainParts.count + body.count }
        let keySize = key?.count ?? 0
        var size =
            varintSize(Int(time)) + varintSize(keySize) + keySize + varintSize(contentType.count)
            + contentType.count + varintSize(attributes.count) + body.count
        for attribute in attributes {
            size += varintSize(attribute.name.count) + attribute.name.count
            size += varintSize(attribute.value.count) + attribute.value.count
        }
        return size
    }

    func append(time: UInt32, to bytes: inout [UInt8]) {
        bytes.append(varint: time)
        if isPlain {
            bytes.append(contentsOf: Self.plainParts)
            return bytes.append(contentsOf: body)
        }
        if let key { bytes.append(sized: key) } else { bytes.append(varint: 0) }
        bytes.append(sized: contentType)
        bytes.append(varint: UInt32(attributes.count))
        for attribute in attributes {
            bytes.append(sized: attribute.name)
            bytes.append(sized: attribute.value)
        }
        bytes.append(contentsOf: body)
    }
}

extension RecordDraft {
    /// No key, no content type and no attributes.
    private static let plainParts: [UInt8] = [0, 0, 0]
}

extension [UInt8] {
    /// Appends the size of `part` and then `part`.
    fileprivate mutating func append(sized part: ArraySlice<UInt8>) {
        append(varint: UInt32(part.count))
        if !part.isEmpty { append(contentsOf: part) }
    }
}
