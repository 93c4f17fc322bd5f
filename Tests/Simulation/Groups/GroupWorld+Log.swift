import Groups
import Records

// Into the log, out of it, and what a process is that starts again.
extension GroupWorld {
    /// What the turn has come to is appended.
    mutating func endTurn() {
        turn.entry = shelf.takeEntry() + turn.copyChanges
        guard !turn.isEmpty else { return }
        if mistake == .confirmsBeforeCommit {
            for answer in turn.answers { model.told(answer) }
            turn.answers = []
        }
        rounds.append(turn)
        turn = GroupRound()
    }

    /// The oldest round is flushed, and everybody hears of it.
    mutating func commit() {
        guard !rounds.isEmpty else { return }
        let round = rounds.removeFirst()
        keep(round)
        do throws(GroupsError) {
            _ = try shelf.committed(round.entry.span, at: now)
        } catch {
            model.fault("an entry is damaged")
        }
        for (place, facts) in round.records.sorted(by: { $0.key < $1.key }) {
            let end = (facts.last?.offset ?? -1) + 1
            _ = shelf.grew(place.partition, to: end)
        }
        for answer in round.answers { model.told(answer) }
    }

    /// A round is on the disk.
    private mutating func keep(_ round: GroupRound) {
        if !round.entry.isEmpty { journal.append(round.entry) }
        model.committed(round.records)
        if mistake != .showsBeforeCommit {
            for (place, facts) in round.records { records[place, default: []] += facts }
        }
        do throws(GroupsError) {
            for change in try PlacedChange.all(in: round.entry.span) {
                noteSettings(change)
                model.committed(change, at: now)
            }
        } catch {
            model.fault("an entry is damaged")
        }
        for (place, offsets) in round.copies {
            for offset in offsets { model.copied(place, offset) }
        }
    }

    private mutating func noteSettings(_ placed: PlacedChange) {
        guard case .set(let settings) = placed.change else { return }
        model.attemptsMax = settings.attemptsMax
        model.ordering = settings.ordering
    }

    mutating func takeCheckpoint() {
        model.tally.checkpoints += 1
        checkpoint = shelf.book.body
        journal = []
    }

    /// What a start comes to.
    func folded() -> GroupBook? {
        var book = GroupBook(limits)
        var entries = journal
        if mistake == .forgetsEntry, !entries.isEmpty { entries.remove(at: entries.count / 2) }
        do throws(GroupsError) {
            try book.apply(checkpoint.span)
            for entry in entries {
                for change in try PlacedChange.all(in: entry.span) {
                    book.apply(mistake == .redrivesTwice ? change.withoutLetters : change)
                }
            }
            return book
        } catch {
            return nil
        }
    }

    /// The process dies; some of what was appended may have got to the disk, and nobody was told.
    mutating func die() {
        model.tally.kills += 1
        let before = shelf.book
        if let book = folded(), book != before, mistake != .forgetsEntry,
            mistake != .redrivesTwice
        {
            model.fault("a start comes to another state than the process had")
        }
        for _ in 0..<random.number(in: 0...rounds.count) { keep(rounds.removeFirst()) }
        rounds = []
        turn = GroupRound()
        appended = records.mapValues(\.count)
        now.boot += random.number(in: 0...2_000)
        now.log += random.number(in: 0...2_000)
        start()
    }

    private mutating func start() {
        guard let book = folded() else { return model.fault("a start fails") }
        if mistake != .reusesEpoch { epoch += 1 }
        var time = now
        if mistake == .forgetsHorizon { time.log += 100_000_000 }
        shelf = GroupShelf(Self.hurried(book, mistake), epoch: epoch, at: time)
        for place in Self.places {
            _ = shelf.grew(place.partition, to: records[place, default: []].count)
        }
        model.died()
    }

    /// The state as it is, or without what it says about leases.
    private static func hurried(_ book: GroupBook, _ mistake: GroupMistake?) -> GroupBook {
        guard mistake == .forgetsHorizon else { return book }
        var hurried = GroupBook(book.limits)
        do throws(GroupsError) {
            for change in try PlacedChange.all(in: book.body.span) {
                if case .horizon = change.change { continue }
                hurried.apply(change)
            }
        } catch {
            return book
        }
        return hurried
    }

}

extension PlacedChange {
    /// Does not count off the letters that go back.
    fileprivate var withoutLetters: PlacedChange {
        guard case .redriven(let messages, _) = change else { return self }
        return PlacedChange(
            group: group, partition: partition, .redriven(messages, letters: OffsetRanges()))
    }
}
