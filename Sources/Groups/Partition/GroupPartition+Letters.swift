/// A dead letter, and whether a redrive that is under way takes it back.
package struct LetterPicture: Equatable, Sendable {
    package let message: FailedMessage
    package let isRedriving: Bool
}

extension GroupPartition {
    /// So many dead letters from `offset` on, in order.
    package func letters(from offset: Int, upTo count: Int) -> [LetterPicture] {
        // Those that owe copies go back when these are made, and so are counted, too.
        var left = progress.redrive.map { $0.left ?? .max } ?? 0
        var pictures: [LetterPicture] = []
        for letter in progress.letters.all {
            let isRedriving = left > 0
            left -= isRedriving ? 1 : 0
            guard letter.offset >= offset else { continue }
            guard pictures.count < count else { break }
            pictures.append(
                LetterPicture(message: progress.message(letter), isRedriving: isRedriving))
        }
        return pictures
    }
}
