package import Records

/// A group at work in a shard, on the primary.
///
/// It is found once in a call and changes where it is: it is too large to be moved out of a table and back.
package final class Group {
    package internal(set) var settings: GroupSettings
    package internal(set) var partitions: [PartitionID: PartitionWork] = [:]
    package internal(set) var allowance = Allowance()
    /// When somebody used it last, by the machine's clock; a start counts, and so does a change.
    var lastUse: Int
    /// Its end is on its way into the log.
    var isEnding = false

    init(_ settings: GroupSettings, at boot: Int) {
        self.settings = settings
        lastUse = boot
    }

    func set(_ settings: GroupSettings) {
        self.settings = settings
        for work in partitions.values { work.state.settings = settings }
    }

    /// What came back from a partition may be taken by others.
    func takeFreed(_ work: PartitionWork) { work.state.giveFreed(back: &allowance) }
}

/// A group at work in a partition, which changes where it is.
package final class PartitionWork {
    package internal(set) var state: GroupPartition

    init(_ state: GroupPartition) { self.state = state }

    /// Looks at it where it is; it would be copied for a question that is put to a stored value.
    func look<Result>(_ look: (inout GroupPartition) -> Result) -> Result { look(&state) }
}
