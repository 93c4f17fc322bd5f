// What a shard has to say in its log, or to others, about batches that span shards.

package import Wire

extension SpreadLedger {
    /// What a judge makes of a gateway's word that all shards have their parts.
    package enum Ruling: Equatable, Sendable {
        /// To be put into the log in one frame: the decision, and the offsets of these parts.
        case show([SpreadPart])
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

    /// Whether one more batch may be refused for good, and nothing be forgotten that was refused within
    /// `age` milliseconds of log time.
    package func mayRefuse(at logTime: Int, age: Int) -> Bool {
        refused.hasRoom(at: logTime, age: age)
    }
}

// MARK: Time
extension SpreadLedger {
    /// What there is to do because nobody else has done it for a while.
    package enum Duty: Equatable, Sendable {
        case ask(SpreadID, judge: UInt16)
        /// Nobody has asked this judge to decide.
        case refuse(SpreadID)
        case tell(SpreadID, [UInt16])
        /// All others have done as decided, and the log does not say so yet.
        case settle(SpreadID)
    }

    /// Sets when there will be something to do about a batch, if nobody does it before.
    package mutating func wait(for spread: SpreadID, until due: Int) {
        paces[spread] = due
        nextDuty = min(nextDuty ?? due, due)
    }

    /// What is due by `now`, each again after `pause` milliseconds.
    package mutating func duties(at now: Int, pause: Int) -> [Duty] {
        guard let next = nextDuty, next <= now else { return [] }
        var duties: [Duty] = []
        for (spread, due) in paces.sorted(by: { $0.key < $1.key }) where due <= now {
            guard let duty = duty(of: spread) else {
                paces[spread] = nil
                continue
            }
            duties.append(duty)
            paces[spread] = now + pause
        }
        nextDuty = paces.values.min()
        return duties
    }

    /// Makes everything due at once, as it is after a start: nobody knows how long it has waited.
    package mutating func hurry(at now: Int) {
        for spread in waiting.keys { wait(for: spread, until: now) }
        for spread in shown.keys { wait(for: spread, until: now) }
    }

    private func duty(of spread: SpreadID) -> Duty? {
        if let others = shown[spread] {
            return others.isEmpty ? .settle(spread) : .tell(spread, others.sorted())
        }
        guard let judge = waiting[spread]?.judge else { return nil }
        return judge == shard ? .refuse(spread) : .ask(spread, judge: judge)
    }
}

extension SpreadID {
    static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
