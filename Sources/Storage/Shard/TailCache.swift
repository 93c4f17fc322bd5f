import CommitLog

/// The last rounds as they were written, so that a reader at the tail costs no read.
///
/// What it gives out is shared, not copied; what it gives up can serve as a round's buffer again.
struct TailCache {
    private struct Kept {
        let position: Int
        let end: Int
        var bytes: [UInt8]
    }

    private var kept: [Kept] = []
    /// Before it, everything was given up.
    private var first = 0
    /// Bytes of memory, whether or not they are filled.
    private(set) var size = 0
    private let sizeMax: Int
    /// A buffer that is emptier than this is not worth its memory.
    private static let slackMax = 16 << 10

    init(sizeMax: Int) {
        self.sizeMax = sizeMax
    }

    /// Keeps a round, and returns the buffers that are done with.
    mutating func add(_ round: CommittedRound) -> [[UInt8]] {
        var free: [[UInt8]] = []
        var bytes = round.bytes
        if bytes.capacity > 2 * bytes.count + Self.slackMax {
            free.append(bytes)
            bytes = Array(bytes[...])
        }
        size += bytes.capacity
        kept.append(
            Kept(position: round.header.position, end: round.header.end, bytes: bytes))
        while size > sizeMax {
            size -= kept[first].bytes.capacity
            free.append(kept[first].bytes)
            kept[first].bytes = []
            first += 1
        }
        if 2 * first > kept.count {
            kept.removeFirst(first)
            first = 0
        }
        return free
    }

    /// The bytes that hold what is at `position`, and where in them it is.
    func find(_ position: Int) -> (bytes: [UInt8], place: Int)? {
        var (low, high) = (first, kept.count)
        while low < high {
            let middle = (low + high) / 2
            if kept[middle].position > position { high = middle } else { low = middle + 1 }
        }
        guard low > first, position < kept[low - 1].end else { return nil }
        return (kept[low - 1].bytes, position - kept[low - 1].position)
    }
}
