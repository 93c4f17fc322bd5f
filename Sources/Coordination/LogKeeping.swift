import CommitLog

/// Decides which files the coordinator's log wants made and removed, and when it asks again.
///
/// Its segments hold nothing that a checkpoint does not: each goes once the older kept checkpoint is
/// behind it, and its file once no kept checkpoint lists it.
struct LogKeeping {
    private let retryPause: Int
    private var sealed: [SegmentSummary]
    /// Position of the newest checkpoint.
    private var newest: Int?
    /// Segments that are no longer listed, and the checkpoints since.
    private var dropped: [Int: Int]
    private var wantsCheckpoint: Bool
    private var underWay: [Int: Chore.Work] = [:]
    private var lastID = 0
    private var segmentRetry: Int?
    private var checkpointRetry: Int?
    /// Why the next segment could not be made.
    private(set) var trouble: LogError?
    private var chores: [Chore] = []

    init(retryPause: Int, sealed: [SegmentSummary] = [], newest: Int? = nil, leftovers: [Int] = [])
    {
        self.retryPause = retryPause
        self.sealed = sealed
        self.newest = newest
        // The older kept checkpoint may still list them.
        dropped = Dictionary(uniqueKeysWithValues: leftovers.map { ($0, 1) })
        wantsCheckpoint = sealed.contains { $0.limit > newest ?? 0 }
    }

    /// When to ask again, on the boot-time clock.
    var nextDeadline: Int? {
        guard let segmentRetry, let checkpointRetry else { return segmentRetry ?? checkpointRetry }
        return min(segmentRetry, checkpointRetry)
    }

    mutating func noteSeal(of segment: SegmentHeader, end: Int) {
        sealed.append(SegmentIndex(start: segment.start).summary(of: segment, end: end))
        wantsCheckpoint = true
    }

    /// Whether the next segment is to be made now.
    func isSegmentDue(at boot: Int) -> Bool {
        !isMaking(\.isSegment) && boot >= segmentRetry ?? 0
    }

    mutating func makeSegment(_ header: SegmentHeader) {
        segmentRetry = nil
        ask(.makeSegment(header, recycling: nil))
    }

    /// Whether a checkpoint is to be made as soon as nothing is under way.
    func isCheckpointDue(at boot: Int) -> Bool {
        wantsCheckpoint && !isMaking(\.isCheckpoint) && boot >= checkpointRetry ?? 0
    }

    /// Has the state at the log's end written down.
    mutating func makeCheckpoint(of state: CoordinatorState, at end: LogEnd) {
        if let newest {
            for segment in sealed where segment.limit <= newest { dropped[segment.start] = 0 }
            sealed.removeAll { $0.limit <= newest }
        }
        wantsCheckpoint = false
        checkpointRetry = nil
        let segments = CheckpointSection(
            kind: CheckpointSection.segments, body: SegmentSummary.encode(sealed))
        ask(
            .makeCheckpoint(
                Checkpoint(
                    shard: CoordinatorLog.shard, position: end.position, logTime: end.logTime,
                    epoch: end.epoch, previousCRC: end.previousCRC,
                    sections: [segments] + state.sections)))
    }

    mutating func takeChores() -> [Chore] {
        defer { chores = [] }
        return chores
    }

    private mutating func ask(_ work: Chore.Work) {
        lastID += 1
        underWay[lastID] = work
        chores.append(Chore(id: lastID, work))
    }

    private func isMaking(_ kind: (Chore.Work) -> Bool) -> Bool {
        underWay.values.contains(where: kind)
    }

    /// Notes what became of a chore, and returns the segment that it made.
    mutating func finished(_ report: ChoreReport, at boot: Int) -> SegmentHeader? {
        guard let work = underWay.removeValue(forKey: report.id) else {
            preconditionFailure("a chore ends once")
        }
        switch work {
        case .makeSegment(let header, _):
            trouble = report.error
            if report.error == nil { return header }
            segmentRetry = boot + retryPause
        case .makeCheckpoint(let checkpoint):
            if report.error == nil {
                newest = checkpoint.position
                removeWhatNobodyLists()
            } else {
                wantsCheckpoint = true
                checkpointRetry = boot + retryPause
            }
        case .makeIndex, .rewrite, .remove: break
        }
        return nil
    }

    private mutating func removeWhatNobodyLists() {
        for start in dropped.keys.sorted() {
            dropped[start, default: 0] += 1
            guard dropped[start, default: 0] >= LogFormat.checkpointsKept else { continue }
            dropped[start] = nil
            ask(.remove([FileName.segment(at: start)]))
        }
    }
}

extension Chore.Work {
    fileprivate var isSegment: Bool {
        if case .makeSegment = self { true } else { false }
    }

    fileprivate var isCheckpoint: Bool {
        if case .makeCheckpoint = self { true } else { false }
    }
}
