import Bytes
import Records

extension PlacedChange {
    /// Appends {kind 1, group, [topic, partition], size of the rest, the rest}.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(change.kind.rawValue)
        bytes.append(number: Int(group))
        if let partition {
            bytes.append(number: Int(partition.topic))
            bytes.append(number: Int(partition.partition))
        }
        var body: [UInt8] = []
        change.append(to: &body)
        bytes.append(text: body)
    }
}

extension GroupChange {
    fileprivate func append(to body: inout [UInt8]) {
        switch self {
        case .set(let settings): settings.append(to: &body)
        case .gone: break
        case .moved(let offset, let fence):
            body.append(number: offset)
            body.append(littleEndian: fence)
        case .settled(let ranges): ranges.append(to: &body)
        case .failed(let messages), .dead(let messages), .letters(let messages):
            messages.append(to: &body)
        case .redriven(let messages, let letters):
            var ranges: [UInt8] = []
            letters.append(to: &ranges)
            body.append(text: ranges)
            messages.append(to: &body)
        case .copied(let letters, let topic):
            body.append(number: Int(topic))
            letters.append(to: &body)
        case .horizon(let date): body.append(number: date)
        case .redriving(let redrive):
            body.append(bound: redrive.left)
            body.append(bound: redrive.rate)
        }
    }
}

extension OffsetRanges {
    /// {first, and one less than the count, for each}, each first from the end of the one before.
    func append(to bytes: inout [UInt8]) {
        var end = 0
        for run in runs {
            bytes.append(number: run.lowerBound - end)
            bytes.append(number: run.count - 1)
            end = run.upperBound
        }
    }
}

extension [FailedMessage] {
    /// The texts first, since many share one; then each message by its distance from the one before.
    fileprivate func append(to bytes: inout [UInt8]) {
        var numbers = ["": 0]
        var texts: [String] = []
        for text in flatMap({ [$0.reasons, $0.consumer, $0.address] }) where numbers[text] == nil {
            texts.append(text)
            numbers[text] = texts.count
        }
        bytes.append(number: texts.count)
        for text in texts { bytes.append(text: text.utf8) }
        var (offset, due) = (0, 0)
        for message in self {
            message.append(to: &bytes, offset: offset, due: due)
            for text in [message.reasons, message.consumer, message.address] {
                bytes.append(number: numbers[text] ?? 0)
            }
            (offset, due) = (message.offset + 1, message.due)
        }
    }
}

extension FailedMessage {
    enum Flag {
        static let key: UInt8 = 1
        static let expires: UInt8 = 2
        static let isBlocked: UInt8 = 4
        static let isEarlier: UInt8 = 8
        static let owesCopy: UInt8 = 16
        static let all: UInt8 = 31
    }

    fileprivate func append(to bytes: inout [UInt8], offset last: Int, due lastDue: Int) {
        precondition(offset >= last, "messages stand in the order of their offsets")
        var flags: UInt8 = 0
        if key != nil { flags |= Flag.key }
        if expires != .max { flags |= Flag.expires }
        if isBlocked { flags |= Flag.isBlocked }
        if owesCopy { flags |= Flag.owesCopy }
        if due < lastDue { flags |= Flag.isEarlier }
        bytes.append(flags)
        bytes.append(number: offset - last)
        bytes.append(number: attempts)
        bytes.append(number: abs(due - lastDue))
        bytes.append(number: Int(size))
        bytes.append(littleEndian: mark)
        if let key { bytes.append(littleEndian: key) }
        if expires != .max { bytes.append(number: expires) }
    }
}

extension GroupSettings {
    fileprivate func append(to bytes: inout [UInt8]) {
        bytes.append(ordering.rawValue)
        bytes.append(onDead.rawValue)
        bytes.append(keepsExpired ? 1 : 0)
        bytes.append(number: lease)
        bytes.append(number: attemptsMax)
        bytes.append(number: backoff.count)
        for pause in backoff { bytes.append(number: pause) }
        for bound in [inFlightMax, inFlightPerConsumerMax, rateThousandths, lifetime] {
            bytes.append(bound: bound)
        }
        bytes.append(number: Int(deadLetterTopic))
        bytes.append(text: filter)
    }
}
