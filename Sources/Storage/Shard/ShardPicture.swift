package import CommitLog
import Delivery
package import Records
package import Wire

/// All that a shard's log came to, to be compared with what another reading of it comes to.
package struct ShardPicture: Equatable, Sendable {
    package struct Partition: Equatable, Sendable {
        package let start: Int
        package let end: Int
        package let bytes: Int
    }

    package let partitions: [PartitionID: Partition]
    /// Sealed ones, with what is in them.
    package let segments: [SegmentSummary]
    package let goneTopics: Set<UInt32>
    /// Records that wait, by the position of their entry: when each falls due.
    package let held: [Int: [Int?]]
    /// For each batch that spans shards and waits for its decision, the positions of its parts.
    package let undecided: [SpreadID: [Int]]
    /// Segments that are kept for bodies that are pointed to.
    package let pointed: [Int: [PartitionID: Int]]
    /// What the groups have come to, as a checkpoint has it.
    package let groups: [UInt8]
}

extension Shard {
    package var picture: ShardPicture {
        ShardPicture(
            partitions: state.partitions.mapValues {
                ShardPicture.Partition(start: $0.start, end: $0.end, bytes: $0.bytes)
            },
            segments: state.retention.segments, goneTopics: state.retention.deletedTopics,
            held: state.held.batches.mapValues(\.dues), undecided: state.spreads.positions,
            pointed: state.held.pointed, groups: groupsBody)
    }
}

/// What a shard has in memory, in bytes but for the files.
package struct ShardMemory: Equatable, Sendable {
    package let tail: Int
    package let index: Int
    package let waiting: Int
    package let openFiles: Int
}

extension Shard {
    package var memory: ShardMemory {
        ShardMemory(
            tail: tail.size, index: state.indexes.entryBytes, waiting: log.waitingBytes,
            openFiles: files.count)
    }
}
