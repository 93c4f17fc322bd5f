package import CommitLog
import Records
import Wire

// How the coordinator's log comes to be, and how it goes on after a stop.
extension CoordinatorLog {
    /// Makes the first segment where there is none yet; only before the data has a cookie.
    package static func prepare<Directory: LogDirectory>(
        _ directory: Directory, cluster: Identity, limits: CoordinatorLimits = .init(),
        at moment: Moment, random: inout some RandomNumberGenerator
    ) throws(LogError) {
        for name in try directory.names() {
            if case .segment = FileName(name) { return }
        }
        let first = SegmentHeader(
            shard: shard, start: 0, capacity: limits.segmentCapacity, salt: random.next(), epoch: 0,
            createdTime: moment.wall, cluster: cluster)
        _ = try directory.makeSegment(first)
    }

    /// Folds the log of a directory that has one, and returns what the start found besides.
    ///
    /// A log that begins makes the secret of its cluster; it is safe once the first rounds are.
    package static func open<Directory: LogDirectory>(
        _ directory: Directory, cluster: Identity, rules: TopicRules,
        limits: CoordinatorLimits = .init(), at moment: Moment,
        random: inout some RandomNumberGenerator
    ) throws(LogError) -> (log: CoordinatorLog, report: RecoveryReport) {
        var recovery = try LogRecovery(directory, shard: shard, cluster: cluster)
        let segments = try SegmentList(of: directory, shard: shard, cluster: cluster)
        let checkpoint = recovery.checkpoint
        var fold = CoordinatorFold(checkpoint, sealed: recovery.summaries)
        try fold.load()
        while let frame = try recovery.next() {
            try fold.take(frame, of: segments.segment(at: frame.header.position)?.header)
        }
        let report = recovery.report()
        var log = ShardLog(
            resuming: report.end, next: report.next, epoch: report.end.epoch + 1,
            limits: limits.log)
        _ = log.commit(upTo: log.durable)
        if fold.state.identity == nil, report.mayWrite {
            let identity = ClusterIdentity(
                cluster: cluster, hashKey: HashKey(high: random.next(), low: random.next()))
            let record = CoordinatorRecord.identity(identity)
            try log.append(record.head, body: record.body)
            fold.state.apply(record)
        }
        var secrets = SecretMaker(&random)
        if fold.state.secrets.isEmpty, report.mayWrite {
            let record = CoordinatorRecord.secret(secrets.make(id: 1, from: max(0, moment.wall)))
            try log.append(record.head, body: record.body)
            fold.state.apply(record)
        }
        let keeping = LogKeeping(
            retryPause: limits.retryPause, sealed: fold.sealed, newest: checkpoint?.position,
            leftovers: report.leftovers)
        return (
            CoordinatorLog(
                fold.state, log: log, keeping: keeping, rules: rules, limits: limits,
                isReadOnly: !report.mayWrite, salt: random.next(), secrets: secrets, at: moment),
            report
        )
    }

    /// The secret of the cluster; nothing where it was lost.
    package var hashKey: HashKey? { state.identity?.hashKey }
}

/// The fold of a start: a checkpoint, then what follows it.
private struct CoordinatorFold {
    var state = CoordinatorState()
    var sealed: [SegmentSummary]
    private let checkpoint: Checkpoint?

    init(_ checkpoint: Checkpoint?, sealed: [SegmentSummary]) {
        self.checkpoint = checkpoint
        self.sealed = sealed
    }

    mutating func load() throws(LogError) {
        guard let checkpoint else { return }
        state = try CoordinatorState(checkpoint)
    }

    mutating func take(_ frame: FoundFrame, of segment: SegmentHeader?) throws(LogError) {
        let header = frame.header
        // What stands before the checkpoint is read for its index only, and is in it.
        if header.position < checkpoint?.position ?? 0 { return }
        for entry in frame.entries {
            let body = Array(frame.body(of: entry))
            state.apply(try CoordinatorRecord(entry.head, body: body.span))
        }
        guard header.kind == .seal, let segment else { return }
        sealed.append(SegmentIndex(start: segment.start).summary(of: segment, end: header.end))
    }
}
