package import Records

/// What is to be kept of a segment, as its owner knows.
package struct RewritePlan: Sendable {
    package let segment: SegmentHeader
    /// The runs that are kept; of these all entries with offsets are.
    package let summary: SegmentSummary
    /// Positions of entries without offsets that are kept.
    package let positions: Set<Int>
    /// Partitions whose entries without offsets are all kept.
    package let partitions: Set<PartitionID>
    /// The most that may be left for it to be worth the work.
    package let sizeMax: Int

    package init(
        _ segment: SegmentHeader, _ summary: SegmentSummary, positions: Set<Int>,
        partitions: Set<PartitionID>, sizeMax: Int
    ) {
        precondition(segment.start == summary.start && segment.capacity == summary.capacity)
        self.segment = segment
        self.summary = summary
        self.positions = positions
        self.partitions = partitions
        self.sizeMax = sizeMax
    }

    func keeps(_ entry: EntryPlace) -> Bool {
        if entry.head.isIndexed { return summary.runs[entry.head.partition] != nil }
        return positions.contains(entry.position) || partitions.contains(entry.head.partition)
    }
}

/// What became of a rewriting.
package enum RewriteOutcome: Equatable, Sendable {
    /// The archive stands for the segment now, with so many bytes of entries.
    case archived(dataSize: Int)
    /// So much of it is still wanted that all was left as it is.
    case notWorth
}
