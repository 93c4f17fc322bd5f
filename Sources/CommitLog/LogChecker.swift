/// Walks a stopped log's directory and proves every checksum, chain, position and index entry.
///
/// Call `next` until it returns the end; between the calls `report` says how far it is. What entries
/// mean is for whoever takes the frames.
package struct LogChecker<Directory: LogDirectory> {
    package internal(set) var report: CheckReport
    /// The position behind what was read, and the last one there is.
    package private(set) var progress: (position: Int, limit: Int)
    /// Those of the kept ones that are whole, the oldest first.
    package let checkpoints: [Checkpoint]
    /// Parts of the log were dropped, or rewritten: not all that later parts speak of is there.
    package let hasGaps: Bool
    let directory: Directory
    private let segments: SegmentList
    /// What checkpoints say of sealed segments.
    let listed: [Int: [(checkpoint: Int, summary: SegmentSummary)]]
    private var walk: LogWalk<Directory>
    private var index: SegmentIndex?
    var provedIndexes: Set<Int> = []
    var archives: ArchiveCheck<Directory>
    /// What the walk came upon, while archives that stand before it are read.
    private var stash: LogFound?
    private var logTime = 0

    package init(_ directory: Directory, shard: UInt32, cluster: Identity) throws(LogError) {
        let segments = try SegmentList(of: directory, shard: shard, cluster: cluster)
        let archives = try ArchiveList(of: directory, shard: shard, cluster: cluster)
        var files = FileCheck(directory, segments, archives, shard: shard)
        try files.look()
        self.directory = directory
        self.segments = files.live
        self.archives = ArchiveCheck(directory, files.archives)
        hasGaps = files.hasGaps
        checkpoints = files.checkpoints
        listed = files.listed
        var start = WalkStart(position: 0)
        start.wholeFrom = files.checkpoints.last?.position ?? 0
        start.committed = start.wholeFrom
        walk = LogWalk(directory, segments: files.live, from: start)
        report = files.report
        progress = (0, segments.found.last?.limit ?? 0)
    }

    /// Reads one frame further.
    package mutating func next() throws(LogError) -> CheckStep {
        let found = try nextOfWalk()
        if let step = try takeArchived(before: found.position) {
            stash = found
            return step
        }
        switch found {
        case .frame(let frame):
            try take(frame)
            return .frame(frame)
        case .damage(let damage):
            report.note(.lost(damage))
            // An index cannot be held against a segment that is not whole.
            index = nil
            progress.position = damage.range.upperBound
            return .lost(damage)
        case .end(let end, let fault):
            if report.tail == nil { try conclude(end, fault) }
            return .end
        }
    }

    /// Walks to the end and returns what was found.
    package mutating func finish() throws(LogError) -> CheckReport {
        while try next() != .end {}
        return report
    }

    private mutating func take(_ frame: FoundFrame) throws(LogError) {
        let header = frame.header
        report.frames += 1
        count(frame)
        progress.position = header.end
        if header.logTime < logTime { report.note(.logTime(frame: header.position)) }
        logTime = header.logTime
        holdAgainstCheckpoints(header)
        guard let segment = segments.segment(at: header.position)?.header else { return }
        if header.position == segment.firstFrame { index = SegmentIndex(start: segment.start) }
        for entry in frame.entries { note(entry, of: header) }
        if header.kind == .seal { try checkSealed(segment, end: header.end) }
    }

    private mutating func nextOfWalk() throws(LogError) -> LogFound {
        if let found = stash.take() { return found }
        return try walk.next()
    }

    mutating func count(_ frame: FoundFrame) {
        report.entries += frame.entries.count
        report.payloadBytes += frame.payload.count
        report.records += frame.entries.reduce(0) {
            $0 + ($1.head.isIndexed ? Int($1.head.count) : 0)
        }
    }

    /// A checkpoint is taken behind a frame, and knows that frame.
    private mutating func holdAgainstCheckpoints(_ frame: FrameHeader) {
        for checkpoint in checkpoints where frame.position < checkpoint.position {
            let isBehind = frame.end < checkpoint.position
            let isHere =
                frame.end == checkpoint.position && frame.headerCRC == checkpoint.previousCRC
            if !isBehind && !isHere { report.note(.checkpoint(position: checkpoint.position)) }
        }
    }

    private mutating func note(_ entry: EntryPlace, of frame: FrameHeader) {
        guard index?.accepts(entry) ?? true else {
            report.note(.offsets(frame: frame.position))
            index = nil
            return
        }
        index?.note(entry, logTime: frame.logTime)
    }

    /// Holds what is derived from a segment against the segment; an index that is missing is no damage.
    private mutating func checkSealed(_ segment: SegmentHeader, end: Int) throws(LogError) {
        guard let index else { return }
        let summary = index.summary(of: segment, end: end)
        for (checkpoint, said) in listed[segment.start] ?? [] where said != summary {
            report.note(.checkpoint(position: checkpoint))
        }
        let name = FileName.index(at: segment.start)
        guard try directory.names().contains(name) else { return }
        provedIndexes.insert(segment.start)
        report.indexFiles += 1
        report.indexEntries += index.entryCount
        let found = try readIndex(of: segment)
        if found != IndexFormat.encode(index, of: segment, end: end) {
            report.note(.index(segment: segment.start))
        }
    }

    /// The bytes of an index file whose blocks are whole.
    private func readIndex(of segment: SegmentHeader) throws(LogError) -> [UInt8]? {
        do throws(LogError) {
            let name = FileName.index(at: segment.start)
            _ = try IndexReader(try directory.open(name), of: segment).all()
            return try directory.readFile(name)
        } catch {
            if case .unsupported = error { throw error }
            return nil
        }
    }

    private mutating func conclude(_ end: LogEnd, _ fault: FrameFault) throws(LogError) {
        report.end = end.position
        report.tail = fault
        report.isTorn = try isTorn(end, fault)
        // Indexes of segments that are not whole: nobody can say what they should hold.
        let names = Set(try directory.names())
        for found in segments.found where !provedIndexes.contains(found.start) {
            guard let header = found.header, names.contains(FileName.index(at: found.start)) else {
                continue
            }
            report.indexFiles += 1
            if try readIndex(of: header) == nil { report.note(.index(segment: found.start)) }
        }
    }

    private func isTorn(_ end: LogEnd, _ fault: FrameFault) throws(LogError) -> Bool {
        switch fault {
        case .badPayload, .badEntries, .badHeader, .pastEnd, .unreadable:
            return end.position < end.segment.limit
        case .noHeader:
            guard end.position < end.segment.limit, !end.isSealed else { return false }
            return try wasBegun(at: end.position, of: end.segment)
        case .foreignSalt, .foreignPosition, .olderEpoch, .noSegment, .brokenChain, .unsupported:
            return false
        }
    }

    /// Whether a header was written here in this life of the segment, though it is not whole.
    private func wasBegun(
        at position: Int, of segment: SegmentHeader
    ) throws(LogError) -> Bool {
        let place = position - segment.start
        let file = try directory.open(FileName.segment(at: segment.start))
        do throws(LogError) {
            let bytes = try file.read(place..<place + LogFormat.frameHeaderSize)
            return FrameHeader.isTrace(bytes.span, at: position, salt: segment.salt)
        } catch {
            return true
        }
    }
}

extension LogFound {
    /// Where it stands; the end is behind everything.
    fileprivate var position: Int {
        switch self {
        case .frame(let frame): frame.header.position
        case .damage(let damage): damage.range.lowerBound
        case .end: .max
        }
    }
}
