import CommitLog
import Delivery

extension Shard {
    /// Does what is due by now.
    package func tick(at now: ShardTime) {
        advance(to: now)
        if isPoisoned { return }
        if let retryAt = keeping.retryAt, retryAt <= now.boot { keeping.retry() }
        shortenLine()
        wantSegment()
        guardIndex()
        sayGone()
        showDue()
        doSpreadDuties()
        tickGroups()
        if let due = commitMarkDue, due <= now.boot { log.append(.commitMark) }
        if let due = pace.nextBegin, due <= now.boot {
            pace.lastBegin = now.boot
            begin()
        }
        if pace.mayDrop { drop() }
        if pace.mayRewrite { rewrite() }
        if let due = checkpointDue, due <= now.boot { checkpoint() }
    }

    /// When `tick` has to be called at the latest, by the boot-time clock, if there is such a time.
    package var nextDeadline: Int? {
        if isPoisoned || isReadOnly { return nil }
        let waitsForRoom = goneTopics.isEmpty ? nil : now.boot + limits.retryPauseMin
        let drops = pace.mayDrop || pace.mayRewrite ? now.boot : nil
        let deadlines = [
            keeping.retryAt, commitMarkDue, pace.nextBegin, checkpointDue, waitsForRoom, drops,
            nextDue, state.spreads.nextDuty, nextGroupDeadline, line.nextEnd,
        ]
        return deadlines.compactMap { $0 }.min()
    }

    private var commitMarkDue: Int? {
        guard log.wantsCommitMark, let idleSince = pace.idleSince else { return nil }
        return idleSince + limits.commitMarkPause
    }

    private var checkpointDue: Int? {
        if keeping.isMakingCheckpoint { return nil }
        let due = pace.nextCheckpoint(
            upTo: state.folded.position, isHurried: keeping.isOutOfSpace || disk >= .filling, limits
        )
        return due.map { max($0, keeping.retryAt ?? .min) }
    }
}
