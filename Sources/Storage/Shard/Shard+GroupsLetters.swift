import Groups
import Records
import Wire

extension Shard {
    /// Shows dead letters, as they were committed.
    func letters(_ call: GroupLetters) throws(GroupTrouble) -> [DeadLetter] {
        let places = try places(call.group, call.parts.map(\.partition))
        let countMax = min(max(call.countMax, 0), limits.lettersShownMax)
        var letters: [DeadLetter] = []
        for (place, part) in zip(places, call.parts) where letters.count < countMax {
            let found = groups.shelf[place]?
                .letters(from: part.offset, upTo: countMax - letters.count)
            letters += (found ?? []).map { DeadLetter($0, in: place.partition) }
        }
        return letters
    }
}

extension DeadLetter {
    fileprivate init(_ picture: LetterPicture, in partition: PartitionID) {
        let message = picture.message
        self.init(
            partition: partition, offset: message.offset, attempts: message.attempts,
            reasons: message.reasons.split(separator: "\n").map(String.init),
            consumer: message.consumer.isEmpty ? nil : message.consumer,
            address: message.address.isEmpty ? nil : message.address,
            diedAt: message.due == 0 ? nil : message.due, isRedriving: picture.isRedriving)
    }
}
