// What stands before the batch in the body of a held entry that is a part of a spread batch:
// 0 spread, 16 judge, 20 zero. All of it is zero before a batch that is only delayed.

import Bytes
import CommitLog
import Delivery
import Wire

/// Which spread batch a held entry belongs to, and who decides about it.
struct SpreadPrefix: Equatable {
    let spread: SpreadID
    let judge: UInt16

    init(_ spread: SpreadID, judge: UInt16) {
        self.spread = spread
        self.judge = judge
    }

    /// Reads that of the held entry at `place`; nil where it is only delayed.
    init?(of entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        let start = place + LogFormat.entryHeadSize
        guard entry.size >= LogFormat.entryHeadSize + HeldBatch.prefixSize,
            start + HeldBatch.prefixSize <= bytes.count
        else { return nil }
        spread = SpreadID(in: bytes.span, at: start)
        judge = UInt16(truncatingIfNeeded: bytes.span.uint32(at: start + SpreadID.size))
        if spread.isNone { return nil }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(spread)
        bytes.append(littleEndian: UInt32(judge))
        bytes.append(littleEndian: UInt32(0))
        return bytes
    }
}

extension SpreadID {
    /// Stands where there is no spread batch; no batch has it.
    var isNone: Bool { high == 0 && low == 0 }
}
