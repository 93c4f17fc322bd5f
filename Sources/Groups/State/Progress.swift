// How far a group is in a partition: the fold of its changes, and nothing else. A primary, a replica and
// a start come to the same by the same function; what a lease is about is not in here.
//
// A message is settled if it lies below the floor or in a range above it, and is not in the book of those
// that failed: a redrive puts one there that was settled before.

package struct Progress: Sendable {
    /// Everything below it is settled, or failed.
    package private(set) var floor: Int
    /// What is settled above the floor.
    package private(set) var settled = OffsetRanges()
    package internal(set) var retries = RetryBook()
    package private(set) var labels: LabelTable
    /// Leases with a generation below it are over.
    package private(set) var fence: UInt64 = 0
    /// No lease lasts beyond this date of the log; kept where order counts.
    package private(set) var horizon = 0
    /// The dead letters that have not gone back; beyond the bound the oldest of them are forgotten.
    package private(set) var letters = RetryBook()
    /// How many of them owe their copy.
    package private(set) var owedCount = 0
    private let lettersMax: Int
    /// The partition begins here: what was before is gone.
    private(set) var start: Int
    /// What is being done about them.
    package private(set) var redrive: Redrive?

    package init(_ limits: GroupLimits = GroupLimits(), from start: Int = 0) {
        labels = LabelTable(countMax: limits.labelsMax)
        lettersMax = limits.lettersMax
        self.start = start
        floor = start
    }

    package func isSettled(_ offset: Int) -> Bool {
        (offset < floor || settled.contains(offset)) && !retries.has(offset)
    }

    /// Folds a change of this group and partition.
    package mutating func apply(_ change: GroupChange) {
        switch change {
        case .set, .gone: break
        case .moved(let offset, let fence): move(to: offset, fence: fence)
        case .settled(let ranges): for run in ranges.runs { settle(run) }
        case .failed(let messages):
            for message in messages where !isSettled(message.offset) { keep(message) }
        case .dead(let messages):
            for message in messages where message.offset >= start { file(message) }
            for message in messages where !isSettled(message.offset) { bury(message) }
        case .redriven(let messages, let gone):
            for message in messages where message.offset >= start && isDead(message.offset) {
                keep(message)
            }
            for run in gone.runs {
                for offset in letters.offsets(in: run) { forgetLetter(offset) }
            }
            redrive = letters.count == 0 ? nil : redrive?.after(gone.count)
        case .redriving(let redrive): self.redrive = redrive.left == 0 ? nil : redrive
        case .horizon(let date): horizon = max(horizon, date)
        case .letters(let messages): for message in messages { put(letter: message) }
        case .copied(let offsets, _):
            for run in offsets.runs { for offset in letters.offsets(in: run) { pay(offset) } }
        }
    }

    /// The partition begins at `offset` from here on: what was before is gone.
    package mutating func trim(to offset: Int) {
        guard offset > start else { return }
        start = offset
        for old in retries.slots.map(\.failure.offset) where old < offset { forget(old) }
        for old in letters.slots.map(\.failure.offset) where old < offset { forgetLetter(old) }
        guard offset > floor else { return }
        floor = offset
        settled.remove(below: offset)
        raiseFloor()
    }

    /// What is kept of a failure, with its texts.
    package func message(at offset: Int) -> FailedMessage? {
        retries[offset].map { message($0) }
    }

    func message(_ failure: Failure) -> FailedMessage {
        FailedMessage(
            offset: failure.offset, attempts: failure.attempts, due: failure.due,
            expires: failure.expires, key: failure.key, size: failure.size, mark: failure.mark,
            isBlocked: failure.isBlocked, owesCopy: failure.owesCopy,
            reasons: labels[failure.reasons], consumer: labels[failure.consumer],
            address: labels[failure.address])
    }
}

