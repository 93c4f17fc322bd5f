// What is appended about spread batches and not committed. While something of a batch is under way,
// whatever else is said about it waits: so each decision is made on what is safe.

package import Wire

struct SpreadActs {
    /// What follows once an act is committed.
    enum Sequel {
        case answer(Caller, UInt64, SpreadAnswer)
        case post(UInt16, SpreadCall)
    }

    /// A call that came while something was under way.
    struct Late {
        let call: SpreadCall
        let ticket: UInt64
        let caller: Caller
    }

    struct Act {
        var sequels: [Sequel]
        var late: [Late] = []
        /// Idempotency-Keys of the parts, until they are a part of the fold.
        let keys: [PendingKeys.Key]
    }

    private var acts: [SpreadID: Act] = [:]
    private var keys: Set<PendingKeys.Key> = []
    private(set) var lateCount = 0

    var count: Int { acts.count }

    func isUnderWay(_ spread: SpreadID) -> Bool { !acts.isEmpty && acts[spread] != nil }
    func hasKey(_ key: PendingKeys.Key) -> Bool { !keys.isEmpty && keys.contains(key) }

    mutating func begin(
        _ spread: SpreadID, _ sequels: [Sequel], keys: [PendingKeys.Key] = []
    ) {
        precondition(acts[spread] == nil, "one thing at a time is under way about a batch")
        acts[spread] = Act(sequels: sequels, keys: keys)
        self.keys.formUnion(keys)
    }

    mutating func wait(_ late: Late) {
        acts[late.call.spread]?.late.append(late)
        lateCount += 1
    }

    /// Notes that the entries of an act are committed.
    mutating func end(_ spread: SpreadID) -> Act? {
        guard let act = acts.removeValue(forKey: spread) else { return nil }
        lateCount -= act.late.count
        keys.subtract(act.keys)
        return act
    }

    /// Gives up all, because nothing will be confirmed any more; returns who waits.
    mutating func removeAll() -> [(caller: Caller, ticket: UInt64)] {
        defer { self = SpreadActs() }
        return acts.values.flatMap { act in
            act.late.map { ($0.caller, $0.ticket) }
                + act.sequels.compactMap { sequel in
                    switch sequel {
                    case .answer(let caller, let ticket, _): (caller, ticket)
                    case .post: nil
                    }
                }
        }
    }
}

/// What a shard says to another one; who it is for acts on it as on any call.
package struct SpreadPost: Sendable {
    package let from: UInt16
    package let to: UInt16
    package let call: SpreadCall
}
