// What a gateway asks of a shard about groups. A group is known by its number, which is never used
// again; a shard knows what the group is set to, and where it works, from the coordinator.
//
// A call is answered once, by `ShardAnswer.group` or by a `ShardAnswer.refused`; after a refusal nothing of it
// was done, but for `.failed`, where it may have been. Durations are milliseconds.

package import Records

package enum GroupCall: Sendable {
    /// Takes messages on lease, after what is to be settled first; answered by `granted`.
    case pull(GroupPull)
    /// Tells once, by `news`, as soon as a pull of these partitions would get something.
    ///
    /// It is taken back by `ShardCall.unwatch`.
    case watch(GroupWatch)
    /// Settles messages; answered by `settled`, once that is committed.
    case settle(GroupSettle)
    /// Moves the group; answered by `moved`, once that is committed and all leases there are over.
    case seek(GroupSeek)
    /// Sends dead letters back to where they came from; answered by `redriving`.
    case redrive(GroupRedrive)
    /// Shows dead letters; answered by `letters`.
    case letters(GroupLetters)
    /// Answered by `described`, in the order of the partitions.
    case describe(group: UInt32, [PartitionID])
    /// Whether anybody needs the group; answered by `usage`.
    case usage(group: UInt32)
}

package struct GroupPull: Sendable {
    package struct Part: Equatable, Sendable {
        package let partition: PartitionID
        /// Its share of the messages and the bytes beside the others; at least 1.
        package let weight: Int

        package init(_ partition: PartitionID, weight: Int = 1) {
            self.partition = partition
            self.weight = weight
        }
    }

    package var group: UInt32
    /// Partitions of this shard, each once, in the order in which they are looked at: who wants to be fair
    /// begins with another one each time.
    ///
    /// Each gets its share; what some leave over is for the others, in the same order.
    package var parts: [Part]
    /// A label for people, and for bounds of a consumer.
    package var consumer: String
    package var address: String
    package var messagesMax: Int
    /// Of records, as they are without compression; the first message may be larger.
    package var bytesMax: Int
    /// Nothing takes what the group is set to.
    package var lease: Int?
    /// A keyed hash of the client's own id of the pull: the same again, while its leases run, gets what
    /// is still out of them, and takes nothing else.
    package var id: UInt64?
    /// Done first; its results come with the messages, once it is committed.
    package var settles: [GroupSettle.Item]

    package init(
        group: UInt32, parts: [Part], consumer: String, address: String, messagesMax: Int,
        bytesMax: Int = .max, lease: Int? = nil, id: UInt64? = nil,
        settles: [GroupSettle.Item] = []
    ) {
        self.group = group
        self.parts = parts
        self.consumer = consumer
        self.address = address
        self.messagesMax = messagesMax
        self.bytesMax = bytesMax
        self.lease = lease
        self.id = id
        self.settles = settles
    }
}

/// One who waits for messages.
///
/// A shard tells as many as there are messages, whoever waits longest first. Whoever was told and does
/// not pull within a second is passed over, and the next one is told. A gateway whose client has vanished
/// meanwhile leaves it at that, or pulls for the next of its clients.
package struct GroupWatch: Sendable {
    package var group: UInt32
    package var partitions: [PartitionID]
    /// Bounds of a consumer may be what it waits for.
    package var consumer: String
    /// For how long its client waits already.
    package var waited: Int

    package init(group: UInt32, partitions: [PartitionID], consumer: String, waited: Int = 0) {
        self.group = group
        self.partitions = partitions
        self.consumer = consumer
        self.waited = waited
    }
}

/// Settles of any number of clients and groups, in order.
package struct GroupSettle: Sendable {
    package enum Kind: Equatable, Sendable {
        case ack
        /// Failed; without a delay the pause of the settings goes.
        case nack(delay: Int?, reason: String)
        /// The lease lasts so long from now on, unless it lasts longer anyway.
        case extend(by: Int)
        /// Comes back at once, at its old place, and the attempt does not count: its client has vanished,
        /// or never had it whole.
        case release
    }

    /// Messages of one lease, each settled the same way.
    package struct Item: Equatable, Sendable {
        package let group: UInt32
        package let partition: PartitionID
        /// Of the lease, as it was granted.
        package let generation: UInt64
        /// Offsets, in order and apart.
        package let runs: [Range<Int>]
        package let kind: Kind

        package init(
            group: UInt32, partition: PartitionID, generation: UInt64, runs: [Range<Int>],
            _ kind: Kind
        ) {
            self.group = group
            self.partition = partition
            self.generation = generation
            self.runs = runs
            self.kind = kind
        }
    }

    package var items: [Item]

    package init(_ items: [Item]) {
        self.items = items
    }
}

package struct GroupSeek: Sendable {
    package enum Target: Equatable, Sendable {
        /// The first message that is kept, and the place behind the last one.
        case earliest, latest
        /// The first message of that log time or later, in milliseconds since 1970.
        case time(Int)
        /// What is kept may begin later, or end before.
        case offset(Int)
    }

    package struct Part: Equatable, Sendable {
        package let partition: PartitionID
        package let target: Target

        package init(_ partition: PartitionID, to target: Target) {
            self.partition = partition
            self.target = target
        }
    }

    package var group: UInt32
    package var parts: [Part]

    package init(group: UInt32, parts: [Part]) {
        self.group = group
        self.parts = parts
    }
}

package struct GroupRedrive: Sendable {
    package var group: UInt32
    package var partitions: [PartitionID]
    /// Letters of each partition; nothing for all that there are.
    package var max: Int?
    /// Letters a second, of each partition; nothing for as fast as it goes.
    package var rate: Int?

    package init(group: UInt32, partitions: [PartitionID], max: Int? = nil, rate: Int? = nil) {
        self.group = group
        self.partitions = partitions
        self.max = max
        self.rate = rate
    }
}

/// Some of a group's dead letters, in the order of the parts and of their offsets.
package struct GroupLetters: Sendable {
    package struct Part: Equatable, Sendable {
        package let partition: PartitionID
        /// Of the first letter that is wanted.
        package let offset: Int

        package init(_ partition: PartitionID, from offset: Int) {
            self.partition = partition
            self.offset = offset
        }
    }

    package var group: UInt32
    package var parts: [Part]
    package var countMax: Int

    package init(group: UInt32, parts: [Part], countMax: Int) {
        self.group = group
        self.parts = parts
        self.countMax = countMax
    }
}
