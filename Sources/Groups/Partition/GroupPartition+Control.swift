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
        // What dies again meanwhile does not go back again.
        let there = progress.letters.count
        draft.redriving = Redrive(left: min(redrive.left ?? there, there), rate: redrive.rate)
    }

    /// Sends the dead letters back to where they came from that may go at `now`, the oldest first.
    package mutating func sendLetters(at now: GroupTime) {
        let count = lettersDue(at: now.boot)
        guard count > 0 else { return }
        let asked = lettersAsked
        let dying = closing
        let next = progress.letters.all.filter {
            !$0.owesCopy && !asked.contains($0.offset) && dying[$0.offset] == nil
        }.prefix(count)
        redrivePace.take(progress.redrive?.rate == nil ? 0 : count)
        for letter in next { sendBack(letter, at: now) }
    }

    /// When the next ones may go, by the machine's clock; nil where none are to, or a commit comes first.
    package func nextLetters(at now: Int) -> Int? {
        guard let redrive = progress.redrive, !isMoving else { return nil }
        // Those that owe copies wait for that.
        guard lettersAsked.isEmpty, progress.letters.count > progress.owedCount else { return nil }
        return redrive.rate.flatMap { redrivePace.next(Pace.thousandths($0), at: now) } ?? now
    }

    /// How many letters may go back.
    private mutating func lettersDue(at now: Int) -> Int {
        guard let redrive = progress.redrive, !isMoving else { return 0 }
        let there = progress.letters.count - progress.owedCount - lettersAsked.count
        let wanted = (redrive.left ?? Int.max) - min(lettersAsked.count, redrive.left ?? 0)
        let free = redrive.rate.map { redrivePace.free(Pace.thousandths($0), at: now) } ?? Int.max
        return max(0, min(there, wanted, free, limits.leaseMessagesMax))
    }

    /// What has expired meanwhile goes nowhere.
    private mutating func sendBack(_ letter: Failure, at now: GroupTime) {
        lettersAsked.insert(letter.offset)
        draft.letters.insert(letter.offset..<letter.offset + 1)
        if letter.expires > now.log {
            draft.redriven.append(
                FailedMessage(
                    offset: letter.offset, attempts: 0, due: now.log, expires: letter.expires,
                    key: letter.key, size: letter.size, reasons: progress.labels[letter.reasons]))
        } else if let failure = progress.retries[letter.offset], failure.isBlocked {
            // What comes behind it is free.
            drop(Waiting(failure))
        }
    }

    /// The changes since the last entry, which the caller writes; they come back by `committed`.
    package mutating func takeChanges() -> [GroupChange] {
        defer { draft = PartitionDraft() }
        return draft.changes
    }
}
