// Sections of a checkpoint, as in docs/log-format.md:
//
//     waiting   for each part  0 spread  16 judge  20 delayed  24 position  32 topic  36 partition
//               40 count  44 keys  48 log time, then for each key  0 hash  8 fingerprint  12 record
//     shown     for each  0 spread  16 shards, then for each  0 shard
//     refused   for each  0 spread  16 log time

import Bytes
package import CommitLog
import Records
package import Wire

extension SpreadLedger {
    private static let partSize = 56
    private static let keySize = 16
    private static let shownSize = 20
    private static let refusedSize = 24

    /// In the order of the log.
    package var waitingBody: [UInt8] {
        var bytes: [UInt8] = []
        let parts = waiting.flatMap { spread, waiting in
            waiting.parts.map { (spread: spread, judge: waiting.judge, part: $0) }
        }
        for (spread, judge, part) in parts.sorted(by: { $0.part.position < $1.part.position }) {
            bytes.append(spread)
            bytes.append(littleEndian: UInt32(judge))
            bytes.append(littleEndian: UInt32(part.isDelayed ? 1 : 0))
            bytes.append(littleEndian: UInt64(part.position))
            bytes.append(littleEndian: part.partition.topic)
            bytes.append(littleEndian: part.partition.partition)
            bytes.append(littleEndian: UInt32(part.count))
            bytes.append(littleEndian: UInt32(part.keys.count))
            bytes.append(littleEndian: UInt64(part.logTime))
            for key in part.keys {
                bytes.append(littleEndian: key.hash)
                bytes.append(littleEndian: key.fingerprint)
                bytes.append(littleEndian: UInt32(key.record))
            }
        }
        return bytes
    }

    package var shownBody: [UInt8] {
        var bytes: [UInt8] = []
        for (spread, others) in shown.sorted(by: { $0.key < $1.key }) {
            bytes.append(spread)
            bytes.append(littleEndian: UInt32(others.count))
            for other in others.sorted() { bytes.append(littleEndian: UInt32(other)) }
        }
        return bytes
    }

    package var refusedBody: [UInt8] {
        var bytes: [UInt8] = []
        for refusal in refused.inOrder {
            bytes.append(refusal.spread)
            bytes.append(littleEndian: UInt64(refusal.logTime))
        }
        return bytes
    }

    package init(
        of shard: UInt16, refusedMax: Int, waiting: [UInt8], shown: [UInt8], refused: [UInt8]
    ) throws(LogError) {
        self.init(of: shard, refusedMax: refusedMax)
        try takeWaiting(waiting)
        try takeShown(shown)
        guard refused.count % Self.refusedSize == 0 else { throw .damaged(.checkpoint) }
        for place in stride(from: 0, to: refused.count, by: Self.refusedSize) {
            guard let logTime = Int(exactly: refused.span.uint64(at: place + 16))
            else { throw .damaged(.checkpoint) }
            let spread = SpreadID(in: refused.span, at: place)
            decided(spread, isShown: false, others: [], logTime: logTime)
        }
    }

    private mutating func takeWaiting(_ body: [UInt8]) throws(LogError) {
        let bytes = body.span
        var place = 0
        while place < bytes.count {
            guard place + Self.partSize <= bytes.count,
                let judge = UInt16(exactly: bytes.uint32(at: place + 16)),
                let position = Int(exactly: bytes.uint64(at: place + 24)),
                let logTime = Int(exactly: bytes.uint64(at: place + 48))
            else { throw .damaged(.checkpoint) }
            let keyCount = Int(bytes.uint32(at: place + 44))
            let firstKey = place + Self.partSize
            guard keyCount <= (bytes.count - firstKey) / Self.keySize, !isWaiting(at: position)
            else { throw .damaged(.checkpoint) }
            let keys = (0..<keyCount).map { number in
                let place = firstKey + number * Self.keySize
                return DedupKey(
                    record: Int(bytes.uint32(at: place + 12)), hash: bytes.uint64(at: place),
                    fingerprint: bytes.uint32(at: place + 8))
            }
            let part = SpreadPart(
                position: position,
                partition: PartitionID(
                    topic: bytes.uint32(at: place + 32), partition: bytes.uint32(at: place + 36)),
                count: Int(bytes.uint32(at: place + 40)), keys: keys,
                isDelayed: bytes.uint32(at: place + 20) != 0, logTime: logTime)
            prepared(SpreadID(in: bytes, at: place), judge: judge, part)
            place = firstKey + keyCount * Self.keySize
        }
    }

    private mutating func takeShown(_ body: [UInt8]) throws(LogError) {
        let bytes = body.span
        var place = 0
        while place < bytes.count {
            guard place + Self.shownSize <= bytes.count else { throw .damaged(.checkpoint) }
            let spread = SpreadID(in: bytes, at: place)
            let count = Int(bytes.uint32(at: place + 16))
            place += Self.shownSize
            guard count <= (bytes.count - place) / 4 else { throw .damaged(.checkpoint) }
            let others = (0..<count).map { number in
                UInt16(truncatingIfNeeded: bytes.uint32(at: place + 4 * number))
            }
            decided(spread, isShown: true, others: others, logTime: 0)
            place += 4 * count
        }
    }
}

extension SpreadID {
    package static let size = 16

    package init(in bytes: Span<UInt8>, at place: Int) {
        self.init(high: bytes.uint64(at: place), low: bytes.uint64(at: place + 8))
    }
}

extension [UInt8] {
    package mutating func append(_ spread: SpreadID) {
        append(littleEndian: spread.high)
        append(littleEndian: spread.low)
    }
}
