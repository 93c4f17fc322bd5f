// What stored batches do to the Idempotency-Keys that are known.

import Bytes
import CommitLog
import Delivery
import Records
import Wire

extension ShardState {
    /// Notes the keys of a batch, whose entry is at `place` and which begins `prefix` bytes into its body.
    mutating func noteKeys(
        of entry: EntryPlace, in bytes: [UInt8], at place: Int, prefix: Int,
        goingTo target: (DedupKey) -> PlacedPart.Place
    ) {
        let start = place + LogFormat.entryHeadSize + prefix
        guard let partition = UInt16(exactly: entry.head.partition.partition),
            let (keys, logTime) = Self.keys(in: bytes, at: start)
        else { return }
        for key in keys {
            let known = DedupEntry(
                key, partition: partition, place: target(key), logTime: logTime)
            dedup.note(known, of: entry.head.partition.topic)
        }
    }

    /// The keys of the batch at `start`, if it has any, and when it was appended.
    static func keys(in bytes: [UInt8], at start: Int) -> (keys: [DedupKey], logTime: Int)? {
        guard start + BatchHeader.size <= bytes.count else { return nil }
        let attributes = bytes.span.uint16(at: start + BatchHeader.Place.attributes)
        guard BatchAttributes(rawValue: attributes).contains(.idempotency) else { return nil }
        do throws(RecordsError) {
            let view = try BatchView(bytes.span, at: start)
            return (DedupKey.all(of: view, in: bytes.span), Int(view.header.logTime))
        } catch {
            return nil
        }
    }
}
