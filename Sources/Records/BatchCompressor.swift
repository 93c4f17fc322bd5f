// Whether a batch is compressed, and compressing it. What does not become a tenth smaller is not
// worth inflating again, and is stored as it came.
//
// A disk takes ten times what a core can compress. So `auto` compresses while little comes, and of
// much only as much as costs a loop a small part of its time (docs/decisions/0014).

internal import Deflate

/// What a topic wants of its batches.
package enum Compression: String, CaseIterable, Sendable {
    /// Compressed where a look at a few bytes says that it pays, and there is time for it.
    case auto
    case none
    /// Compressed where it pays.
    case deflate
}

/// Compresses the batches of a loop, one after another.
package struct BatchCompressor: ~Copyable {
    package static let rawSizeMin = 512
    /// What has to be saved, as a part of the payload.
    package static let savingDivisor = 10
    package static let level = 1
    /// What may come out of `auto` in a millisecond, and what it saves up of that for a burst.
    ///
    /// What goes in says little of the time that it takes: the same text again and again takes none.
    package static let autoRate = 2 << 10
    package static let autoBurstMax = 256 << 10

    private var deflater = Deflater(format: .raw, level: level)
    /// The header's room and the payload, of the last batch that paid.
    private var output: [UInt8] = []
    /// What may come out of `auto` now, and when that was; below zero after a large batch.
    private var autoLeft = autoBurstMax
    private var time: UInt64?

    package init() {}

    /// Notes that it is `milliseconds` by a clock that does not jump.
    package mutating func pass(to milliseconds: UInt64) {
        let passed = Int(clamping: milliseconds - min(time ?? milliseconds, milliseconds))
        time = milliseconds
        let earned = min(passed, Self.autoBurstMax) * Self.autoRate
        autoLeft = min(autoLeft + earned, Self.autoBurstMax)
    }

    /// Compresses what is behind the header's room in `batch`; returns whether that paid.
    ///
    /// The output has room for `room` bytes more.
    mutating func deflate(_ batch: [UInt8], _ compression: Compression, room: Int) -> Bool {
        let payload = batch[BatchHeader.size...]
        guard isWorthTrying(payload, compression) else { return false }
        let sizeMax = payload.count - (payload.count + Self.savingDivisor - 1) / Self.savingDivisor
        output.removeAll(keepingCapacity: true)
        output.reserveCapacity(BatchHeader.size + payload.count / 2 + room)
        output.append(contentsOf: BatchHeader.room)
        deflater.append(payload, to: &output)
        if compression == .auto { autoLeft -= output.count }
        return output.count - BatchHeader.size <= sizeMax
    }

    /// Gives away the output of the last call of `deflate`.
    mutating func takeOutput() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &output)
        return taken
    }

    private func isWorthTrying(_ payload: ArraySlice<UInt8>, _ compression: Compression) -> Bool {
        guard payload.count >= Self.rawSizeMin else { return false }
        switch compression {
        case .none: return false
        case .deflate: return true
        // A loop that is busy with one large body for milliseconds lets all others wait.
        case .auto:
            return payload.count <= RecordLimits.rawSizeMax && autoLeft > 0
                && !looksRandom(payload)
        }
    }
}

/// Whether a sample has so even a distribution of bytes that nothing would be saved.
///
/// The sum of the squared counts is as small as it gets in noise, in images and in what is
/// compressed already; in text it is several times that, and in base64 three times.
private func looksRandom(_ payload: ArraySlice<UInt8>) -> Bool {
    let sampleSize = min(payload.count, 1_024)
    let stride = payload.count / sampleSize
    var counts = [256 of UInt16](repeating: 0)
    for index in 0..<sampleSize {
        counts[Int(payload[payload.startIndex + index * stride])] += 1
    }
    var squares = 0
    for index in counts.indices { squares += Int(counts[index]) * Int(counts[index]) }
    let ofNoise = sampleSize + sampleSize * (sampleSize - 1) / 256
    return squares * 4 < ofNoise * 5
}
