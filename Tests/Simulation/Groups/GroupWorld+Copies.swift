import Groups
import Records

// Copies of dead letters: an entry has them and the change that says so, or neither.
extension GroupWorld {
    mutating func makeCopies(upTo count: Int) {
        for place in shelf.owing.sorted() {
            let offsets = shelf.owedLetters(of: place, upTo: count).map(\.offset)
            guard !offsets.isEmpty else { continue }
            model.tally.copied += offsets.count
            turn.copies[place, default: []] += offsets
            if mistake == .copiesWithoutChange { continue }
            let letters = OffsetRanges(offsets)
            PlacedChange(
                group: place.group, partition: place.partition, .copied(letters, topic: 5)
            ).append(to: &turn.copyChanges)
            shelf.noteCopies(of: place, letters)
        }
    }
}

extension GroupModel {
    mutating func died(_ place: GroupPlace, owing dead: FailedMessage) {
        if dead.owesCopy {
            owed[place, default: []].insert(dead.offset)
        } else {
            owed[place]?.remove(dead.offset)
        }
    }

    /// A copy is in the log.
    mutating func copied(_ place: GroupPlace, _ offset: Int) {
        if owed[place]?.remove(offset) == nil { fault("\(offset) has a copy too many") }
    }
}
