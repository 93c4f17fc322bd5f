/// What a check of one shard's directory found.
package struct CheckReport: Equatable, Sendable {
    package var segments = 0
    package var frames = 0
    package var entries = 0
    package var records = 0
    package var payloadBytes = 0
    package var indexFiles = 0
    package var indexEntries = 0
    package var checkpoints = 0
    /// In order of position; empty for a sound log.
    package var problems: [CheckProblem] = []
    /// Where the log ends, and why it was not read further.
    package var end = 0
    package var tail: FrameFault?

    package var isSound: Bool { problems.isEmpty }
    package var firstDamage: CheckProblem? { problems.first }
}

package enum CheckProblem: Equatable, Hashable, Sendable {
    case lost(LogDamage)
    /// One of the two copies of a segment's header is gone; the other serves.
    case headerCopy(segment: Int)
    /// Log time falls.
    case logTime(frame: Int)
    /// Offsets of a partition do not grow.
    case offsets(frame: Int)
    case index(segment: Int)
    case checkpoint(position: Int)
    /// A file with a name that nothing here writes.
    case stranger(String)
    case unfinished(String)
}

/// Walks a stopped shard's directory and proves every checksum, chain, position and index entry.
///
/// Call `next` until it returns false; between the calls `report` says how far it is.
package struct LogChecker<Directory: LogDirectory> {
    package private(set) var report = CheckReport()
    /// The position behind what was read, and the last one there is.
    package private(set) var progress: (position: Int, limit: Int)
    private let directory: Directory
    private let segments: SegmentList
    private var walk: LogWalk<Directory>
    private var index: SegmentIndex?
    private var logTime = 0

    package init(_ directory: Directory, shard: UInt32, cluster: Identity) throws(LogError) {
        self.directory = directory
        let segments = try SegmentList(of: directory, shard: shard, cluster: cluster)
        self.segments = segments
        var report = CheckReport()
        let newest = try Self.look(at: directory, segments, shard: shard, report: &report)
        report.segments = segments.found.count
        for segment in segments.found where segment.damagedCopies == 1 {
            report.problems.append(.headerCopy(segment: segment.start))
        }
        var start = WalkStart(position: 0)
        start.wholeFrom = newest?.position ?? 0
        start.committed = newest?.position ?? 0
        walk = LogWalk(directory, segments: segments, from: start)
        self.report = report
        progress = (0, segments.found.last?.limit ?? 0)
    }

    /// Reads one frame further.
    package mutating func next() throws(LogError) -> Bool {
        switch try walk.next() {
        case .frame(let frame): try take(frame)
        case .damage(let damage):
            report.problems.append(.lost(damage))
            // An index cannot be held against a segment that is not whole.
            index = nil
            progress.position = damage.range.upperBound
        case .end(let end, let fault):
            report.end = end.position
            report.tail = fault
            return false
        }
        return true
    }

    /// Walks to the end and returns what was found.
    package mutating func finish() throws(LogError) -> CheckReport {
        while try next() {}
        return report
    }

    private mutating func take(_ frame: FoundFrame) throws(LogError) {
        let header = frame.header
        report.frames += 1
        report.entries += frame.entries.count
        report.payloadBytes += frame.payload.count
        report.records += frame.entries.reduce(0) {
            $0 + ($1.head.isIndexed ? Int($1.head.count) : 0)
        }
        progress.position = header.end
        if header.logTime < logTime { report.problems.append(.logTime(frame: header.position)) }
        logTime = header.logTime
        guard let segment = segments.segment(at: header.position)?.header else { return }
        if header.position == segment.firstFrame { index = SegmentIndex(start: segment.start) }
        for entry in frame.entries { note(entry, of: header) }
        if header.kind == .seal { try checkIndex(of: segment, end: header.end) }
    }

    private mutating func note(_ entry: EntryPlace, of frame: FrameHeader) {
        guard index?.accepts(entry) ?? true else {
            report.problems.append(.offsets(frame: frame.position))
            index = nil
            return
        }
        index?.note(entry, logTime: frame.logTime)
    }

    /// Holds an index file against the segment; one that is missing is no damage.
    private mutating func checkIndex(of segment: SegmentHeader, end: Int) throws(LogError) {
        let name = FileName.index(at: segment.start)
        guard let index, try directory.names().contains(name) else { return }
        report.indexFiles += 1
        report.indexEntries += index.entryCount
        let found: [UInt8]
        do throws(LogError) {
            let reader = try IndexReader(try directory.open(name), of: segment)
            _ = try reader.all()
            found = try directory.readFile(name)
        } catch {
            return report.problems.append(.index(segment: segment.start))
        }
        if found != IndexFormat.encode(index, of: segment, end: end) {
            report.problems.append(.index(segment: segment.start))
        }
    }

    /// Looks at all names, and proves the checkpoints; returns the newest one that is whole.
    private static func look(
        at directory: Directory, _ segments: SegmentList, shard: UInt32,
        report: inout CheckReport
    ) throws(LogError) -> Checkpoint? {
        for name in try directory.names().sorted() {
            switch FileName(name) {
            case nil: report.problems.append(.stranger(name))
            case .unfinished: report.problems.append(.unfinished(name))
            default: continue
            }
        }
        var newest: Checkpoint?
        for position in try directory.checkpoints() {
            report.checkpoints += 1
            do throws(LogError) {
                let file = try directory.readFile(FileName.checkpoint(at: position))
                let checkpoint = try Checkpoint(decoding: file)
                if newest == nil { newest = checkpoint }
            } catch {
                report.problems.append(.checkpoint(position: position))
            }
        }
        let body = newest?.section(CheckpointSection.segments) ?? []
        for summary in try SegmentSummary.decode(body)
        where segments.segment(startingAt: summary.start) == nil {
            let range = summary.start..<summary.limit
            report.problems.append(.lost(LogDamage(range: range, fault: .noSegment)))
        }
        return newest
    }
}
