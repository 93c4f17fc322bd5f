// A batch whose partitions are of several shards is stored by all of them or by none.
//
// 1. `prepare` stores the parts of each shard, where nobody sees them.
// 2. `decide` makes one of the shards, the judge, remember that all have them, and show its own.
// 3. `show` tells the others; they show theirs.
//
// The decision is the judge's flush. A shard that has parts and hears nothing asks the judge, who
// refuses for good what it has not decided, and says `show` or `drop`. So it does not matter who dies,
// or when.

/// The name of a spread batch, made up by the gateway at random.
package struct SpreadID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

package enum SpreadCall: Sendable {
    case prepare(SpreadID, judge: UInt16, Publish)
    /// `others` are the shards that have parts, but for the judge.
    case decide(SpreadID, others: [UInt16])
    case show(SpreadID)
    /// Gives up what was prepared: before any decision, or because the judge refused it.
    case drop(SpreadID)
    /// A shard asks the judge what became of a batch that it has a part of; it hears `show` or `drop`.
    case ask(SpreadID, from: UInt16)
    /// A shard tells the judge that it has shown its parts.
    case done(SpreadID, from: UInt16)

    package var spread: SpreadID {
        switch self {
        case .prepare(let spread, _, _), .decide(let spread, _), .show(let spread),
            .drop(let spread), .ask(let spread, _), .done(let spread, _):
            spread
        }
    }
}

package enum SpreadAnswer: Equatable, Sendable {
    case prepared
    /// Where the parts of this shard went, in the order of their `prepare`; nothing where it showed them
    /// before.
    case shown([PlacedPart])
    case dropped
    /// The batch was refused for good before.
    case tooLate
    case noted
}
