import Bytes
import Records
import Wire

/// How readings end.
extension ReadDesk {
    /// Messages behind the place, as far as the last look knows.
    private func lag(of reading: Reading) -> Int {
        var lag = 0
        for (position, part) in reading.parts.enumerated() {
            guard let part else { continue }
            lag += max(0, part.end - reading.place.offsets[position])
        }
        return lag
    }

    /// Gives all readers what was found.
    mutating func deliver(
        _ reading: Reading, _ ending: ReadEnding, isFull: Bool = false, at now: TurnTime
    ) {
        let count = UInt64(reading.readers.count)
        counts.messages += count * UInt64(reading.rendition.count)
        counts.bytes += count * UInt64(reading.rendition.size)
        if reading.taste.key.format == .events {
            return deliverEvents(reading, isAtEnd: ending == .data, at: now)
        }
        answerAll(reading, ending, isFull: isFull)
    }

    private mutating func answerAll(_ reading: Reading, _ ending: ReadEnding, isFull: Bool) {
        var answer = answer(reading, reading.takeRendition(), ending, isFull: isFull)
        for reader in reading.readers {
            give(&answer, to: reader)
        }
    }

    private func answer(
        _ reading: Reading, _ rendition: consuming Rendition, _ ending: ReadEnding, isFull: Bool
    ) -> ReadAnswer {
        let hasExactStart: Bool
        switch reading.options.start {
        case .offset: hasExactStart = true
        case .cursor(let cursor):
            if case .published = cursor.place {
                hasExactStart = false
            } else {
                hasExactStart = true
            }
        case .earliest, .latest, .time: hasExactStart = false
        }
        return ReadAnswer(
            rendition, next: reading.place.cursor(of: reading.known.topic.id), ending,
            lag: lag(of: reading), isClosed: isFull && hasExactStart && !reading.hasRested)
    }

    private mutating func give(_ answer: inout ReadAnswer, to reader: Reader) {
        answers.append(DeskAnswer(reader.caller, .response(answer.response(wait: reader.wait))))
        release(reader)
    }

    /// Tells a reader that there was nothing.
    mutating func giveNothing(_ reader: Reader, of reading: Reading) {
        let ending: ReadEnding = drainEnd == nil ? .timeout : .drain
        if reader.isStream { return endStream(reader) }
        var answer = answer(reading, reading.rendition, ending, isFull: false)
        give(&answer, to: reader)
    }
}
