import Records

/// Proves that the offsets of each partition grow without a gap, but for what retention has dropped.
///
/// What was dropped shows only when the whole log was read: so gaps are judged at the end.
struct OffsetCheck {
    /// Gaps that may wait for their judgement; more are taken for damage at once.
    static let doubtsMax = 100_000

    private struct End {
        var offset: Int
        /// Losses before it; offsets that were lost with frames are no second fault.
        var losses: Int
    }

    private struct Doubt {
        let partition: PartitionID
        /// Where retention must have moved the beginning to, if all is well.
        let upTo: Int
        let problem: EntryProblem
    }

    private(set) var problems: [EntryProblem] = []
    private var ends: [PartitionID: End] = [:]
    private var starts: [PartitionID: Int] = [:]
    private var gone: Set<UInt32> = []
    private var losses = 0
    private var doubts: [Doubt] = []

    /// Partitions that have something, and whose topic is not gone.
    var partitions: [PartitionID] {
        ends.keys.filter { !gone.contains($0.topic) }.sorted()
    }

    mutating func lost() { losses += 1 }

    /// Notes an entry with offsets.
    mutating func follow(_ partition: PartitionID, _ offsets: Range<Int>, at position: Int) {
        let end = ends[partition] ?? End(offset: 0, losses: 0)
        ends[partition] = End(offset: offsets.upperBound, losses: losses)
        let problem = EntryProblem.offsets(
            partition, expected: end.offset, found: offsets.lowerBound, position: position)
        if offsets.lowerBound < end.offset {
            doubt(problem, partition, upTo: .max)
        } else if offsets.lowerBound > end.offset, end.losses == losses {
            doubt(problem, partition, upTo: offsets.lowerBound)
        }
    }

    mutating func begin(_ partition: PartitionID, at offset: Int) {
        starts[partition] = max(starts[partition] ?? 0, offset)
        guard let end = ends[partition], end.offset < offset else { return }
        ends[partition] = End(offset: offset, losses: losses)
    }

    mutating func forget(topic: UInt32) { gone.insert(topic) }

    /// Notes something that is wrong unless the topic is gone, or the partition begins behind it.
    mutating func doubt(_ problem: EntryProblem, _ partition: PartitionID, upTo offset: Int) {
        guard doubts.count < Self.doubtsMax else { return problems.append(problem) }
        doubts.append(Doubt(partition: partition, upTo: offset, problem: problem))
    }

    /// Holds what a checkpoint says of partitions against what was read so far.
    mutating func compare(
        _ state: [PartitionID: PartitionState], checkpoint: Int, hasGaps: Bool
    ) {
        let problem = EntryProblem.state(checkpoint: checkpoint)
        for (partition, said) in state {
            begin(partition, at: said.start)
            // Whose entries were all dropped goes on where the checkpoint says.
            let found = ends[partition]
            let isKnown = found?.losses == losses || found == nil && losses == 0
            let known = found?.offset ?? said.start
            if isKnown, known != said.end {
                // What was given up later, an archive may not have any more.
                doubt(problem, partition, upTo: hasGaps && known < said.end ? said.end : .max)
            }
            ends[partition] = End(offset: said.end, losses: losses)
        }
        for partition in ends.keys where state[partition] == nil {
            doubt(problem, partition, upTo: .max)
        }
    }

    /// Judges what was in doubt, once the whole log was read.
    mutating func conclude() {
        for doubt in doubts where !gone.contains(doubt.partition.topic) {
            if doubt.upTo > starts[doubt.partition] ?? 0 { problems.append(doubt.problem) }
        }
        doubts = []
    }
}
