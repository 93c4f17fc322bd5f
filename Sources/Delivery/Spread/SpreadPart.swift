package import Records

/// A held entry whose records wait for a decision.
package struct SpreadPart: Equatable, Sendable {
    /// Of its entry.
    package let position: Int
    package let partition: PartitionID
    package let count: Int
    package let keys: [DedupKey]
    /// Whether its records wait for their time after the decision.
    package let isDelayed: Bool
    /// When it was appended: its records are published then, and delays count from there.
    package let logTime: Int

    package init(
        position: Int, partition: PartitionID, count: Int, keys: [DedupKey],
        isDelayed: Bool = false, logTime: Int = 0
    ) {
        self.position = position
        self.partition = partition
        self.count = count
        self.keys = keys
        self.isDelayed = isDelayed
        self.logTime = logTime
    }
}
