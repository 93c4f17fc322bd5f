// The sections of a shard's checkpoints, as in docs/log-format.md:
//
//     16 partitions    for each  0 topic  4 partition  8 start  16 end
//     17 gone topics   for each  0 topic
//     18 held batches  for each  0 position  8 topic  12 partition  16 size  20 count, then dates
//     19 pointed to    for each  0 segment  8 topic  12 partition  16 end
//     20 known keys    as DedupBook has them
//     21 to 23         spread batches that wait, that are shown, and that are refused, as SpreadLedger
//                      has them
//     24 groups        as GroupBook has them

import Bytes
import CommitLog
import Delivery
import Groups
import Records

enum StateSection {
    static let partitions = CheckpointSection.state
    static let goneTopics = CheckpointSection.state + 1
    static let held = CheckpointSection.state + 2
    static let pointed = CheckpointSection.state + 3
    static let dedup = CheckpointSection.state + 4
    static let waitingSpreads = CheckpointSection.state + 5
    static let shownSpreads = CheckpointSection.state + 6
    static let refusedSpreads = CheckpointSection.state + 7
    static let groups = CheckpointSection.state + 8
    static let partitionSize = 24
}

extension ShardState {
    /// What the fold has come to, as a file keeps it.
    func checkpoint(of shard: UInt32, groups: [UInt8]) -> Checkpoint {
        Checkpoint(
            shard: shard, position: folded.position, logTime: folded.logTime, epoch: folded.epoch,
            previousCRC: folded.previousCRC,
            sections: [
                CheckpointSection(
                    kind: CheckpointSection.epochs, body: EpochStart.encode(epochs)),
                CheckpointSection(
                    kind: CheckpointSection.segments,
                    body: SegmentSummary.encode(retention.segments)),
                CheckpointSection(kind: StateSection.partitions, body: partitionsBody),
                CheckpointSection(kind: StateSection.goneTopics, body: goneTopicsBody),
                CheckpointSection(kind: StateSection.held, body: held.batchesBody),
                CheckpointSection(kind: StateSection.pointed, body: held.pointedBody),
                CheckpointSection(kind: StateSection.dedup, body: dedup.body),
                CheckpointSection(kind: StateSection.waitingSpreads, body: spreads.waitingBody),
                CheckpointSection(kind: StateSection.shownSpreads, body: spreads.shownBody),
                CheckpointSection(kind: StateSection.refusedSpreads, body: spreads.refusedBody),
                CheckpointSection(kind: StateSection.groups, body: groups),
            ])
    }

    private var partitionsBody: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(partitions.count * StateSection.partitionSize)
        for (partition, state) in partitions.sorted(by: { $0.key < $1.key }) {
            bytes.append(littleEndian: partition.topic)
            bytes.append(littleEndian: partition.partition)
            bytes.append(littleEndian: UInt64(state.start))
            bytes.append(littleEndian: UInt64(state.end))
        }
        return bytes
    }

    private var goneTopicsBody: [UInt8] {
        var bytes: [UInt8] = []
        for topic in retention.deletedTopics.sorted() { bytes.append(littleEndian: topic) }
        return bytes
    }

    /// The state that a checkpoint tells, whose segments are `summaries`.
    init(
        _ checkpoint: Checkpoint, summaries: [SegmentSummary], _ limits: ShardLimits
    ) throws(LogError) {
        guard let shard = UInt16(exactly: checkpoint.shard) else { throw .damaged(.checkpoint) }
        self.init(
            of: shard,
            folded: FoldEnd(
                position: checkpoint.position, previousCRC: checkpoint.previousCRC,
                epoch: checkpoint.epoch, logTime: checkpoint.logTime),
            summaries: summaries, limits)
        epochs = try EpochStart.decode(checkpoint.section(CheckpointSection.epochs) ?? [])
        try takeGoneTopics(checkpoint.section(StateSection.goneTopics) ?? [])
        held = try HeldBatches(
            batches: checkpoint.section(StateSection.held) ?? [],
            pointed: checkpoint.section(StateSection.pointed) ?? [])
        dedup = try DedupBook(checkpoint.section(StateSection.dedup) ?? [], limits.dedup)
        spreads = try SpreadLedger(
            of: shard, refusedMax: limits.refusedMax,
            waiting: checkpoint.section(StateSection.waitingSpreads) ?? [],
            shown: checkpoint.section(StateSection.shownSpreads) ?? [],
            refused: checkpoint.section(StateSection.refusedSpreads) ?? [])
        try takeGroups(checkpoint.section(StateSection.groups) ?? [])
        try takePartitions(checkpoint.section(StateSection.partitions) ?? [])
        for summary in retention.segments {
            for (partition, run) in summary.runs {
                guard let start = partitions[partition]?.start, run.endOffset > start else {
                    continue
                }
                partitions[partition]?.bytes += run.bytes
                partitions[partition]?.sealed(run, in: summary.start)
            }
        }
    }

    private mutating func takePartitions(_ body: [UInt8]) throws(LogError) {
        let size = StateSection.partitionSize
        guard body.count % size == 0 else { throw .damaged(.checkpoint) }
        for place in stride(from: 0, to: body.count, by: size) {
            let partition = PartitionID(
                topic: body.span.uint32(at: place), partition: body.span.uint32(at: place + 4))
            guard let start = Int(exactly: body.span.uint64(at: place + 8)),
                let end = Int(exactly: body.span.uint64(at: place + 16)), start <= end
            else { throw .damaged(.checkpoint) }
            var state = PartitionState()
            (state.start, state.end) = (start, end)
            partitions[partition] = state
            if start > 0 {
                retention.begin(partition, at: start)
                groups?.trim(partition, to: start)
            }
        }
    }

    private mutating func takeGoneTopics(_ body: [UInt8]) throws(LogError) {
        guard body.count % 4 == 0 else { throw .damaged(.checkpoint) }
        for place in stride(from: 0, to: body.count, by: 4) {
            retention.delete(topic: body.span.uint32(at: place))
        }
    }
}
