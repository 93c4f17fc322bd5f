// A batch as it rests: its header and directory, without looking into the payload. A view holds
// places and never bytes; the same bytes are handed in with each call.

internal import Bytes

/// A batch whose header and directory were found good.
package struct BatchView: Equatable, Sendable {
    package let header: BatchHeader
    /// Where the batch lies in the bytes.
    package let range: Range<Int>
    private let layout: DirectoryLayout

    /// Reads the batch that begins at `start`; what is behind it does not matter.
    ///
    /// The check sum is a separate question.
    package init(_ bytes: Span<UInt8>, at start: Int = 0) throws(RecordsError) {
        try self.init(knownWhole: bytes, at: start)
        try checkDirectory(bytes)
    }

    /// The same where somebody has looked at the directory already: that takes a step for each record.
    package init(knownWhole bytes: Span<UInt8>, at start: Int) throws(RecordsError) {
        header = try BatchHeader(bytes, at: start)
        guard bytes.count - start >= header.batchSize else { throw .truncated }
        range = start..<start + header.batchSize
        layout = DirectoryLayout(count: header.count, columns: header.attributes)
    }

    /// Where the payload is, compressed or not.
    package var payload: Range<Int> {
        let start = range.lowerBound + BatchHeader.size
        return start..<start + header.storedSize
    }

    /// Where the directory is.
    package var directory: Range<Int> { payload.upperBound..<range.upperBound }

    package var count: Int { header.count }

    /// Whether the directory says more of its records than sizes and flags.
    var hasColumns: Bool { !header.attributes.columns.isEmpty }

    /// Refuses a batch whose bytes are not those that were summed.
    package func checkChecksum(_ bytes: Span<UInt8>) throws(RecordsError) {
        let found = batchChecksum(bytes.extracting(range))
        guard found == header.checksum else {
            throw .badChecksum(stated: header.checksum, found: found)
        }
    }

    /// All that the directory says of the record with the number `index`.
    package func entry(_ index: Int, _ bytes: Span<UInt8>) -> DirectoryEntry {
        precondition(index < count)
        if !hasColumns {
            return DirectoryEntry(size: recordSize(index, bytes), flags: flags(index, bytes))
        }
        return layout.entry(index, bytes.extracting(directory))
    }

    package func flags(_ index: Int, _ bytes: Span<UInt8>) -> RecordFlags {
        precondition(index < count)
        return layout.recordFlags(index, bytes.extracting(directory))
    }

    /// The CRC-32C of the record's key, or 0.
    package func keyHash(_ index: Int, _ bytes: Span<UInt8>) -> UInt32 {
        precondition(index < count)
        return layout.uint32(layout.keys, index, bytes.extracting(directory))
    }

    /// The mask of the record's attributes, or 0.
    package func attributeMask(_ index: Int, _ bytes: Span<UInt8>) -> UInt32 {
        precondition(index < count)
        return layout.uint32(layout.attributeMasks, index, bytes.extracting(directory))
    }

    /// Of the record in the raw payload, in bytes.
    package func recordSize(_ index: Int, _ bytes: Span<UInt8>) -> Int {
        precondition(index < count)
        return layout.recordSize(index, bytes.extracting(directory))
    }
}

extension BatchView {
    /// The sizes make up the payload, and flags and columns agree.
    private func checkDirectory(_ bytes: Span<UInt8>) throws(RecordsError) {
        let directory = bytes.extracting(directory)
        var left = header.rawSize
        var columns: BatchAttributes = []
        var delayedCount = 0
        for index in 0..<count {
            let size = layout.recordSize(index, directory)
            let flags = layout.recordFlags(index, directory)
            guard size >= RecordView.sizeMin, size <= left, flags.isValid,
                header.attributes.isSuperset(of: flags.columns)
            else { throw .badDirectory(record: index) }
            left -= size
            columns.formUnion(flags.columns)
            if flags.contains(.hasDelay) { delayedCount += 1 }
        }
        guard left == 0, columns == header.attributes.columns,
            delayedCount == (header.attributes.contains(.delayed) ? count : 0)
        else { throw .badDirectory(record: count) }
        if columns.isEmpty { return }
        for index in 0..<count where !hasZerosWhereNothingIs(index, directory) {
            throw .badDirectory(record: index)
        }
    }

    private func hasZerosWhereNothingIs(_ index: Int, _ directory: Span<UInt8>) -> Bool {
        let entry = layout.entry(index, directory)
        let flags = entry.flags
        return (flags.contains(.hasKey) || entry.keyHash == 0)
            && (flags.contains(.hasAttributes) || entry.attributeMask == 0)
            && (flags.contains(.hasIdempotency)
                || entry.idempotencyHash == 0 && entry.fingerprint == 0)
            && (flags.contains(.hasTTL) || entry.ttl == 0)
            && (flags.contains(.hasDelay) || entry.delay == 0)
    }
}
