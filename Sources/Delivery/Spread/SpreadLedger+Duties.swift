// What a shard has to say in its log, or to others, about batches that span shards.

package import Wire

extension SpreadLedger {
    /// What a judge makes of a gateway's word that all shards have their parts.
    package enum Ruling: Equatable, Sendable {
        /// To be put into the log in one frame: the decision, and the offsets of these parts.
        case show([Part])
        /// Decided so before; the others may not know it yet.
        case isShown
        /// To be refused for good, as it was before, or from now on.
        case tooLate(isNew: Bool)
    }

    package func ruling(on spread: SpreadID) -> Ruling {
        if shown[spread] != nil { return .isShown }
        if isRefused(spread) { return .tooLate(isNew: false) }
        guard let parts = waiting[spread] else { return .tooLate(isNew: true) }
        guard parts.judge == shard else { return .tooLate(isNew: false) }
        return .show(parts.parts)
    }

    /// What a judge says to a shard that asks: what it has not decided, it refuses for good.
    package enum Word: Equatable, Sendable {
        case shown
        /// A decision to refuse it has to be committed before the answer leaves, if it is new.
        case refused(isNew: Bool)
    }

    package func word(on spread: SpreadID) -> Word {
        shown[spread] != nil ? .shown : .refused(isNew: !isRefused(spread))
    }

    /// Whether a part may be prepared.
    package func takes(_ spread: SpreadID) -> Bool {
        !isRefused(spread) && shown[spread] == nil && waiting[spread] == nil
    }

    /// What there is to do because nobody else has done it for a while.
    package enum Duty: Equatable, Sendable {
        case ask(SpreadID, judge: UInt16)
        /// Nobody has asked this judge to decide.
        case refuse(SpreadID)
        case tell(SpreadID, [UInt16])
    }

    /// What is due by `now`, each again after `pause` milliseconds.
    package mutating func duties(at now: Int, pause: Int) -> [Duty] {
        var duties: [Duty] = []
        for (spread, parts) in waiting.sorted(by: { $0.key < $1.key })
        where isDue(spread, at: now, pause: pause) {
            if parts.judge == shard {
                duties.append(.refuse(spread))
            } else {
                duties.append(.ask(spread, judge: parts.judge))
            }
        }
        for (spread, others) in shown.sorted(by: { $0.key < $1.key })
        where !others.isEmpty && isDue(spread, at: now, pause: pause) {
            duties.append(.tell(spread, others.sorted()))
        }
        return duties
    }

    /// Makes everything due at once, as it is after a start: nobody knows how long it has waited.
    package mutating func hurry(at now: Int) {
        for spread in waiting.keys { paces[spread] = now }
        for spread in shown.keys { paces[spread] = now }
    }

    /// When the next duty is due, if there is one, by the clock of `duties`.
    package func nextDuty(at now: Int, pause: Int) -> Int? {
        let open = Array(waiting.keys) + shown.filter { !$0.value.isEmpty }.keys
        return open.map { paces[$0] ?? now + pause }.min()
    }

    /// What was never looked at begins to wait now.
    private mutating func isDue(_ spread: SpreadID, at now: Int, pause: Int) -> Bool {
        guard let due = paces[spread] else {
            paces[spread] = now + pause
            return false
        }
        guard due <= now else { return false }
        paces[spread] = now + pause
        return true
    }
}

extension SpreadID {
    fileprivate static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
