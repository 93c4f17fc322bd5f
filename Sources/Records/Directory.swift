// The directory of a batch: columns of fixed width, one number a record in each. It is what storage
// reads instead of the records.

internal import Bytes

/// What the directory knows of one record.
package struct DirectoryEntry: Equatable, Sendable {
    /// Of the record in the raw payload.
    package var size = 0
    package var flags: RecordFlags = []
    package var keyHash: UInt32 = 0
    package var attributeMask: UInt32 = 0
    package var idempotencyHash: UInt64 = 0
    package var fingerprint: UInt32 = 0
    package var ttl: UInt64 = 0
    package var delay: UInt64 = 0

    /// When the record stops to be delivered, if its batch was appended at `logTime`.
    package func expiry(appendedAt logTime: UInt64) -> UInt64? {
        flags.contains(.hasTTL) ? Self.sum(logTime, ttl) : nil
    }

    /// Before when nobody sees the record, if its batch was appended at `logTime`.
    package func due(appendedAt logTime: UInt64) -> UInt64? {
        guard flags.contains(.hasDelay) else { return nil }
        return flags.contains(.delayIsDate) ? delay : Self.sum(logTime, delay)
    }

    /// A duration from a stranger may be anything.
    private static func sum(_ date: UInt64, _ duration: UInt64) -> UInt64 {
        let (sum, overflow) = date.addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}

/// Where the columns of a directory begin, counted from its own beginning.
package struct DirectoryLayout: Equatable, Sendable {
    package static let sizeWidth = 4
    package static let flagsWidth = 1
    package static let keyWidth = 4
    package static let attributeMaskWidth = 4
    package static let idempotencyHashWidth = 8
    package static let fingerprintWidth = 4
    package static let ttlWidth = 8
    package static let delayWidth = 8

    let flags: Int
    let keys: Int?
    let attributeMasks: Int?
    let idempotencyHashes: Int?
    let fingerprints: Int?
    let ttls: Int?
    let delays: Int?
    /// Of the directory in bytes.
    package let size: Int

    package init(count: Int, columns: BatchAttributes) {
        var end = count * (Self.sizeWidth + Self.flagsWidth)
        func column(_ width: Int, _ isThere: Bool) -> Int? {
            guard isThere else { return nil }
            defer { end += count * width }
            return end
        }
        flags = count * Self.sizeWidth
        keys = column(Self.keyWidth, columns.contains(.keys))
        attributeMasks = column(Self.attributeMaskWidth, columns.contains(.attributeMasks))
        idempotencyHashes = column(Self.idempotencyHashWidth, columns.contains(.idempotency))
        fingerprints = column(Self.fingerprintWidth, columns.contains(.idempotency))
        ttls = column(Self.ttlWidth, columns.contains(.ttl))
        delays = column(Self.delayWidth, columns.contains(.delay))
        size = end
    }

    func recordSize(_ index: Int, _ directory: Span<UInt8>) -> Int {
        Int(directory.uint32(at: index * Self.sizeWidth))
    }

    func recordFlags(_ index: Int, _ directory: Span<UInt8>) -> RecordFlags {
        RecordFlags(rawValue: directory[flags + index])
    }

    func entry(_ index: Int, _ directory: Span<UInt8>) -> DirectoryEntry {
        DirectoryEntry(
            size: recordSize(index, directory), flags: recordFlags(index, directory),
            keyHash: uint32(keys, index, directory),
            attributeMask: uint32(attributeMasks, index, directory),
            idempotencyHash: uint64(idempotencyHashes, index, directory),
            fingerprint: uint32(fingerprints, index, directory),
            ttl: uint64(ttls, index, directory), delay: uint64(delays, index, directory))
    }

    func uint32(_ column: Int?, _ index: Int, _ directory: Span<UInt8>) -> UInt32 {
        guard let column else { return 0 }
        return directory.uint32(at: column + index * 4)
    }

    func uint64(_ column: Int?, _ index: Int, _ directory: Span<UInt8>) -> UInt64 {
        guard let column else { return 0 }
        return directory.uint64(at: column + index * 8)
    }
}

extension DirectoryLayout {
    /// Appends the columns that `columns` names.
    static func append(
        _ entries: [DirectoryEntry], _ columns: BatchAttributes, to bytes: inout [UInt8]
    ) {
        bytes.append(column: entries, sizeWidth) { $0.append(littleEndian: UInt32($1.size)) }
        bytes.append(column: entries, flagsWidth) { $0.append($1.flags.rawValue) }
        if columns.contains(.keys) {
            bytes.append(column: entries, keyWidth) { $0.append(littleEndian: $1.keyHash) }
        }
        if columns.contains(.attributeMasks) {
            bytes.append(column: entries, attributeMaskWidth) {
                $0.append(littleEndian: $1.attributeMask)
            }
        }
        if columns.contains(.idempotency) {
            bytes.append(column: entries, idempotencyHashWidth) {
                $0.append(littleEndian: $1.idempotencyHash)
            }
            bytes.append(column: entries, fingerprintWidth) {
                $0.append(littleEndian: $1.fingerprint)
            }
        }
        if columns.contains(.ttl) {
            bytes.append(column: entries, ttlWidth) { $0.append(littleEndian: $1.ttl) }
        }
        if columns.contains(.delay) {
            bytes.append(column: entries, delayWidth) { $0.append(littleEndian: $1.delay) }
        }
    }
}

extension [UInt8] {
    /// Appends a number of `width` bytes for each of the entries.
    @inline(__always)
    fileprivate mutating func append(
        column entries: [DirectoryEntry], _ width: Int,
        _ write: (inout OutputSpan<UInt8>, borrowing DirectoryEntry) -> Void
    ) {
        append(addingCapacity: entries.count * width) { column in
            for index in entries.indices { write(&column, entries[index]) }
        }
    }
}
