package import Records

/// Where one entry with offsets stands: 32 bytes in memory.
package struct IndexEntry: Equatable, Sendable {
    package let baseOffset: Int
    /// Log time of the frame.
    package let maxTime: Int
    /// Of the entry in its segment.
    package let place: UInt32
    package let size: UInt32
    package let count: UInt32
    package let flags: UInt32

    package init(
        baseOffset: Int, maxTime: Int, place: UInt32, size: UInt32, count: UInt32, flags: UInt32
    ) {
        self.baseOffset = baseOffset
        self.maxTime = maxTime
        self.place = place
        self.size = size
        self.count = count
        self.flags = flags
    }

    package var endOffset: Int { baseOffset + Int(count) }
}

/// The index of a segment that is being written: a sorted array a partition.
///
/// It takes committed entries only, so whatever it finds may be shown.
package struct SegmentIndex: Sendable {
    package let start: Int
    package private(set) var partitions: [PartitionID: [IndexEntry]] = [:]
    package private(set) var entryCount = 0

    package init(start: Int) {
        self.start = start
    }

    /// What the entries take in memory, the maps that hold them not counted.
    package var entryBytes: Int { entryCount * MemoryLayout<IndexEntry>.stride }

    package mutating func note(_ entry: EntryPlace, logTime: Int) {
        let isNoted = take(entry, logTime: logTime)
        precondition(isNoted, "offsets of a partition grow")
    }

    /// Notes an entry whose offsets follow those that its partition has here; else says no.
    package mutating func take(_ entry: EntryPlace, logTime: Int) -> Bool {
        guard entry.head.isIndexed else { return true }
        let place = entry.position - start
        precondition(place > 0 && place < LogFormat.segmentCapacityMax, "an entry of this segment")
        let new = IndexEntry(
            baseOffset: entry.head.baseOffset, maxTime: logTime, place: UInt32(place),
            size: UInt32(entry.size), count: entry.head.count, flags: UInt32(entry.head.flags))
        guard partitions[entry.head.partition, default: []].take(new) else { return false }
        entryCount += 1
        return true
    }

    /// Whether the entry's offsets follow those that its partition has here.
    package func accepts(_ entry: EntryPlace) -> Bool {
        guard entry.head.isIndexed, let last = partitions[entry.head.partition]?.last else {
            return true
        }
        return last.endOffset <= entry.head.baseOffset
    }

    /// The entry that holds `offset`, or the first one behind it.
    package func entry(of partition: PartitionID, at offset: Int) -> IndexEntry? {
        guard let entries = partitions[partition] else { return nil }
        let index = entries.place { $0.endOffset > offset }
        return index < entries.count ? entries[index] : nil
    }

    /// The entries from the one that holds `offset`, or the first one behind it, on.
    package func entries(of partition: PartitionID, from offset: Int) -> ArraySlice<IndexEntry> {
        guard let entries = partitions[partition] else { return [] }
        return entries[entries.place { $0.endOffset > offset }...]
    }

    /// The first entry of `time` or later.
    package func entry(of partition: PartitionID, since time: Int) -> IndexEntry? {
        guard let entries = partitions[partition] else { return nil }
        let index = entries.place { $0.maxTime >= time }
        return index < entries.count ? entries[index] : nil
    }

    /// What stays in memory, and in checkpoints, once the segment is sealed.
    package func summary(of segment: SegmentHeader, end: Int) -> SegmentSummary {
        precondition(segment.start == start)
        var runs: [PartitionID: PartitionRun] = [:]
        for (partition, entries) in partitions {
            guard let first = entries.first, let last = entries.last else { continue }
            runs[partition] = PartitionRun(
                firstOffset: first.baseOffset, endOffset: last.endOffset,
                bytes: entries.reduce(0) { $0 + Int($1.size) }, maxTime: last.maxTime)
        }
        return SegmentSummary(start: start, capacity: segment.capacity, end: end, runs: runs)
    }
}

extension [IndexEntry] {
    fileprivate mutating func take(_ entry: IndexEntry) -> Bool {
        if let last, last.endOffset > entry.baseOffset { return false }
        append(entry)
        return true
    }

    /// The index of the first entry for which `isIt` holds, as for all behind it; or the count.
    func place(where isIt: (IndexEntry) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isIt(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
