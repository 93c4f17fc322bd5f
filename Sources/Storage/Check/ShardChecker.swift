package import CommitLog
package import Records

/// What a check of one shard found.
package struct ShardCheckReport: Sendable {
    package var log: CheckReport
    package var entries: [EntryProblem] = []
    package var entryProblemCount = 0
    package var batches = 0
    package var pointers = 0
    /// Those that have something.
    package var partitions: [PartitionID] = []
    /// Of batches that span shards, to be held against the other shards.
    var spreads = SpreadTrace()

    /// Whether nothing that was safe once is lost or changed.
    package var isWhole: Bool {
        entryProblemCount == 0 && !log.problems.contains(where: \.isDamage)
    }
}

/// Proves a stopped shard: its files, and what its entries mean together.
///
/// The same code serves `posthorn check` and the end of every simulated world.
package struct ShardChecker<Directory: LogDirectory>: ~Copyable {
    private var log: LogChecker<Directory>
    private var entries = EntryCheck()
    /// Checkpoints that lie ahead, the oldest first.
    private var ahead: ArraySlice<Checkpoint>

    package init(_ directory: Directory, number: UInt16, cluster: Identity) throws(LogError) {
        let log = try LogChecker(directory, shard: UInt32(number), cluster: cluster)
        ahead = log.checkpoints[...]
        entries.hasGaps = log.hasGaps
        self.log = log
    }

    /// The position behind what was read, and the last one there is.
    package var progress: (position: Int, limit: Int) { log.progress }

    /// Reads one frame further; false at the end.
    package mutating func next() throws(LogError) -> Bool {
        switch try log.next() {
        case .frame(let frame):
            compare(upTo: frame.header.position)
            entries.take(frame)
            compare(upTo: frame.header.end)
        case .lost(let damage): entries.lost(damage)
        case .end: return false
        }
        return true
    }

    /// Walks to the end and returns what was found.
    package mutating func finish() throws(LogError) -> ShardCheckReport {
        while try next() {}
        compare(upTo: .max)
        var report = ShardCheckReport(log: log.report)
        report.entries = entries.conclude()
        report.spreads = entries.concludeSpreads()
        report.entryProblemCount = entries.problemCount
        report.batches = entries.batches
        report.pointers = entries.pointers
        report.partitions = entries.partitions
        return report
    }

    private mutating func compare(upTo position: Int) {
        while let next = ahead.first, next.position <= position {
            ahead.removeFirst()
            entries.compare(next)
        }
    }
}
