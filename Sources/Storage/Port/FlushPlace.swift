/// Who writes and flushes the rounds of a log.
///
/// On a fast disk the loop does it in its own turn: to hand it over would cost more than it takes. On a
/// slow one that would hold up all else that the loop serves, so a thread of the log does it.
package enum FlushPlace: Sendable {
    /// Whichever suits the disk, as its flushes show.
    case auto
    case inline
    case thread
}

/// Tells a slow disk from a fast one by its latest flushes.
struct FlushGauge {
    /// A disk is slow when most flushes take longer, and fast again when most take less than the other.
    static let slowFrom: UInt64 = 1_000_000
    static let fastBelow: UInt64 = 500_000
    /// A flush that takes as long as this makes it slow at once: few would be too many.
    static let stallFrom: UInt64 = 20_000_000

    private(set) var isSlow = false
    /// A bit for each of the latest 64 flushes, set where it speaks against what is held of the disk.
    private var doubts: UInt64 = 0

    mutating func note(nanoseconds: UInt64) {
        let isDoubt = isSlow ? nanoseconds < Self.fastBelow : nanoseconds > Self.slowFrom
        doubts = doubts << 1 | (isDoubt ? 1 : 0)
        let isStall = !isSlow && nanoseconds >= Self.stallFrom
        guard isStall || doubts.nonzeroBitCount > UInt64.bitWidth / 2 else { return }
        isSlow.toggle()
        doubts = 0
    }
}
