/// What decides how a group gives out its messages; a shard's log has them, so that its fold does.
///
/// The bounds of the whole group come divided among the shards that have partitions of it.
package struct GroupSettings: Equatable, Sendable {
    package enum Ordering: UInt8, CaseIterable, Sendable {
        case none = 0, key = 1, partition = 2
    }

    /// What a dead message does to what comes behind it, where order counts.
    package enum OnDead: UInt8, CaseIterable, Sendable {
        case skip = 0, block = 1
    }

    /// Milliseconds, where a pull does not say.
    package var lease = 30_000
    package var attemptsMax = 16
    /// Milliseconds until the next attempt after the first failure, the second, and so on; the last
    /// one from there on.
    package var backoff = [1_000, 5_000, 30_000, 120_000, 600_000]
    package var ordering = Ordering.none
    package var onDead = OnDead.skip
    /// What expires becomes a dead letter; otherwise it is just never delivered.
    package var keepsExpired = false
    /// Messages that are out; nil for no bound but the one of each partition.
    package var inFlightMax: Int?
    package var inFlightPerConsumerMax: Int?
    /// Thousandths of a message a second, so that it can be divided.
    package var rateThousandths: Int?
    /// The canonical text of a filter, for whoever reads the records; empty for all messages.
    package var filter: [UInt8] = []
    /// The number of the topic that dead letters are copied into; 0 for none.
    package var deadLetterTopic: UInt32 = 0
    /// Milliseconds without use after which the coordinator is to end the group; nil for never.
    package var lifetime: Int?

    /// Stands for a topic that was asked for, and is not there.
    package static let lostTopic = UInt32.max

    package init() {}

    /// Whether a dead letter of `topic` is copied: one that lies among the copies is not.
    package func copiesLetters(of topic: UInt32) -> Bool {
        deadLetterTopic != 0 && deadLetterTopic != topic
    }

    /// Everything lies within its bounds; what does not is refused before it gets here.
    package var isSound: Bool {
        let numbers =
            [inFlightMax, inFlightPerConsumerMax, rateThousandths, lifetime].compactMap { $0 }
            + backoff
        return 1...GroupLimits.attemptsMax ~= attemptsMax && 0..<Self.numberEnd ~= lease
            && backoff.count <= GroupLimits.backoffStepsMax && filter.count <= Self.filterSizeMax
            && numbers.allSatisfy { 0..<Self.numberEnd ~= $0 }
    }

    /// Durations and counts are below it.
    private static let numberEnd = 1 << 60

    /// The pause after so many failures.
    package func pause(afterFailures count: Int) -> Int {
        guard let last = backoff.last else { return 0 }
        return count <= backoff.count ? backoff[max(count, 1) - 1] : last
    }
}
