// The files of a shard: what it asks the keeper for, and what it makes of the reports.

package import CommitLog
import Delivery

extension Shard {
    /// Notes what became of a chore.
    package func finished(_ report: ChoreReport, at now: ShardTime) {
        advance(to: now)
        let work = keeping.finish(report.id)
        defer { moveLine() }
        if let error = report.error {
            counts.failedChores += 1
            return failed(work, error)
        }
        keeping.succeeded()
        switch work {
        case .makeSegment(let header, let old):
            if let old { keeping.dropped[old] = nil }
            state.segments.append(header)
            log.prepared(header)
        case .makeIndex(_, let segment, _): state.indexes[segment.start] = nil
        case .makeCheckpoint(let checkpoint): noteCheckpoint(at: checkpoint.position)
        case .rewrite(let plan): rewrote(plan, report.rewritten)
        case .remove: break
        }
        if log.hasPreparedSegment { keeping.noteSpace(isOut: false) }
    }

    private func failed(_ work: Chore.Work, _ error: LogError) {
        if error == .noSpace { keeping.noteSpace(isOut: true) }
        switch work {
        case .makeSegment(_, let old):
            // Nobody knows which name it has, if it has one still.
            if let old { remove(old) }
        case .makeIndex: keeping.failed.append(work)
        case .makeCheckpoint: pace.waitsForCheckpoints = true
        // A segment that is not whole stays as it is; what found no room is tried with a later one.
        case .rewrite(let plan):
            let isThere = state.segment(at: plan.segment.start) != nil
            if error.isDamage, isThere { keeping.noteNotWorth(plan.segment.start, live: 0) }
            return
        case .remove: return
        }
        keeping.failed(at: now.boot, limits)
    }

    /// Asks for the next segment as soon as the one before is in use.
    func wantSegment() {
        guard !log.hasPreparedSegment, !isReadOnly, !isPoisoned, !keeping.isMakingSegment,
            keeping.retryAt ?? .min <= now.boot
        else { return }
        let old = keeping.recyclable(limits.segmentCapacity)
        let known = state.segments.map(\.salt) + keeping.dropped.values.compactMap(\.header?.salt)
        let salt = keeping.nextSalt(besides: known)
        let header = log.nextSegment(capacity: limits.segmentCapacity, salt: salt)
        keeping.ask(.makeSegment(header, recycling: old))
    }

    /// Ends the segment when its index is about to take too much memory.
    func guardIndex() {
        let active = state.indexes[log.tail.segment.start]?.entryBytes ?? 0
        if active > limits.indexSizeMax / 2 { log.endSegment() }
    }

    func sealed(_ segment: SegmentHeader, end: Int) {
        guard !isReadOnly, let index = state.indexes[segment.start] else { return }
        keeping.ask(.makeIndex(index, of: segment, end: end))
    }

    private func noteCheckpoint(at position: Int) {
        keeping.checkpoints.insert(position, at: 0)
        keeping.checkpoints.removeLast(
            max(0, keeping.checkpoints.count - LogFormat.checkpointsKept))
        for start in keeping.dropped.keys { keeping.dropped[start]?.checkpoints += 1 }
        removeDropped()
        pace.mayDrop = true
        pace.mayRewrite = true
    }

    /// Takes dead segments out of the books; their files go when no kept checkpoint lists them.
    func drop() {
        pace.mayDrop = false
        pinnedBytes = nil
        let older = keeping.checkpoints.dropFirst(LogFormat.checkpointsKept - 1).first ?? 0
        let pins = state.pins()
        for start in state.retention.dead(below: older, pins: pins) {
            close(start)
            keeping.dropped[start] = Keeping.Dropped(header: state.drop(start), checkpoints: 0)
            keeping.forgetNotWorth(start)
        }
        let areWaiting =
            !state.retention.dead(below: log.tail.segment.start, pins: pins).isEmpty
            || keeping.dropped.values.contains { $0.checkpoints < LogFormat.checkpointsKept }
        pace.waitsForCheckpoints = areWaiting
    }

    /// Removes dropped segments whose time has come; one of them may become the next segment.
    private func removeDropped() {
        let ready = keeping.dropped.filter { $0.value.checkpoints >= LogFormat.checkpointsKept }
        // Where room is short, what is not needed now gives its own back.
        let spare = disk < .filling ? keeping.recyclable(limits.segmentCapacity) : nil
        for start in ready.keys.sorted() where start != spare { remove(start) }
    }

    func remove(_ start: Int) {
        keeping.dropped[start] = nil
        keeping.ask(
            .remove([
                FileName.index(at: start), FileName.segment(at: start),
                FileName.archive(at: start),
            ]))
    }

    /// Asks for a checkpoint of the state as it is, unless the newest has it.
    func checkpoint() {
        if isReadOnly || keeping.isMakingCheckpoint { return }
        guard state.folded.position != keeping.checkpoints.first else {
            // The same state again would say nothing; a frame more makes it another one.
            if pace.waitsForCheckpoints, log.isIdle { log.append(.time) }
            return
        }
        state.forgetGoneTopics()
        state.dedup.expire(now: time.now)
        keeping.ask(.makeCheckpoint(state.checkpoint(of: UInt32(number), groups: groupsBody)))
        pace.askedForCheckpoint(at: state.folded.position, boot: now.boot)
    }
}
