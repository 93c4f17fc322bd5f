// A group as the coordinator knows it, and everybody after it: who it is, how it was set, and which
// topics it works on since when. What a group does with messages is the shards' own (docs/groups.md).

package struct GroupDefinition: Equatable, Sendable {
    /// Never used again, so that a group that is made anew has nothing of an old one.
    package let id: UInt32
    package let name: String
    package var options: GroupOptions
    /// The topics that it works on, each once, in the order in which they came.
    package var attachments: [GroupAttachment]
    /// Milliseconds since 1970.
    package let createdAt: Int

    package init(
        id: UInt32, name: String, options: GroupOptions, attachments: [GroupAttachment] = [],
        createdAt: Int
    ) {
        self.id = id
        self.name = name
        self.options = options
        self.attachments = attachments
        self.createdAt = createdAt
    }

    package func attachment(to topic: UInt32) -> GroupAttachment? {
        attachments.first { $0.topic == topic }
    }
}

/// A topic that a group works on.
package struct GroupAttachment: Equatable, Sendable {
    package let topic: UInt32
    /// When that began, in milliseconds since 1970.
    package let since: Int
    /// Where it began: as the group was set then, whatever it is set to since.
    package let start: GroupStart

    package init(topic: UInt32, since: Int, start: GroupStart) {
        self.topic = topic
        self.since = since
        self.start = start
    }

    /// Where the group begins in a partition of the topic, also in one that is added later.
    package func begin(in partition: UInt32) -> GroupBegin {
        switch start {
        case .earliest: return .earliest
        case .latest: return .latest(since: since)
        case .time(let time): return .time(time)
        case .cursor(let cursor) where cursor.topic == topic: return cursor.begin(in: partition)
        case .cursor: return .earliest
        }
    }
}

/// Where a group begins in the topics that it gets to work on.
package enum GroupStart: Equatable, Sendable {
    case earliest
    /// With what comes after the group has got to know the topic.
    case latest
    /// With what came at that time or later, in milliseconds since 1970.
    case time(Int)
    /// In one topic, and at the earliest message of any other.
    case cursor(GroupCursor)
}

/// A place in all partitions of a topic.
package struct GroupCursor: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        /// The offset in each partition; in one that came later, the first.
        case all([Int])
        /// The offset in one partition of `count`, and in the others what came at that log time or later.
        case published(count: Int, partition: UInt32, offset: Int, logTime: Int)
    }

    package let topic: UInt32
    package let place: Place

    package init(topic: UInt32, _ place: Place) {
        self.topic = topic
        self.place = place
    }

    package func begin(in partition: UInt32) -> GroupBegin {
        switch place {
        case .all(let offsets):
            return Int(partition) < offsets.count ? .offset(offsets[Int(partition)]) : .earliest
        case .published(_, partition, let offset, _): return .offset(offset)
        case .published(_, _, _, let logTime): return .time(logTime)
        }
    }
}

/// Where a group begins in one partition.
package enum GroupBegin: Equatable, Sendable {
    case earliest
    /// Behind what was there on that date, by the coordinator's clock.
    case latest(since: Int)
    case time(Int)
    /// What is kept may begin later, or end before.
    case offset(Int)
}

/// What a group is set to; durations are milliseconds.
package struct GroupOptions: Equatable, Sendable {
    package enum Ordering: String, CaseIterable, Sendable {
        case none, key, partition
    }

    /// What a dead letter does to what comes behind it, where order counts.
    package enum OnDead: String, CaseIterable, Sendable {
        case skip, block
    }

    /// What becomes of a message that nobody took in its life.
    package enum Expired: String, CaseIterable, Sendable {
        case drop
        case deadLetter = "dead_letter"
    }

    package var start = GroupStart.earliest
    /// Where a pull does not say.
    package var lease = 30_000
    package var attemptsMax = 16
    /// The pause after the first failure, the second, and so on; the last one from there on.
    package var backoff = [1_000, 5_000, 30_000, 120_000, 600_000]
    package var ordering = Ordering.none
    package var onDead = OnDead.skip
    package var expired = Expired.drop
    /// The name of the topic that dead letters can be read in.
    package var deadLetterTopic: String?
    /// Messages that are out; nil for no bound but the one of each partition.
    package var inFlightMax: Int?
    package var inFlightPerConsumerMax: Int?
    /// A filter as its client wrote it; empty for all messages.
    package var filter = ""
    /// Messages a second; nil for no bound.
    package var rate: Int?
    /// How long without a pull until the group goes; nil for never.
    package var lifetime: Int?

    package init() {}
}

/// The settings of a group that somebody wants to have; what is nil stays, or is the default.
package struct GroupEdit: Equatable, Sendable {
    package var start: GroupStart?
    package var lease: Int?
    package var attemptsMax: Int?
    package var backoff: [Int]?
    package var ordering: GroupOptions.Ordering?
    package var onDead: GroupOptions.OnDead?
    package var expired: GroupOptions.Expired?
    /// Set to `.some(nil)` by a client that says `null`.
    package var deadLetterTopic: String??
    package var inFlightMax: Int??
    package var inFlightPerConsumerMax: Int??
    package var filter: String?
    package var rate: Int??
    package var lifetime: Int??

    package init() {}
}

/// A secret that receipts are signed with; it is never shown, and never logged.
package struct ReceiptSecret: Equatable, Sendable, CustomStringConvertible {
    package let id: UInt8
    /// From when on it signs, in milliseconds since 1970; it is believed at once.
    package let from: Int
    package let high: UInt64
    package let low: UInt64

    package init(id: UInt8, from: Int, high: UInt64, low: UInt64) {
        self.id = id
        self.from = from
        self.high = high
        self.low = low
    }

    package var description: String { "receipt secret \(id)" }
}
