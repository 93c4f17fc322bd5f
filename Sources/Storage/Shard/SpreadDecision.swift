// The body of a decision: 0 spread, 16 shown, 20 shards, then {shard 4} for each other shard.

import Bytes
import CommitLog
import Delivery
import Wire

/// What a judge says of a spread batch, once and for all.
struct SpreadDecision: Equatable {
    let spread: SpreadID
    let isShown: Bool
    let others: [UInt16]

    private static let headSize = 24

    init(_ spread: SpreadID, isShown: Bool, others: [UInt16] = []) {
        self.spread = spread
        self.isShown = isShown
        self.others = others
    }

    /// Reads the decision whose entry, of `size` bytes, is at `place`.
    init?(in bytes: [UInt8], at place: Int, size: Int) {
        let start = place + LogFormat.entryHeadSize
        guard size >= LogFormat.entryHeadSize + Self.headSize, place + size <= bytes.count
        else { return nil }
        let count = Int(bytes.span.uint32(at: start + 20))
        guard size == LogFormat.entryHeadSize + Self.headSize + 4 * count else { return nil }
        spread = SpreadID(in: bytes.span, at: start)
        isShown = bytes.span.uint32(at: start + SpreadID.size) != 0
        others = (0..<count).map { number in
            UInt16(
                truncatingIfNeeded: bytes.span.uint32(at: start + Self.headSize + 4 * number))
        }
    }

    var body: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(spread)
        bytes.append(littleEndian: UInt32(isShown ? 1 : 0))
        bytes.append(littleEndian: UInt32(others.count))
        for other in others { bytes.append(littleEndian: UInt32(other)) }
        return bytes
    }
}

extension SpreadID {
    /// Reads the body of a settled entry, of `size` bytes, at `place`.
    init?(settledIn bytes: [UInt8], at place: Int, size: Int) {
        guard size == LogFormat.entryHeadSize + Self.size, place + size <= bytes.count
        else { return nil }
        self.init(in: bytes.span, at: place + LogFormat.entryHeadSize)
    }
}