extension Progress {
    private mutating func move(to offset: Int, fence: UInt64) {
        for old in retries.all { forget(old.offset) }
        retries = RetryBook()
        settled = OffsetRanges()
        floor = max(offset, start)
        self.fence = max(self.fence, fence)
    }

    private mutating func settle(_ run: Range<Int>) {
        for offset in retries.offsets(in: run) { forget(offset) }
        guard run.upperBound > floor else { return }
        settled.insert(max(run.lowerBound, floor)..<run.upperBound)
        raiseFloor()
    }

    private mutating func raiseFloor() {
        guard let first = settled.runs.first, first.lowerBound <= floor else { return }
        floor = first.upperBound
        settled.remove(below: floor)
    }

    /// Whether a redrive may bring it back: what waits to be delivered anyway is left alone.
    func isDead(_ offset: Int) -> Bool {
        isSettled(offset) || retries[offset]?.isBlocked ?? false
    }

    private mutating func bury(_ message: FailedMessage) {
        if message.isBlocked { return keep(message) }
        settle(message.offset..<message.offset + 1)
    }

    private mutating func keep(_ message: FailedMessage) {
        forget(message.offset)
        var failure = failure(message)
        // Only of a letter that counts.
        failure.owesCopy = false
        retries.put(failure)
    }

    private mutating func forget(_ offset: Int) {
        if let old = retries.remove(offset) { endLabels(of: old) }
    }

    /// Keeps a dead letter; where there are too many the oldest go, but for those that owe their copy.
    private mutating func file(_ message: FailedMessage) {
        forgetLetter(message.offset)
        while letters.count >= lettersMax {
            let paid = letters.slots.lazy.filter { !$0.failure.owesCopy }
            guard let oldest = paid.map(\.failure.offset).min() else { break }
            forgetLetter(oldest)
        }
        put(letter: message)
    }

    private mutating func put(letter message: FailedMessage) {
        letters.put(failure(message))
        if message.owesCopy { owedCount += 1 }
    }

    /// Notes that a letter owes no copy any more.
    private mutating func pay(_ offset: Int) {
        guard var letter = letters[offset], letter.owesCopy else { return }
        letter.owesCopy = false
        letters.put(letter)
        owedCount -= 1
    }

    private mutating func forgetLetter(_ offset: Int) {
        guard let old = letters.remove(offset) else { return }
        if old.owesCopy { owedCount -= 1 }
        endLabels(of: old)
    }

    private mutating func failure(_ message: FailedMessage) -> Failure {
        Failure(
            offset: message.offset, due: message.due, expires: message.expires,
            key: message.key, size: message.size, mark: message.mark,
            attempts: message.attempts, isBlocked: message.isBlocked,
            owesCopy: message.owesCopy, reasons: labels.use(message.reasons),
            consumer: labels.use(message.consumer),
            address: labels.use(message.address))
    }

    private mutating func endLabels(of old: Failure) {
        for label in [old.reasons, old.consumer, old.address] { labels.end(label) }
    }
}

// MARK: Checkpoints
extension Progress {
    /// The changes that come to this state: few for a short journal, and the same for a long one.
    package var changes: [GroupChange] {
        var changes: [GroupChange] = [.moved(to: floor, fence: fence)]
        if !settled.isEmpty { changes.append(.settled(settled)) }
        // Where it is settled otherwise, only a redrive can have put it.
        let isBack = { (failure: Failure) in
            failure.offset < floor || settled.contains(failure.offset)
        }
        let failures = retries.all
        let back = failures.filter(isBack).map { message($0) }
        let others = failures.filter { !isBack($0) }.map { message($0) }
        if !back.isEmpty { changes.append(.redriven(back, letters: OffsetRanges())) }
        if !others.isEmpty { changes.append(.failed(others)) }
        if horizon != 0 { changes.append(.horizon(horizon)) }
        if letters.count > 0 { changes.append(.letters(letters.all.map { message($0) })) }
        if let redrive { changes.append(.redriving(redrive)) }
        return changes
    }
}
