import Bytes
package import Records

/// Finds entries of a sealed segment in its index file, with the fences in memory.
package struct IndexReader<File: LogFile> {
    private let file: File
    private var fences: [IndexKey] = []
    package let entryCount: Int
    /// Position behind the seal of the segment.
    package let end: Int

    /// Opens the index of `segment`; anything but its own, whole, is refused.
    package init(_ file: File, of segment: SegmentHeader) throws(LogError) {
        self.file = file
        let header = try Self.block(0, of: file)
        let bytes = header.span
        guard bytes.matches(IndexFormat.magic, at: 0) else { throw .damaged(.index) }
        guard bytes[8] == LogFormat.formatVersion else {
            throw .unsupported(.index, version: bytes[8])
        }
        guard bytes.position(at: 16) == segment.start,
            bytes.uint32(at: 12) == segment.salt
        else { throw .foreign(.index) }
        let entryBlocks = Int(bytes.uint32(at: 40))
        let fenceBlocks = Int(bytes.uint32(at: 44))
        guard let count = bytes.position(at: 32),
            let end = bytes.position(at: 24),
            entryBlocks == (count + LogFormat.indexEntriesPerBlock - 1)
                / LogFormat.indexEntriesPerBlock,
            fenceBlocks == (entryBlocks + LogFormat.fencesPerBlock - 1) / LogFormat.fencesPerBlock,
            file.size == (1 + entryBlocks + fenceBlocks) * LogFormat.blockSize
        else { throw .damaged(.index) }
        entryCount = count
        self.end = end
        try loadFences(entryBlocks)
    }

    /// The entry that holds `offset`, or the first one behind it.
    package func entry(
        of partition: PartitionID, at offset: Int
    ) throws(LogError) -> IndexEntry? {
        let key = IndexKey(partition: partition, offset: offset)
        // The last block that starts at or before the offset, or else the one behind it.
        let behind = fences.partitioned { $0 > key }
        for block in max(behind - 1, 0)..<min(behind + 1, fences.count) {
            let found = try entries(in: block).first {
                $0.partition == partition && $0.entry.endOffset > offset
            }
            if let found { return found.entry }
        }
        return nil
    }

    /// Some entries in a row: from the one that holds `offset`, or the first one behind it, on.
    package func entries(
        of partition: PartitionID, from offset: Int
    ) throws(LogError) -> [IndexEntry] {
        let key = IndexKey(partition: partition, offset: offset)
        let behind = fences.partitioned { $0 > key }
        for block in max(behind - 1, 0)..<min(behind + 1, fences.count) {
            let found = try entries(in: block).filter {
                $0.partition == partition && $0.entry.endOffset > offset
            }
            if !found.isEmpty { return found.map(\.entry) }
        }
        return []
    }

    /// The first entry of `time` or later.
    package func entry(
        of partition: PartitionID, since time: Int
    ) throws(LogError) -> IndexEntry? {
        // Blocks that begin within the partition; the one before may end in it.
        let first = fences.partitioned { $0.partition >= partition }
        let end = fences.partitioned { $0.partition > partition }
        var (low, high) = (first, end)
        while low < high {
            let middle = (low + high) / 2
            let isEarlier = try entries(in: middle).first.map { $0.entry.maxTime < time } ?? true
            if isEarlier { low = middle + 1 } else { high = middle }
        }
        for block in max(low - 1, 0)..<min(low + 1, fences.count) {
            let found = try entries(in: block).first {
                $0.partition == partition && $0.entry.maxTime >= time
            }
            if let found { return found.entry }
        }
        return nil
    }

    /// The entries of one block, in order.
    package func entries(in block: Int) throws(LogError) -> [KeyedEntry] {
        let count = min(
            LogFormat.indexEntriesPerBlock, entryCount - block * LogFormat.indexEntriesPerBlock)
        return try IndexFormat.entries(in: try Self.block(1 + block, of: file), count: count)
    }

    /// Every entry in order; for the check, and for an index that is made again.
    package func all() throws(LogError) -> [KeyedEntry] {
        var all: [KeyedEntry] = []
        for block in fences.indices { all += try entries(in: block) }
        return all
    }

    private mutating func loadFences(_ entryBlocks: Int) throws(LogError) {
        while fences.count < entryBlocks {
            let index = 1 + entryBlocks + fences.count / LogFormat.fencesPerBlock
            let block = try Self.block(index, of: file)
            for place in 0..<min(LogFormat.fencesPerBlock, entryBlocks - fences.count) {
                guard let key = IndexKey(block.span, at: place * LogFormat.fenceSize) else {
                    throw .damaged(.index)
                }
                fences.append(key)
            }
        }
    }

    private static func block(_ index: Int, of file: File) throws(LogError) -> [UInt8] {
        let start = index * LogFormat.blockSize
        guard start + LogFormat.blockSize <= file.size else { throw .damaged(.index) }
        let block = try file.read(start..<start + LogFormat.blockSize)
        let place = IndexFormat.checksumPlace
        guard
            CRC32C.of(block.span.extracting(0..<place))
                == block.span.uint32(at: place)
        else { throw .damaged(.index) }
        return block
    }
}

extension [IndexKey] {
    /// The index of the first key for which `isIt` holds, as for all behind it; or the count.
    fileprivate func partitioned(by isIt: (IndexKey) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isIt(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
