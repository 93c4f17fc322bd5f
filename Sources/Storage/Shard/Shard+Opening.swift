// How a shard comes to be: a new one is made, and one that was is read.

package import CommitLog
import Delivery

/// What a start found.
package struct OpenedShard<Directory: LogDirectory> {
    package let shard: Shard<Directory>
    package let report: RecoveryReport
}

extension Shard {
    /// Makes the first segment of a new shard.
    package static func make(
        in directory: Directory, number: UInt16, cluster: Identity, limits: ShardLimits,
        seed: UInt64, at now: ShardTime
    ) throws(LogError) {
        var keeping = Keeping(seed: ~seed)
        let first = SegmentHeader(
            shard: UInt32(number), start: 0, capacity: limits.segmentCapacity,
            salt: keeping.nextSalt(besides: []), epoch: 0, createdTime: max(now.wall, 0),
            cluster: cluster)
        _ = try directory.makeSegment(first)
    }

    /// Reads a shard: its newest checkpoint, and all frames behind it.
    ///
    /// `seed` is a random number that nobody else knows; `progress` gets to hear how far the log is read.
    package static func open(
        _ directory: Directory, number: UInt16, cluster: Identity, limits: ShardLimits,
        seed: UInt64, at now: ShardTime, checks: FrameChecks = .all,
        progress: (Int) -> Void = { _ in }
    ) throws(LogError) -> OpenedShard<Directory> {
        var recovery = try LogRecovery(
            directory, shard: UInt32(number), cluster: cluster, checks: checks)
        var state = try start(recovery, of: number, limits)
        state.takeFiles(recovery.segments, recovery.archives)
        let sealed = Set(recovery.summaries.map(\.start))
        while let frame = try recovery.next() {
            try state.take(frame, sealed: sealed)
            progress(frame.header.end)
        }
        let report = recovery.report()
        state.setTimers()
        state.spreads.hurry(at: now.boot)
        state.folded = ShardState.FoldEnd(
            position: report.end.position, previousCRC: report.end.previousCRC,
            epoch: report.end.epoch, logTime: report.end.logTime)
        state.forgetFiles(of: report.leftovers)
        let shard = try Shard(
            directory, number: number, cluster: cluster, limits: limits, seed: seed, state: state,
            report: report, at: now)
        try shard.takeFiles(recovery.segments, report)
        return OpenedShard(shard: shard, report: report)
    }

    private static func start(
        _ recovery: LogRecovery<Directory>, of number: UInt16, _ limits: ShardLimits
    ) throws(LogError) -> ShardState {
        if let checkpoint = recovery.checkpoint {
            return try ShardState(checkpoint, summaries: recovery.summaries, limits)
        }
        return ShardState(
            of: number,
            folded: ShardState.FoldEnd(position: 0, previousCRC: 0, epoch: 0, logTime: 0), limits)
    }

    private convenience init(
        _ directory: Directory, number: UInt16, cluster: Identity, limits: ShardLimits,
        seed: UInt64,
        state: ShardState, report: RecoveryReport, at now: ShardTime
    ) throws(LogError) {
        guard report.end.segment.capacity >= limits.log.segmentCapacityMin,
            report.next?.capacity ?? .max >= limits.log.segmentCapacityMin
        else { throw .damaged(.segment) }
        var log = ShardLog(
            resuming: report.end, next: report.next, epoch: report.end.epoch + 1,
            limits: limits.log)
        // The only copy has all of it.
        _ = log.commit(upTo: log.durable)
        self.init(
            directory, number: number, cluster: cluster, limits: limits, seed: seed, log: log,
            state: state, isReadOnly: !report.mayWrite, time: now)
    }

    /// Looks which files there are, and asks for those that should be.
    private func takeFiles(
        _ segments: SegmentList, _ report: RecoveryReport
    ) throws(LogError) {
        keeping.checkpoints = try directory.checkpoints().filter {
            !report.damagedCheckpoints.contains($0)
        }
        pace = Pace(at: keeping.checkpoints.first ?? 0, boot: now.boot)
        for start in report.leftovers {
            let header = segments.segment(startingAt: start)?.header
            keeping.dropped[start] = Keeping.Dropped(header: header, checkpoints: 1)
        }
        // Their archives stand for them.
        for start in report.superseded { keeping.ask(.remove([FileName.segment(at: start)])) }
        let names = Set(try directory.names())
        for summary in state.retention.segments {
            guard let header = state.segment(at: summary.start) else { continue }
            if state.indexes[summary.start] == nil,
                !names.contains(FileName.index(at: summary.start))
            {
                readIndex(of: header, segments)
            }
            sealed(header, end: summary.end)
        }
        let orphans = names.filter { name in
            if case .index(let start) = FileName(name) {
                segments.segment(startingAt: start) == nil && state.archived[start] == nil
            } else {
                false
            }
        }
        if !orphans.isEmpty { keeping.ask(.remove(orphans.sorted())) }
    }

    /// Makes the index of a sealed segment again, in memory; a segment that is not whole has none.
    func readIndex(of segment: SegmentHeader, _ segments: SegmentList) {
        do throws(LogError) {
            state.indexes[segment.start] = try directory.readIndex(of: segment, in: segments).index
        } catch {
            counts.damagedReads += 1
        }
    }
}

extension ShardState {
    /// Notes which segments may be read, whole or as an archive.
    fileprivate mutating func takeFiles(_ segments: SegmentList, _ archives: ArchiveList) {
        let found =
            segments.found.compactMap(\.header) + archives.found.values.map(\.header.segment)
        self.segments = found.sorted { $0.start < $1.start }
        archived = archives.found.mapValues(\.header.dataSize)
    }

    fileprivate mutating func forgetFiles(of starts: [Int]) {
        segments.removeAll { starts.contains($0.start) }
        for start in starts { archived[start] = nil }
    }

    /// Folds a frame of a log that is read; of frames that a checkpoint has, only the index is made.
    fileprivate mutating func take(_ frame: FoundFrame, sealed: Set<Int>) throws(LogError) {
        guard let segment = segment(at: frame.header.position), !sealed.contains(segment.start)
        else { return }
        guard frame.header.position < folded.position else {
            _ = try apply(
                frame.header, frame.entries, in: frame.payload,
                from: frame.header.position + LogFormat.frameHeaderSize, of: segment)
            return
        }
        for entry in frame.entries {
            try indexAgain(entry, of: segment, logTime: frame.header.logTime)
        }
    }
}
