package import Records

/// Makes records and batches from a seed.
package struct RecordMaker {
    package var random: SeededRandom

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// A record with any mixture of parts; whether it has a delay is up to the caller.
    package mutating func record(bodySizeMax: Int = 400, isDelayed: Bool = false) -> RecordDraft {
        let time = 1_700_000_000_000 + UInt64(random.number(in: 0...300))
        var record = RecordDraft(time: time, body: body(bodySizeMax)[...])
        if random.oneIn(2) { record.key = text(0...20)[...] }
        if random.oneIn(2) { record.contentType = Array("application/json".utf8)[...] }
        if random.oneIn(3) { record.attributes = attributes() }
        if random.oneIn(4) { record.ttl = random.next() >> UInt64(random.number(in: 0...63)) }
        if random.oneIn(4) { record.idempotencyHash = random.next() }
        if isDelayed {
            let delay = random.next() >> UInt64(random.number(in: 0...63))
            record.delay = random.oneIn(2) ? .duration(delay) : .date(delay)
        }
        return record
    }

    /// Records that fit into one batch.
    package mutating func records(countMax: Int = 30) -> [RecordDraft] {
        let isDelayed = random.oneIn(5)
        return (0..<random.number(in: 1...countMax)).map { _ in record(isDelayed: isDelayed) }
    }

    package mutating func builder() -> BatchBuilder {
        let producer = BatchProducer(
            id: random.next(), epoch: UInt16(random.number(in: 0...9)),
            baseSequence: UInt32(random.number(in: 0...9_999)))
        return BatchBuilder(
            producer: random.oneIn(4) ? producer : nil, isTransactional: random.oneIn(4))
    }

    private mutating func attributes() -> [RecordAttribute] {
        (0..<random.number(in: 1...5)).map { _ in
            RecordAttribute(name: text(1...12)[...], value: text(0...200)[...])
        }
    }

    /// Words, which compress, or noise, which does not.
    private mutating func body(_ sizeMax: Int) -> [UInt8] {
        let size = random.number(in: 0...sizeMax)
        if random.oneIn(4) {
            return (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        }
        let words = ["order", "amount", "{\"id\":", "null", ",", "customer", "17", "true"]
        var body: [UInt8] = []
        while body.count < size { body += Array(random.pick(words).utf8) }
        return body
    }

    private mutating func text(_ size: ClosedRange<Int>) -> [UInt8] {
        let letters = Array("abcdefghijklmnopqrstuvwxyz.-0123456789".utf8)
        return (0..<random.number(in: size)).map { _ in random.pick(letters) }
    }
}
