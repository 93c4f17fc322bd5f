// What an operator does: seek and redrive; and the changes that go into the log.

extension GroupPartition {
    /// Has the group go on at `offset`, whatever it did; from now on all leases are over.
    package mutating func move(to offset: Int) {
        isMoving = true
        draft.moved = (max(offset, 0), generation.next.raw)
    }

    /// Has dead letters go back, so many or all that there are.
    package mutating func startRedrive(_ redrive: Redrive) {
        guard !isMoving else { return }
        draft.redriving = redrive
    }

    /// How many letters may go back at `now`, by the machine's clock; the caller finds them, from number
    /// `nextLetter` on.
    package mutating func lettersDue(at now: Int) -> Int {
        guard let redrive = progress.redrive, !isMoving else { return 0 }
        let there = progress.letters.count - lettersAsked
        let wanted = (redrive.left ?? Int.max) - min(lettersAsked, redrive.left ?? 0)
        let free = redrive.rate.map { redrivePace.free($0, at: now) } ?? Int.max
        return max(0, min(there, wanted, free, limits.leaseMessagesMax))
    }

    package var nextLetter: Int { progress.letters.lowerBound + lettersAsked }

    /// The next dead letters go back to where they came from; what has expired meanwhile does not.
    package mutating func redrive(_ letters: [DeadLetter], at now: GroupTime) {
        precondition(
            letters.count <= progress.letters.count - lettersAsked, "letters are sent back once")
        lettersAsked += letters.count
        redrivePace.take(progress.redrive?.rate == nil ? 0 : letters.count)
        draft.letters += letters.count
        for letter in letters {
            if letter.facts.expires > now.log {
                draft.redriven.append(FailedMessage(letter, due: now.log))
            } else if let failure = progress.retries[letter.facts.offset], failure.isBlocked {
                // It goes nowhere any more, and what comes behind it is free.
                drop(Waiting(failure))
            }
        }
    }

    /// The changes since the last entry, which the caller writes; they come back by `committed`.
    package mutating func takeChanges() -> [GroupChange] {
        defer { draft = PartitionDraft() }
        return draft.changes
    }
}

extension FailedMessage {
    fileprivate init(_ letter: DeadLetter, due: Int) {
        self.init(
            offset: letter.facts.offset, attempts: 0, due: due, expires: letter.facts.expires,
            key: letter.facts.key, size: letter.facts.size, reasons: letter.reasons)
    }
}
