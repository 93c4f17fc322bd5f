// The groups of a shard as a fold of their changes: what a replica keeps, what a start comes to, and what
// a checkpoint has.

package import Records

package struct GroupBook: Sendable {
    package struct Kept: Sendable {
        package internal(set) var settings: GroupSettings
        package internal(set) var partitions: [PartitionID: Progress] = [:]
    }

    package let limits: GroupLimits
    package internal(set) var groups: [UInt32: Kept] = [:]
    /// Where partitions begin, if not at 0.
    var starts: [PartitionID: Int] = [:]

    package init(_ limits: GroupLimits = GroupLimits()) {
        self.limits = limits
    }

    /// Reads a checkpoint, or folds the body of an entry.
    package mutating func apply(_ bytes: Span<UInt8>) throws(GroupsError) {
        for change in try PlacedChange.all(in: bytes) { apply(change) }
    }

    /// Folds a change; one of a group that is gone does nothing.
    package mutating func apply(_ placed: PlacedChange) {
        switch (placed.change, placed.partition) {
        case (.set(let settings), _):
            if groups[placed.group] == nil { groups[placed.group] = Kept(settings: settings) }
            groups[placed.group]?.settings = settings
        case (.gone, _): groups[placed.group] = nil
        case (.moved, let partition?):
            let start = starts[partition] ?? 0
            groups[placed.group]?
                .partitions[partition, default: Progress(limits, from: start)].apply(placed.change)
        case (_, let partition?):
            groups[placed.group]?.partitions[partition]?.apply(placed.change)
        case (_, nil): break
        }
    }

    /// The partition begins at `offset` from here on.
    package mutating func trim(_ partition: PartitionID, to offset: Int) {
        starts[partition] = max(offset, starts[partition] ?? 0)
        for group in groups.keys { groups[group]?.partitions[partition]?.trim(to: offset) }
    }

    package mutating func forget(topic: UInt32) {
        starts = starts.filter { $0.key.topic != topic }
        for group in groups.keys {
            for partition in (groups[group]?.partitions ?? [:]).keys where partition.topic == topic
            {
                groups[group]?.partitions[partition] = nil
            }
        }
    }
}

extension GroupBook: Equatable {
    /// The same state, however it came about.
    package static func == (left: Self, right: Self) -> Bool { left.body == right.body }

    /// A section of a checkpoint: the few changes that come to this state.
    package var body: [UInt8] {
        var bytes: [UInt8] = []
        for (group, kept) in groups.sorted(by: { $0.key < $1.key }) {
            PlacedChange(group: group, partition: nil, .set(kept.settings)).append(to: &bytes)
            for (partition, progress) in kept.partitions.sorted(by: { $0.key < $1.key }) {
                for change in progress.changes {
                    PlacedChange(group: group, partition: partition, change).append(to: &bytes)
                }
            }
        }
        return bytes
    }
}
