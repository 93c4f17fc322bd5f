import Bytes

/// Copies what is still wanted of a sealed segment into an archive, and puts that in its place.
///
/// `step` does a bounded piece of it; whoever calls it decides how fast that goes on. Up to the rename
/// nothing has changed, and from then on the archive stands for the segment: its name is the one thing
/// that says so. All of it is outside of the log, and of no concern to other copies of that.
package struct SegmentRewriter<Directory: LogDirectory> {
    /// Bytes that a step reads or writes, but for a frame that is larger.
    package static var stepSize: Int { 1 << 20 }
    /// Bytes between two extents that are read rather than skipped.
    private static var gapMax: Int { 64 << 10 }

    private let directory: Directory
    private let plan: RewritePlan
    private var source: RewriteSource<Directory.File>
    private var extents: [ArchiveExtent] = []
    private var index: SegmentIndex
    private var dataSize = 0
    private var target: Target?

    /// The archive as far as it is written.
    private struct Target {
        let file: Directory.File
        /// Where `buffer` goes.
        var place: Int
        var buffer: [UInt8] = []
        /// The next extent.
        var next = 0
    }

    package init(_ directory: Directory, _ plan: RewritePlan) throws(LogError) {
        self.directory = directory
        self.plan = plan
        index = SegmentIndex(start: plan.segment.start)
        source = try Self.source(directory, plan.segment)
    }

    private static func source(
        _ directory: Directory, _ segment: SegmentHeader
    ) throws(LogError) -> RewriteSource<Directory.File> {
        do throws(LogError) {
            return RewriteSource(try directory.archive(of: segment.start))
        } catch .noSuchFile {
            let file = try directory.open(FileName.segment(at: segment.start))
            return RewriteSource(frames: segment, file)
        }
    }

    /// Goes on for a bounded piece; says what became of it once it is done.
    package mutating func step() throws(LogError) -> RewriteOutcome? {
        guard target != nil else { return try look() }
        return try copy()
    }

    // MARK: What there is to keep

    private mutating func look() throws(LogError) -> RewriteOutcome? {
        var read = 0
        while read < Self.stepSize {
            guard let frame = try source.next() else {
                if dataSize > plan.sizeMax { return .notWorth }
                try begin()
                return nil
            }
            read += frame.header.frameSize
            note(frame)
        }
        return nil
    }

    /// Joins the entries that follow each other and are kept.
    private mutating func note(_ frame: FoundFrame) {
        var first: Int?
        let origin = frame.header.position + LogFormat.frameHeaderSize
        func place(_ position: Int) -> Int { position - origin }
        for entry in frame.entries {
            if plan.keeps(entry) {
                index.note(entry, logTime: frame.header.logTime)
                first = first ?? place(entry.position)
            } else if let start = first {
                add(start..<place(entry.position), of: frame, from: origin)
                first = nil
            }
        }
        if let start = first { add(start..<frame.payload.count, of: frame, from: origin) }
    }

    private mutating func add(_ range: Range<Int>, of frame: FoundFrame, from origin: Int) {
        extents.append(
            ArchiveExtent(
                place: origin + range.lowerBound - plan.segment.start, size: range.count,
                dataPlace: dataSize, crc: CRC32C.of(frame.payload.span.extracting(range)),
                logTime: frame.header.logTime))
        dataSize += range.count
    }

    // MARK: Keeping it

    private var name: String { FileName.archive(at: plan.segment.start) }

    private mutating func begin() throws(LogError) {
        let summary = index.summary(of: plan.segment, end: plan.summary.end)
        // Nothing of it may be missing, whatever the reason.
        guard summary == plan.summary else { throw .damaged(.segment) }
        let (header, front) = ArchiveFormat.encode(
            extents, summary, of: plan.segment, dataSize: dataSize)
        let file = try directory.create(name + ".tmp", size: header.fileSize)
        try file.write(front, at: 0)
        target = Target(file: file, place: front.count)
    }

    private mutating func copy() throws(LogError) -> RewriteOutcome? {
        guard var target = self.target.take() else { preconditionFailure("the archive was begun") }
        while target.next < extents.count, target.buffer.count < Self.stepSize {
            let extent = extents[target.next]
            let bytes = try source.read(extent.place..<extent.end, ahead: ahead(of: target.next))
            guard CRC32C.of(bytes.span) == extent.crc else { throw .damaged(.segment) }
            target.buffer += bytes
            target.next += 1
        }
        let isLast = target.next == extents.count
        try Self.write(&target, isLast: isLast)
        if isLast { return try finish(target.file) }
        self.target = target
        return nil
    }

    /// Up to where reading goes on, beginning with an extent.
    private func ahead(of number: Int) -> Int {
        let start = extents[number].place
        var end = extents[number].end
        for extent in extents[(number + 1)...] {
            guard extent.place - end <= Self.gapMax, extent.end - start <= Self.stepSize else {
                break
            }
            end = extent.end
        }
        return end
    }

    /// Writes the whole blocks that there are, and at the end the rest, padded.
    private static func write(_ target: inout Target, isLast: Bool) throws(LogError) {
        if isLast {
            let padding = LogFormat.blocks(for: target.buffer.count) - target.buffer.count
            target.buffer += [UInt8](repeating: 0, count: padding)
        }
        let whole = target.buffer.count / LogFormat.blockSize * LogFormat.blockSize
        if whole == 0 { return }
        try target.file.write(Array(target.buffer[..<whole]), at: target.place)
        target.buffer.removeFirst(whole)
        target.place += whole
    }

    /// The rename is the moment from which the archive counts; what follows only tidies up.
    private func finish(_ file: Directory.File) throws(LogError) -> RewriteOutcome {
        try file.flush()
        try directory.rename(name + ".tmp", to: name)
        try directory.synchronise()
        let bytes = IndexFormat.encode(index, of: plan.segment, end: plan.summary.end)
        try directory.makeFile(FileName.index(at: plan.segment.start), bytes)
        try directory.removeIfThere([FileName.segment(at: plan.segment.start)])
        try directory.synchronise()
        return .archived(dataSize: dataSize)
    }
}
