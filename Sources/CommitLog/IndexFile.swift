// The index of a sealed segment, as in docs/log-format.md: a row of blocks, each with its checksum.
//
//     block 0   0 magic  8 version  12 salt  16 start  24 end  32 entryCount  40 entryBlocks
//              44 fenceBlocks
//     entry     0 topic  4 partition  8 baseOffset  16 maxTime  24 place  28 size  32 count  36 flags
//     fence     the first 16 bytes of each block's first entry

import Bytes
package import Records

package enum IndexFormat {
    static let magic: StaticString = "PHINDEX1"
    static let checksumPlace = BlockWriter.checksumPlace

    /// The whole file for the index of a segment that ends at `end`.
    package static func encode(
        _ index: SegmentIndex, of segment: SegmentHeader, end: Int
    ) -> [UInt8] {
        precondition(index.start == segment.start && end <= segment.limit)
        var entries = BlockWriter(perBlock: LogFormat.indexEntriesPerBlock)
        var fences = BlockWriter(perBlock: LogFormat.fencesPerBlock)
        for partition in index.partitions.keys.sorted() {
            for entry in index.partitions[partition] ?? [] {
                if entries.startsBlock {
                    fences.add { append(partition, entry.baseOffset, to: &$0) }
                }
                entries.add { append(partition, entry, to: &$0) }
            }
        }
        let (entryBlocks, fenceBlocks) = (entries.finished(), fences.finished())
        var header = [UInt8](repeating: 0, count: LogFormat.blockSize)
        header.set(magic, at: 0)
        header[8] = LogFormat.formatVersion
        header.set(littleEndian: segment.salt, at: 12)
        header.set(littleEndian: UInt64(segment.start), at: 16)
        header.set(littleEndian: UInt64(end), at: 24)
        header.set(littleEndian: UInt64(index.entryCount), at: 32)
        header.set(littleEndian: UInt32(entryBlocks.count / LogFormat.blockSize), at: 40)
        header.set(littleEndian: UInt32(fenceBlocks.count / LogFormat.blockSize), at: 44)
        header.setChecksum(at: checksumPlace)
        return header + entryBlocks + fenceBlocks
    }

    private static func append(
        _ partition: PartitionID, _ baseOffset: Int, to bytes: inout [UInt8]
    ) {
        bytes.append(littleEndian: partition.topic)
        bytes.append(littleEndian: partition.partition)
        bytes.append(littleEndian: UInt64(baseOffset))
    }

    private static func append(
        _ partition: PartitionID, _ entry: IndexEntry, to bytes: inout [UInt8]
    ) {
        append(partition, entry.baseOffset, to: &bytes)
        bytes.append(littleEndian: UInt64(entry.maxTime))
        bytes.append(littleEndian: entry.place)
        bytes.append(littleEndian: entry.size)
        bytes.append(littleEndian: entry.count)
        bytes.append(littleEndian: entry.flags)
    }

    /// Reads `count` keys and entries out of a block of them.
    static func entries(in block: [UInt8], count: Int) throws(LogError) -> [KeyedEntry] {
        let bytes = block.span
        var entries: [KeyedEntry] = []
        for index in 0..<count {
            let place = index * LogFormat.indexEntrySize
            guard let key = IndexKey(bytes, at: place),
                let maxTime = bytes.position(at: place + 16)
            else { throw .damaged(.index) }
            let entry = IndexEntry(
                baseOffset: key.offset, maxTime: maxTime,
                place: bytes.uint32(at: place + 24),
                size: bytes.uint32(at: place + 28),
                count: bytes.uint32(at: place + 32),
                flags: bytes.uint32(at: place + 36))
            entries.append(KeyedEntry(partition: key.partition, entry: entry))
        }
        return entries
    }
}

/// What index files are sorted by.
struct IndexKey: Comparable {
    let partition: PartitionID
    let offset: Int

    init(partition: PartitionID, offset: Int) {
        self.partition = partition
        self.offset = offset
    }

    init?(_ bytes: Span<UInt8>, at place: Int) {
        guard let offset = bytes.position(at: place + 8) else { return nil }
        partition = PartitionID(
            topic: bytes.uint32(at: place),
            partition: bytes.uint32(at: place + 4))
        self.offset = offset
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.partition, left.offset) < (right.partition, right.offset)
    }
}

/// An entry of an index file, and whose it is.
package struct KeyedEntry: Equatable, Sendable {
    package let partition: PartitionID
    package let entry: IndexEntry

    var key: IndexKey { IndexKey(partition: partition, offset: entry.baseOffset) }
}
