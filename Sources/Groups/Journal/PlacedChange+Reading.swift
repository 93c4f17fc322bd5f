import Records

extension PlacedChange {
    /// Reads the changes of an entry, or of a checkpoint: one behind the other, and nothing else.
    package static func all(in bytes: Span<UInt8>) throws(GroupsError) -> [PlacedChange] {
        var changes: [PlacedChange] = []
        var reader = FieldReader(0..<bytes.count)
        while !reader.isAtEnd { changes.append(try Self(bytes, &reader)) }
        return changes
    }

    private init(_ bytes: Span<UInt8>, _ reader: inout FieldReader) throws(GroupsError) {
        guard let kind = GroupChange.Kind(rawValue: try reader.byte(bytes)) else { throw .damaged }
        group = try reader.number32(bytes)
        switch kind {
        case .set, .gone: partition = nil
        default:
            let topic = try reader.number32(bytes)
            partition = PartitionID(topic: topic, partition: try reader.number32(bytes))
        }
        var body = FieldReader(try reader.part(bytes))
        change = try GroupChange(kind, bytes, &body)
        guard body.isAtEnd else { throw .damaged }
    }
}

extension GroupChange {
    fileprivate init(
        _ kind: Kind, _ bytes: Span<UInt8>, _ body: inout FieldReader
    ) throws(GroupsError) {
        switch kind {
        case .set: self = .set(try GroupSettings(bytes, &body))
        case .gone: self = .gone
        case .moved:
            let offset = try body.number(bytes)
            self = .moved(to: offset, fence: try body.fixed64(bytes))
        case .settled: self = .settled(try OffsetRanges(bytes, &body))
        case .failed: self = .failed(try Self.messages(bytes, &body))
        case .dead: self = .dead(try Self.messages(bytes, &body))
        case .redriven:
            var part = FieldReader(try body.part(bytes))
            let letters = try OffsetRanges(bytes, &part)
            self = .redriven(try Self.messages(bytes, &body), letters: letters)
        case .copied:
            let topic = try body.number32(bytes)
            self = .copied(try OffsetRanges(bytes, &body), topic: topic)
        case .horizon: self = .horizon(try body.number(bytes))
        case .redriving:
            let left = try body.bound(bytes)
            self = .redriving(Redrive(left: left, rate: try body.bound(bytes)))
        case .letters:
            self = .letters(try Self.messages(bytes, &body))
        }
    }

    private static func messages(
        _ bytes: Span<UInt8>, _ body: inout FieldReader
    ) throws(GroupsError) -> [FailedMessage] {
        let count = try body.number(bytes)
        guard count <= body.left else { throw .damaged }
        var texts = [""]
        for _ in 0..<count {
            let text = try body.text(bytes, sizeMax: FailedMessage.textSizeMax)
            texts.append(String(decoding: text, as: UTF8.self))
        }
        var messages: [FailedMessage] = []
        var (offset, due) = (0, 0)
        while !body.isAtEnd {
            let message = try FailedMessage(bytes, &body, texts, offset: offset, due: due)
            (offset, due) = (message.offset + 1, message.due)
            messages.append(message)
        }
        return messages
    }
}

extension OffsetRanges {
    fileprivate init(_ bytes: Span<UInt8>, _ body: inout FieldReader) throws(GroupsError) {
        self.init()
        var end = 0
        while !body.isAtEnd {
            let first = try body.number(bytes, from: end)
            // Neighbours would have been one.
            guard first > end || end == 0 else { throw .damaged }
            end = try body.number(bytes, from: first + 1)
            insert(first..<end)
        }
    }
}

extension FailedMessage {
    /// All reasons of a message, or the other texts.
    static let textSizeMax = GroupLimits.reasonsMax * (GroupLimits.labelSizeMax + 1)

    fileprivate init(
        _ bytes: Span<UInt8>, _ body: inout FieldReader, _ texts: [String], offset last: Int,
        due lastDue: Int
    ) throws(GroupsError) {
        let flags = try body.byte(bytes)
        guard flags & ~Flag.all == 0 else { throw .damaged }
        let offset = try body.number(bytes, from: last)
        let attempts = try body.number(bytes)
        let distance = try body.number(bytes)
        let due = flags & Flag.isEarlier == 0 ? lastDue + distance : lastDue - distance
        guard 0..<Int(FieldReader.numberEnd) ~= due, due < lastDue || flags & Flag.isEarlier == 0
        else { throw .damaged }
        let size = try body.number32(bytes)
        let mark = try body.fixed32(bytes)
        let key = flags & Flag.key == 0 ? nil : try body.fixed32(bytes)
        let expires = flags & Flag.expires == 0 ? Int.max : try body.number(bytes)
        var numbers: [Int] = []
        for _ in 0..<3 { numbers.append(try body.number(bytes)) }
        guard attempts <= GroupLimits.attemptsMax, numbers.allSatisfy({ $0 < texts.count })
        else { throw .damaged }
        self.init(
            offset: offset, attempts: attempts, due: due, expires: expires, key: key, size: size,
            mark: mark, isBlocked: flags & Flag.isBlocked != 0,
            owesCopy: flags & Flag.owesCopy != 0,
            reasons: texts[numbers[0]], consumer: texts[numbers[1]], address: texts[numbers[2]])
    }
}

extension GroupSettings {
    /// Bytes of a filter's canonical text.
    static let filterSizeMax = 16 << 10

    fileprivate init(_ bytes: Span<UInt8>, _ body: inout FieldReader) throws(GroupsError) {
        self.init()
        guard let ordering = Ordering(rawValue: try body.byte(bytes)),
            let onDead = OnDead(rawValue: try body.byte(bytes))
        else { throw .damaged }
        (self.ordering, self.onDead) = (ordering, onDead)
        let flag = try body.byte(bytes)
        keepsExpired = flag == 1
        lease = try body.number(bytes)
        attemptsMax = try body.number(bytes)
        let steps = try body.number(bytes)
        guard flag <= 1, steps <= GroupLimits.backoffStepsMax,
            1...GroupLimits.attemptsMax ~= attemptsMax
        else { throw .damaged }
        backoff = []
        for _ in 0..<steps { backoff.append(try body.number(bytes)) }
        inFlightMax = try body.bound(bytes)
        inFlightPerConsumerMax = try body.bound(bytes)
        rateThousandths = try body.bound(bytes)
        lifetime = try body.bound(bytes)
        deadLetterTopic = try body.number32(bytes)
        filter = try body.text(bytes, sizeMax: Self.filterSizeMax)
    }
}
