package import Records

/// A group at work in a shard, on the primary.
package struct Group: Sendable {
    package internal(set) var settings: GroupSettings
    package internal(set) var partitions: [PartitionID: GroupPartition] = [:]
    package internal(set) var allowance = Allowance()
    /// When somebody used it last, by the machine's clock; a start counts, and so does a change.
    var lastUse: Int
    /// Its end is on its way into the log.
    var isEnding = false

    init(_ settings: GroupSettings, at boot: Int) {
        self.settings = settings
        lastUse = boot
    }

    mutating func set(_ settings: GroupSettings) {
        self.settings = settings
        for partition in partitions.keys { partitions[partition]?.settings = settings }
    }

    /// What came back from a partition may be taken by others.
    mutating func takeFreed(_ partition: PartitionID) {
        guard let freed = partitions[partition]?.takeFreed(), !freed.isEmpty else { return }
        allowance.give(back: freed)
    }
}
