/// What a start found, besides the frames.
package struct RecoveryReport: Equatable, Sendable {
    /// Where the log goes on.
    package var end: LogEnd
    /// Made ahead before the stop, and still unused.
    package var next: SegmentHeader?
    /// Why no further frame was read at `end`.
    package var tail: FrameFault
    /// Lost for good, unless a peer has it; writes are refused while there is any.
    package var damage: [LogDamage]
    /// Positions of checkpoints that are not whole.
    package var damagedCheckpoints: [Int]
    /// Segments that were dropped, and whose files are still there.
    package var leftovers: [Int]
    /// Segments whose archives stand for them, and whose files are still there.
    package var superseded: [Int]
    package var epochs: [EpochStart]
    package var frames = 0
    package var entries = 0

    /// A frame was cut short; nobody was told about it.
    package var isTorn: Bool {
        switch tail {
        case .badPayload, .badEntries, .badHeader, .pastEnd, .unreadable: true
        case .noHeader, .foreignSalt, .foreignPosition, .olderEpoch, .noSegment: false
        case .brokenChain, .unsupported: preconditionFailure("these do not end a log")
        }
    }

    package var mayWrite: Bool { damage.isEmpty }
}

/// Reads a shard's directory at a start: `open`, then `next` until it returns nothing, then `report`.
///
/// It writes nothing but the removal of unfinished files, so a crash in its middle changes nothing.
package struct LogRecovery<Directory: LogDirectory> {
    /// The newest one that is whole; frames below its position are read for the index only.
    package let checkpoint: Checkpoint?
    /// The sealed segments that the checkpoint lists.
    package let summaries: [SegmentSummary]
    /// Where reading begins: at the start of the segment that the checkpoint ends in.
    package let start: Int
    private var walk: LogWalk<Directory>
    package let segments: SegmentList
    package let archives: ArchiveList
    private let superseded: [Int]
    private var damagedCheckpoints: [Int] = []
    private var damage: [LogDamage] = []
    private var epochs: [EpochStart] = []
    private var frames = 0
    private var entries = 0
    private var end: (LogEnd, FrameFault)?

    /// Flushes everything, then finds the checkpoint and the segments.
    ///
    /// `committed` is a commit point that somebody else knows, such as a peer.
    package init(
        _ directory: Directory, shard: UInt32, cluster: Identity, committed: Int = 0,
        checks: FrameChecks = .all
    ) throws(LogError) {
        try Self.settle(directory)
        let archives = try ArchiveList(of: directory, shard: shard, cluster: cluster)
        var segments = try SegmentList(of: directory, shard: shard, cluster: cluster)
        superseded = segments.found.map(\.start).filter { archives.found[$0] != nil }
        segments.leaveOut(superseded)
        let chosen = try Self.newestCheckpoint(in: directory, shard: shard)
        let checkpoint = chosen.checkpoint
        let body = checkpoint?.section(CheckpointSection.segments) ?? []
        let summaries = try SegmentSummary.decode(body)
        let present = summaries.map { archives.found[$0.start]?.summary ?? $0 }
        if checkpoint == nil, segments.found.first?.start != 0 { throw .damaged(.checkpoint) }
        self.checkpoint = checkpoint
        self.segments = segments
        self.archives = archives
        self.summaries = present
        damagedCheckpoints = chosen.damaged
        let known = checkpoint?.section(CheckpointSection.epochs) ?? []
        epochs = try EpochStart.decode(known)
        for summary in summaries
        where segments.segment(startingAt: summary.start) == nil
            && archives.found[summary.start] == nil
        {
            damage.append(LogDamage(range: summary.start..<summary.limit, fault: .noSegment))
        }
        let start = Self.start(checkpoint, in: segments, committed: committed)
        self.start = start.position
        walk = LogWalk(directory, segments: segments, from: start, checks: checks)
    }

    /// Returns the next whole frame, stepping over damage, or nothing at the end of the log.
    package mutating func next() throws(LogError) -> FoundFrame? {
        while end == nil {
            switch try walk.next() {
            case .frame(let frame):
                note(frame)
                return frame
            case .damage(let lost): damage.append(lost)
            case .end(let place, let fault): end = (place, fault)
            }
        }
        return nil
    }

    /// What was found; known once `next` has returned nothing.
    package func report() -> RecoveryReport {
        guard let (end, tail) = end else { preconditionFailure("the log was not read to its end") }
        let live = Set(summaries.map(\.start))
        let folded = checkpoint?.position ?? 0
        let leftovers = segments.found.filter { $0.limit <= folded && !live.contains($0.start) }
            .map(\.start)
        let archived = archives.found.keys.filter { !live.contains($0) }
        return RecoveryReport(
            end: end, next: segments.segment(startingAt: end.segment.limit)?.header, tail: tail,
            damage: damage, damagedCheckpoints: damagedCheckpoints,
            leftovers: (leftovers + archived).sorted(), superseded: superseded, epochs: epochs,
            frames: frames, entries: entries)
    }

    private mutating func note(_ frame: FoundFrame) {
        frames += 1
        entries += frame.entries.count
        if frame.header.epoch > epochs.last?.epoch ?? 0 {
            epochs.append(EpochStart(epoch: frame.header.epoch, position: frame.header.position))
        }
    }

    /// Removes what is unfinished, and makes durable whatever will be read.
    ///
    /// A process may have died before its flush, and what it wrote may be in memory only. Whoever
    /// confirmed that on the strength of reading it would lose it at the next power cut.
    private static func settle(_ directory: Directory) throws(LogError) {
        for name in try directory.names() {
            switch FileName(name) {
            case .unfinished: try directory.remove(name)
            case .segment, .checkpoint, .index, .archive: try directory.open(name).flush()
            case nil: continue
            }
        }
        try directory.synchronise()
    }

    private static func newestCheckpoint(
        in directory: Directory, shard: UInt32
    ) throws(LogError) -> (checkpoint: Checkpoint?, damaged: [Int]) {
        var damaged: [Int] = []
        for position in try directory.checkpoints() {
            do throws(LogError) {
                let bytes = try directory.readFile(FileName.checkpoint(at: position))
                let checkpoint = try Checkpoint(decoding: bytes)
                guard checkpoint.shard == shard, checkpoint.position == position else {
                    throw .foreign(.checkpoint)
                }
                return (checkpoint, damaged)
            } catch {
                switch error {
                case .damaged, .disk: damaged.append(position)
                default: throw error
                }
            }
        }
        return (nil, damaged)
    }

    /// The start of the segment that the checkpoint ends in, whose index has to be made again.
    private static func start(
        _ checkpoint: Checkpoint?, in segments: SegmentList, committed: Int
    ) -> WalkStart {
        var start = WalkStart(position: checkpoint?.position ?? 0)
        // Behind a seal there may be no segment yet.
        let holder =
            segments.segment(at: start.position) ?? segments.segment(at: start.position - 1)
        if let header = holder?.header { start.position = min(start.position, header.firstFrame) }
        if start.position == checkpoint?.position { start.previousCRC = checkpoint?.previousCRC }
        if holder?.start == 0 { start.previousCRC = 0 }
        start.logTime = checkpoint?.logTime ?? 0
        start.committed = max(checkpoint?.position ?? 0, committed)
        return start
    }
}
