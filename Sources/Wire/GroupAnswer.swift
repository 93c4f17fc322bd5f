package import Records

/// What a shard says to a call about groups.
package enum GroupAnswer: Sendable {
    case granted(GroupGrant)
    /// A pull may get something by now.
    case news
    /// What became of each item, in their order.
    case settled([[SettledRun]])
    /// Where the group goes on, in the order of the partitions.
    case moved([Int])
    /// How many dead letters there are that may go back, in the order of the partitions.
    case redriving([Int])
    case described([GroupStatus])
    case letters([DeadLetter])
    case usage(GroupUsage)
    /// Nothing of the call was done.
    case refused(GroupRefusal)
}

package enum GroupRefusal: Error, Equatable, Sendable {
    /// Deleted, or not heard of yet.
    case noSuchGroup
    /// The group does not work on a topic of the call, or that was not heard of yet.
    case notAttached
    /// A partition that is not of this shard.
    case noSuchPartition
    /// Shards do not serve groups.
    case notServed
}

/// What a pull gets: messages of some of its partitions, or none, and then why.
package struct GroupGrant: Sendable {
    /// One lease: messages of a partition that were handed out together.
    package struct Lease: Sendable {
        package let partition: PartitionID
        /// Names the lease in the group and partition for ever.
        package let generation: UInt64
        /// In the order of their offsets.
        package let messages: [GrantedMessage]
        /// Their offsets, with something missing between any two.
        package let runs: [Range<Int>]
        /// Bytes of them, as they are without compression.
        package let size: Int
        /// When it ends, by the wall clock of the shard, in milliseconds since 1970.
        package let until: Int
        /// The stored batches that hold the messages, in order; others may be in them, too.
        package let batches: [FetchedBatch]

        package init(
            partition: PartitionID, generation: UInt64, messages: [GrantedMessage],
            runs: [Range<Int>], size: Int, until: Int, batches: [FetchedBatch]
        ) {
            self.partition = partition
            self.generation = generation
            self.messages = messages
            self.runs = runs
            self.size = size
            self.until = until
            self.batches = batches
        }
    }

    /// Why there was nothing.
    package enum Pause: Equatable, Sendable {
        /// Nothing that could be handed out now: a watch tells when there is.
        case empty
        /// There is more to look at than one pull looks at: the next one goes on there.
        case more
        /// So much is out, or unsettled before what is settled, that something has to be settled first.
        case gaps
        /// So many dead letters wait to be copied into their topic that this has to be done first.
        case debt
        /// The group or the consumer has as much as it may have at a time, or in a second.
        case allowance
        /// Order counts, and leases from before a restart may still be held; for so long from now.
        case quiet(Int)
    }

    package var leases: [Lease]
    /// Why there are none; nothing where there are.
    package var pause: Pause?
    /// Messages of the partitions that are not settled, these included.
    package var lag: Int
    /// What became of the settles that came with the pull, item by item.
    package var settled: [[SettledRun]]

    package init(leases: [Lease], pause: Pause?, lag: Int, settled: [[SettledRun]]) {
        self.leases = leases
        self.pause = pause
        self.lag = lag
        self.settled = settled
    }
}

package struct GrantedMessage: Equatable, Sendable {
    package let offset: Int
    /// The first one is 1.
    package let attempt: Int

    package init(offset: Int, attempt: Int) {
        self.offset = offset
        self.attempt = attempt
    }
}

/// What became of settled messages in a row.
package struct SettledRun: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case acked, alreadyAcked, nacked, extended, released
        /// Somebody else got the message since, or it is over otherwise.
        case lost
        /// Such a lease was never given.
        case unknown
    }

    package let offsets: Range<Int>
    package let verdict: Verdict

    package init(_ offsets: Range<Int>, _ verdict: Verdict) {
        self.offsets = offsets
        self.verdict = verdict
    }
}

/// How a group stands in a partition.
package struct GroupStatus: Equatable, Sendable {
    /// The first offset that is not settled, and the one behind the last that there is.
    package var committed: Int
    package var end: Int
    /// Messages that are not settled.
    package var lag: Int
    package var inFlight: Int
    /// Those that failed, and wait for their time.
    package var retrying: Int
    /// Dead letters that have not gone back.
    package var dead: Int
    /// How long ago the oldest message was stored that is not settled, by the clock of the log; nothing
    /// where all are.
    package var oldestAge: Int?
    /// Who got something last; nothing since the shard started, or ever.
    package var lastConsumer: String?
    package var lastAddress: String?

    package init(
        committed: Int, end: Int, lag: Int, inFlight: Int, retrying: Int, dead: Int,
        oldestAge: Int? = nil, lastConsumer: String? = nil, lastAddress: String? = nil
    ) {
        self.committed = committed
        self.end = end
        self.lag = lag
        self.inFlight = inFlight
        self.retrying = retrying
        self.dead = dead
        self.oldestAge = oldestAge
        self.lastConsumer = lastConsumer
        self.lastAddress = lastAddress
    }
}

/// How much a shard has to do for a group.
package struct GroupUsage: Equatable, Sendable {
    /// For how long nobody has pulled from it, waited for it or settled anything, in milliseconds; a start of
    /// the shard and a change of what it is set to count, too.
    package var idle: Int
    /// Messages that are out.
    package var inFlight: Int

    package init(idle: Int, inFlight: Int) {
        self.idle = idle
        self.inFlight = inFlight
    }
}

/// A message that is not handed out any more, and why.
package struct DeadLetter: Equatable, Sendable {
    package let partition: PartitionID
    package let offset: Int
    package let attempts: Int
    /// Why it failed, the last few times, the oldest first.
    package let reasons: [String]
    /// Who had it last, as far as that is known.
    package let consumer: String?
    package let address: String?
    /// By the clock of the log, in milliseconds since 1970.
    package let diedAt: Int?
    /// A redrive that is under way takes it back.
    package let isRedriving: Bool

    package init(
        partition: PartitionID, offset: Int, attempts: Int, reasons: [String], consumer: String?,
        address: String?, diedAt: Int?, isRedriving: Bool
    ) {
        self.partition = partition
        self.offset = offset
        self.attempts = attempts
        self.reasons = reasons
        self.consumer = consumer
        self.address = address
        self.diedAt = diedAt
        self.isRedriving = isRedriving
    }
}
