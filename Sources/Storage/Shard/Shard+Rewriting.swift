// Segments that little is wanted of: the keeper copies that elsewhere, and the rest gives its room back.

import CommitLog
import Records

extension Shard {
    /// Has the segment rewritten of which the smallest part is wanted, if that is small enough.
    func rewrite() {
        pace.mayRewrite = false
        guard !isReadOnly, !keeping.isRewriting, disk < .scarce else { return }
        let below = disk < .filling ? limits.rewriteBelow : limits.rewriteBelowWhenFilling
        let held = state.heldBySegment()
        var best: (summary: SegmentSummary, size: Int, share: Double)?
        for summary in settledSegments {
            let live = state.retention.liveBytes(in: summary) + (held[summary.start]?.bytes ?? 0)
            let size = state.archived[summary.start] ?? summary.capacity
            guard live * 100 < below * size, keeping.isWorthTrying(summary.start, live: live)
            else { continue }
            let share = Double(live) / Double(size)
            if share < best?.share ?? 2 { best = (summary, size, share) }
        }
        guard let best, let segment = state.segment(at: best.summary.start) else { return }
        keeping.ask(
            .rewrite(
                plan(
                    segment, best.summary, positions: held[segment.start]?.positions ?? [],
                    sizeMax: best.size * below / 100)))
    }

    /// Those that no start reads frame by frame any more, and that are not dead.
    private var settledSegments: [SegmentSummary] {
        let older = keeping.checkpoints.dropFirst(LogFormat.checkpointsKept - 1).first ?? 0
        let pins = state.pins()
        return state.retention.segments.filter { summary in
            summary.limit <= older
                && (pins.contains(summary.start) || state.retention.liveBytes(in: summary) > 0)
        }
    }

    private func plan(
        _ segment: SegmentHeader, _ summary: SegmentSummary, positions: Set<Int>, sizeMax: Int
    ) -> RewritePlan {
        let kept = SegmentSummary(
            start: summary.start, capacity: summary.capacity, end: summary.end,
            runs: summary.runs.filter { state.retention.isLive($0.value, of: $0.key) })
        let pointed = state.held.pointed[segment.start].map { Set($0.keys) } ?? []
        return RewritePlan(
            segment, kept, positions: positions, partitions: pointed, sizeMax: sizeMax)
    }

    /// Notes what became of a rewriting.
    func rewrote(_ plan: RewritePlan, _ outcome: RewriteOutcome?) {
        let start = plan.segment.start
        switch outcome {
        case .archived(let dataSize):
            close(start)
            guard state.segment(at: start)?.start == start else { return leaveArchive(of: start) }
            state.rewrote(plan.summary, dataSize: dataSize)
            counts.rewrittenSegments += 1
            pinnedBytes = nil
            pace.mayRewrite = true
        case .notWorth:
            let held = state.heldBySegment()[start]?.bytes ?? 0
            keeping.noteNotWorth(
                start, live: state.retention.liveBytes(in: plan.summary) + held)
            pace.mayRewrite = true
        case nil: preconditionFailure("a rewriting that did not fail has come to something")
        }
    }
}

extension Shard {
    /// A segment died while it was rewritten: its archive stays for as long as a checkpoint lists it.
    private func leaveArchive(of start: Int) {
        guard keeping.dropped[start] != nil else { return remove(start) }
        keeping.dropped[start]?.header = nil
    }
}

extension ShardState {
    /// Notes that an archive stands for a segment, which has no other runs any more.
    mutating func rewrote(_ summary: SegmentSummary, dataSize: Int) {
        archived[summary.start] = dataSize
        retention.rewrote(summary)
    }

    /// Batches that wait, by the segment that they stand in.
    func heldBySegment() -> [Int: (bytes: Int, positions: Set<Int>)] {
        var found: [Int: (bytes: Int, positions: Set<Int>)] = [:]
        for (position, batch) in held.batches {
            guard let segment = segment(at: position) else { continue }
            found[segment.start, default: (0, [])].bytes += batch.size
            found[segment.start, default: (0, [])].positions.insert(position)
        }
        return found
    }
}
