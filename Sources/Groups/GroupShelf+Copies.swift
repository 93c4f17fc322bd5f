// Copies of dead letters, which whoever has the log makes: an entry with the messages, and beside it in the
// same frame the change that says so. Until that is committed a letter owes its copy, whatever happens.

import Records

extension GroupShelf {
    /// The letters of a place that owe copies and may have them made now, those that died first in front.
    package func owedLetters(of place: GroupPlace, upTo count: Int) -> [FailedMessage] {
        work(at: place)?.state.owedLetters(upTo: count) ?? []
    }

    /// Notes that `copied` for these letters is on its way into the log.
    package func noteCopies(of place: GroupPlace, _ offsets: OffsetRanges) {
        work(at: place)?.state
            .copiesAsked.formUnion(offsets.runs.joined())
        noteDebt(of: place)
    }

    package func owedCount(of place: GroupPlace) -> Int {
        work(at: place)?.state.progress.owedCount ?? 0
    }

    func noteDebt(of place: GroupPlace) {
        if work(at: place)?.state.owesCopies ?? false {
            owing.insert(place)
        } else {
            owing.remove(place)
        }
    }
}

extension GroupPartition {
    var owesCopies: Bool { progress.owedCount > copiesAsked.count }

    /// One that is about to die once more has its copy made when it has.
    func owedLetters(upTo count: Int) -> [FailedMessage] {
        let owed = progress.letters.slots.map(\.failure).filter {
            $0.owesCopy && !copiesAsked.contains($0.offset) && closing[$0.offset] == nil
        }
        return owed.sorted { ($0.due, $0.offset) < ($1.due, $1.offset) }.prefix(count)
            .map { progress.message($0) }
    }
}
