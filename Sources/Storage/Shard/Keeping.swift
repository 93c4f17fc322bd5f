import Bytes
import CommitLog

/// What a shard knows about its files: the chores under way, and what may be removed or used again.
struct Keeping {
    private var asked: [Chore] = []
    private var underWay: [Int: Chore.Work] = [:]
    private var lastID = 0
    /// Kept checkpoints, the newest first.
    var checkpoints: [Int] = []
    /// Segments that were dropped, and how many checkpoints do not list them.
    var dropped: [Int: Dropped] = [:]
    /// Pieces of work to be tried again.
    var failed: [Chore.Work] = []
    /// When that is, and the pause before it.
    private(set) var retryAt: Int?
    private var retryPause = 0
    private var failedAt = 0
    /// There was no room for the next segment.
    private(set) var isOutOfSpace = false
    /// Segments that were not worth rewriting, and what was wanted of them then.
    private var notWorth: [Int: Int] = [:]
    private var salts: SplitMix

    struct Dropped {
        /// Nothing where it is not known.
        var header: SegmentHeader?
        var checkpoints: Int
    }

    init(seed: UInt64) {
        salts = SplitMix(seed: seed)
    }

    mutating func takeChores() -> [Chore] {
        defer { asked = [] }
        return asked
    }

    mutating func ask(_ work: Chore.Work) {
        lastID += 1
        underWay[lastID] = work
        asked.append(Chore(id: lastID, work))
    }

    mutating func finish(_ id: Int) -> Chore.Work {
        guard let work = underWay.removeValue(forKey: id) else {
            preconditionFailure("a chore ends once")
        }
        return work
    }

    var isMakingSegment: Bool {
        underWay.values.contains { if case .makeSegment = $0 { true } else { false } }
    }

    var isMakingCheckpoint: Bool {
        underWay.values.contains { if case .makeCheckpoint = $0 { true } else { false } }
    }

    var isRewriting: Bool {
        underWay.values.contains { if case .rewrite = $0 { true } else { false } }
    }

    /// Whether so much less is wanted of a segment than when it was not worth the work.
    func isWorthTrying(_ start: Int, live: Int) -> Bool {
        notWorth[start].map { 2 * live < $0 } ?? true
    }

    mutating func noteNotWorth(_ start: Int, live: Int) { notWorth[start] = live }

    /// More is worth the work than before.
    mutating func forgetNotWorth() { notWorth = [:] }

    mutating func forgetNotWorth(_ start: Int) { notWorth[start] = nil }

    var isIdle: Bool { underWay.isEmpty }

    mutating func succeeded() {
        if failed.isEmpty { (retryAt, retryPause) = (nil, 0) }
    }

    mutating func failed(at boot: Int, _ limits: ShardLimits) {
        retryPause = min(max(2 * retryPause, limits.retryPauseMin), limits.retryPauseMax)
        (failedAt, retryAt) = (boot, boot + retryPause)
    }

    /// Somebody was refused for want of room: looks for some soon, whatever the pause has grown to.
    ///
    /// While nobody asks for room, the pause stays long.
    mutating func noteDemand(_ limits: ShardLimits) {
        guard isOutOfSpace, let retryAt else { return }
        self.retryAt = min(retryAt, failedAt + limits.retryPauseMin)
    }

    mutating func noteSpace(isOut: Bool) { isOutOfSpace = isOut }

    /// Asks again for what failed.
    mutating func retry() {
        retryAt = nil
        let work = failed
        failed = []
        for piece in work { ask(piece) }
    }

    /// A segment that can become another one of `capacity`.
    func recyclable(_ capacity: Int) -> Int? {
        dropped.filter {
            $0.value.checkpoints >= LogFormat.checkpointsKept
                && $0.value.header?.capacity == capacity
        }.keys.min()
    }

    /// Something that no other segment of the shard has: by a seed that nobody is told.
    mutating func nextSalt(besides others: [UInt32]) -> UInt32 {
        while true {
            let found = UInt32(truncatingIfNeeded: salts.next())
            if found != 0, !others.contains(found) { return found }
        }
    }
}
