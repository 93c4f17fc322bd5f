package import Records
package import Wire

/// A record of a batch that has an Idempotency-Key, as the directory tells it.
package struct DedupKey: Equatable, Sendable {
    package let record: Int
    package let hash: UInt64
    package let fingerprint: UInt32

    package init(record: Int, hash: UInt64, fingerprint: UInt32) {
        self.record = record
        self.hash = hash
        self.fingerprint = fingerprint
    }

    /// Those of a batch, in its order.
    package static func all(of view: BatchView, in bytes: Span<UInt8>) -> [DedupKey] {
        guard view.header.attributes.contains(.idempotency) else { return [] }
        var keys: [DedupKey] = []
        for record in 0..<view.count {
            let entry = view.entry(record, bytes)
            guard entry.flags.contains(.hasIdempotency) else { continue }
            keys.append(
                DedupKey(
                    record: record, hash: entry.idempotencyHash, fingerprint: entry.fingerprint))
        }
        return keys
    }
}

/// What is known of a message with an Idempotency-Key: where the first one went.
package struct DedupEntry: Equatable, Sendable {
    package let hash: UInt64
    package let fingerprint: UInt32
    package let partition: UInt16
    /// Its number in the batch.
    package let record: UInt16
    /// Its own offset, or the position of the held entry that it is in.
    package let place: PlacedPart.Place
    /// Milliseconds since 1970, by the clock of the log.
    package let logTime: Int

    package init(
        _ key: DedupKey, partition: UInt16, place: PlacedPart.Place, logTime: Int
    ) {
        hash = key.hash
        fingerprint = key.fingerprint
        self.partition = partition
        record = UInt16(truncatingIfNeeded: key.record)
        self.place = place
        self.logTime = logTime
    }

    /// What a repeat hears that has this fingerprint.
    package func verdict(on fingerprint: UInt32) -> RepeatedRecord.Verdict {
        guard fingerprint == self.fingerprint else { return .other }
        return .same(
            place, record: Int(record), partition: UInt32(partition), logTime: logTime)
    }
}
