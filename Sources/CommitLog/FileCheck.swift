/// The part of a check that needs no frame: names, headers of segments, and checkpoints.
struct FileCheck<Directory: LogDirectory> {
    private(set) var report = CheckReport()
    /// Those of the kept ones that are whole, the oldest first.
    private(set) var checkpoints: [Checkpoint] = []
    private(set) var listed: [Int: [(checkpoint: Int, summary: SegmentSummary)]] = [:]
    /// The segments that are part of the log.
    private(set) var live: SegmentList
    /// The archives that are, in order.
    private(set) var archives: [ArchiveList.Found]
    private let directory: Directory
    private let shard: UInt32

    init(
        _ directory: Directory, _ segments: SegmentList, _ archives: ArchiveList, shard: UInt32
    ) {
        self.directory = directory
        self.shard = shard
        live = segments
        self.archives = archives.found.sorted { $0.key < $1.key }.map(\.value)
        // The archive stands for the segment.
        report.leftovers = segments.found.map(\.start).filter { archives.found[$0] != nil }
        live.leaveOut(report.leftovers)
    }

    mutating func look() throws(LogError) {
        for name in try directory.names() {
            switch FileName(name) {
            case nil: report.note(.stranger(name))
            case .unfinished: report.note(.unfinished(name))
            default: continue
            }
        }
        try readCheckpoints()
        findLeftovers()
        report.segments = live.found.count + archives.count
        for segment in live.found where segment.damagedCopies == 1 {
            report.note(.headerCopy(segment: segment.start))
        }
    }

    /// Proves the checkpoints; only the newest two that are whole have a say.
    private mutating func readCheckpoints() throws(LogError) {
        for position in try directory.checkpoints() {
            report.checkpoints += 1
            do throws(LogError) {
                let checkpoint = try read(at: position)
                let body = checkpoint.section(CheckpointSection.segments) ?? []
                let summaries = try SegmentSummary.decode(body)
                guard checkpoints.count < LogFormat.checkpointsKept else { continue }
                checkpoints.insert(checkpoint, at: 0)
                for summary in summaries {
                    listed[summary.start, default: []].append((position, summary))
                }
            } catch {
                if case .unsupported = error { throw error }
                report.note(.checkpoint(position: position))
            }
        }
    }

    private func read(at position: Int) throws(LogError) -> Checkpoint {
        let name = FileName.checkpoint(at: position)
        let checkpoint = try Checkpoint(decoding: try directory.readFile(name))
        guard checkpoint.shard == shard, checkpoint.position == position else {
            throw .foreign(.checkpoint)
        }
        _ = try EpochStart.decode(checkpoint.section(CheckpointSection.epochs) ?? [])
        return checkpoint
    }

    /// Tells what was dropped from what is lost: one that a checkpoint lists has to be there, and one
    /// that is older and not listed is of no use to anybody.
    private mutating func findLeftovers() {
        for (start, said) in listed.sorted(by: { $0.key < $1.key })
        where live.segment(startingAt: start) == nil && !isArchived(start) {
            let range = start..<(said.first?.summary.limit ?? start)
            report.note(.lost(LogDamage(range: range, fault: .noSegment)))
        }
        guard let newest = checkpoints.last?.position else { return }
        let leftovers = live.found.filter { $0.limit <= newest && listed[$0.start] == nil }
            .map(\.start)
        live.leaveOut(leftovers)
        let archived = archives.map(\.header.segment.start).filter { listed[$0] == nil }
        archives.removeAll { archived.contains($0.header.segment.start) }
        report.leftovers += leftovers + archived
    }

    /// Whether anything before the end is not there any more.
    var hasGaps: Bool {
        !archives.isEmpty || live.found.first?.start ?? 0 > 0
            || zip(live.found, live.found.dropFirst()).contains { $0.limit != $1.start }
    }

    private func isArchived(_ start: Int) -> Bool {
        archives.contains { $0.header.segment.start == start }
    }
}
