// What entries about spread batches do to the state.

import Bytes
import CommitLog
import Delivery
import Records
import Wire

extension ShardState {
    /// A part waits; what it is known by is known once it is shown.
    mutating func prepare(
        _ entry: EntryPlace, _ prefix: SpreadPrefix, in bytes: [UInt8], at place: Int
    ) {
        let start = place + LogFormat.entryHeadSize + HeldBatch.prefixSize
        guard start + BatchHeader.size <= bytes.count else { return }
        let attributes = bytes.span.uint16(at: start + BatchHeader.Place.attributes)
        let logTime = bytes.span.uint64(at: start + BatchHeader.Place.logTime)
        spreads.prepared(
            prefix.spread, judge: prefix.judge,
            SpreadPart(
                position: entry.position, partition: entry.head.partition,
                count: Int(entry.head.count),
                keys: Self.keys(in: bytes, at: start)?.keys ?? [],
                isDelayed: BatchAttributes(rawValue: attributes).contains(.delayed),
                logTime: Int(clamping: logTime)))
    }

    mutating func decide(
        _ entry: EntryPlace, in bytes: [UInt8], at place: Int, logTime: Int
    ) {
        guard let decision = SpreadDecision(in: bytes, at: place, size: entry.size) else { return }
        spreads.decided(
            decision.spread, isShown: decision.isShown, others: decision.others,
            logTime: logTime)
        if decision.isShown { release(decision.spread) }
    }

    mutating func drop(_ entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        // The parts of a spread batch go as a whole.
        guard let pointer = Pointer(in: bytes, at: place, size: entry.size, count: 0) else {
            return
        }
        _ = spreads.ended(at: pointer.position)
        held.drop(pointer.position)
    }

    mutating func settle(_ entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        guard let spread = SpreadID(settledIn: bytes, at: place, size: entry.size) else { return }
        release(spread)
        spreads.settled(spread)
    }

    /// From here on the delayed parts of a batch are like any other delayed batch.
    private mutating func release(_ spread: SpreadID) {
        for part in spreads.released(spread) {
            noteKeys(of: part) { _ in .held(position: part.position) }
            if let batch = held.batches[part.position] { setTimers(of: batch, at: part.position) }
        }
    }

    mutating func noteKeys(
        of part: SpreadPart, goingTo target: (DedupKey) -> PlacedPart.Place
    ) {
        guard let partition = UInt16(exactly: part.partition.partition) else { return }
        for key in part.keys {
            let known = DedupEntry(
                key, partition: partition, place: target(key), logTime: part.logTime)
            dedup.note(known, of: part.partition.topic)
        }
    }
}
