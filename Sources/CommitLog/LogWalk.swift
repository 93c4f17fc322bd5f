/// A part of the log that is lost, and what was found where it should be.
package struct LogDamage: Equatable, Hashable, Sendable {
    package let range: Range<Int>
    package let fault: FrameFault
}

/// What a walk comes upon next.
package enum LogFound: Equatable, Sendable {
    case frame(FoundFrame)
    /// Its range may begin at the frame that was given out just before, which is then in doubt.
    case damage(LogDamage)
    /// Here the log ends; the fault tells a torn tail from one that was never written.
    case end(LogEnd, FrameFault)
}

/// Where a walk starts, and what is known there.
package struct WalkStart: Equatable, Sendable {
    package var position: Int
    /// Nothing where the frame before is not known.
    package var previousCRC: UInt32?
    package var epoch: UInt32 = 0
    package var logTime = 0
    /// Everything below was committed; whoever knows it (a checkpoint, a peer) says so.
    package var committed = 0
    /// Segments below may have been dropped.
    package var wholeFrom = 0

    package init(position: Int) {
        self.position = position
    }
}

/// Reads a log frame by frame, and tells its end, a torn tail and rot apart.
///
/// A frame is written only after the one before was flushed. So where a bad frame has a good one
/// anywhere behind it, or lies below a known commit point, it had been flushed, and is lost, not torn.
package struct LogWalk<Directory: LogDirectory> {
    private let directory: Directory
    private let segments: SegmentList
    private let checks: FrameChecks
    private var reader: SegmentReader<Directory.File>?
    private var at: WalkStart
    private var isSealed = false
    /// The segment that was read last, and the last frame in it.
    private var last: SegmentHeader?
    private var previous = 0

    package init(
        _ directory: Directory, segments: SegmentList, from start: WalkStart,
        checks: FrameChecks = .all
    ) {
        self.directory = directory
        self.segments = segments
        self.checks = checks
        at = start
    }

    /// Returns what comes next; after the end, the end again.
    package mutating func next() throws(LogError) -> LogFound {
        guard try enterSegment() else { return try judge(.noSegment) }
        do throws(FrameFault) {
            return .frame(try nextFrame())
        } catch .unsupported(let version) {
            throw .unsupported(.frame, version: version)
        } catch {
            return try judge(error)
        }
    }

    /// Opens the segment that the position lies in, stepping over those that were dropped.
    private mutating func enterSegment() throws(LogError) -> Bool {
        if let reader, at.position < reader.header.limit, !isSealed { return true }
        if isSealed, let last { at.position = last.limit }
        if segments.segment(at: at.position) == nil, at.position < at.wholeFrom,
            let later = segments.segment(from: at.position)
        {
            at.position = min(later.start, at.wholeFrom)
            at.previousCRC = nil
        }
        reader = nil
        guard let header = segments.segment(at: at.position)?.header else { return false }
        try open(header)
        last = header
        isSealed = false
        at.position = max(at.position, header.firstFrame)
        return true
    }

    private mutating func open(_ header: SegmentHeader) throws(LogError) {
        let file = try directory.open(FileName.segment(at: header.start))
        reader = SegmentReader(header, file: file)
    }

    private mutating func nextFrame() throws(FrameFault) -> FoundFrame {
        guard var reader = reader.take() else { throw .noSegment }
        defer { self.reader = reader }
        let frame = try reader.frame(
            at: at.position, previousCRC: at.previousCRC, epoch: at.epoch, checks: checks)
        pass(frame.header)
        return frame
    }

    private mutating func pass(_ frame: FrameHeader) {
        previous = frame.position
        at.position = frame.end
        at.previousCRC = frame.headerCRC
        at.epoch = frame.epoch
        at.logTime = max(at.logTime, frame.logTime)
        at.committed = max(at.committed, frame.committed)
        isSealed = frame.kind == .seal
    }

    /// Decides what a bad frame at the position means.
    private mutating func judge(_ fault: FrameFault) throws(LogError) -> LogFound {
        let later = try laterFrame()
        // A whole frame that does not follow the one before proves that one of the two is not what
        // was flushed. Nobody can say which, so both are in doubt.
        if fault == .brokenChain {
            return lost(
                from: previous, upTo: later ?? at.position + LogFormat.blockSize, fault)
        }
        if let later { return lost(from: at.position, upTo: later, fault) }
        // Without its header nobody can say what a segment held.
        let broken = segments.segment(at: at.position)
        let unknown = broken?.header == nil ? broken?.limit ?? 0 : 0
        if at.position < max(at.committed, unknown) {
            return lost(from: at.position, upTo: max(at.committed, unknown), fault)
        }
        // Where nothing could be read, the end is told by what stands before it.
        let before = segments.found.last { $0.start <= at.position && $0.header != nil }
        guard let segment = last ?? before?.header else { throw .damaged(.segment) }
        return .end(end(in: segment), fault)
    }

    /// Steps over what is lost.
    private mutating func lost(
        from start: Int, upTo position: Int, _ fault: FrameFault
    ) -> LogFound {
        precondition(position > at.position, "a walk goes forward")
        let range = start..<position
        at.position = position
        at.previousCRC = nil
        isSealed = false
        return .damage(LogDamage(range: range, fault: fault))
    }

    private func end(in segment: SegmentHeader) -> LogEnd {
        var end = LogEnd(fresh: segment)
        // Its successor is still to be made.
        end.isSealed = isSealed || at.position >= segment.limit
        end.position = at.position
        end.previousCRC = at.previousCRC ?? 0
        end.epoch = at.epoch
        end.logTime = at.logTime
        end.committed = at.committed
        return end
    }

    /// Finds the first frame behind the position, in this segment and in all later ones.
    private mutating func laterFrame() throws(LogError) -> Int? {
        // Reading goes on by position, not with whatever segment the search ends in.
        defer { reader = nil }
        let from = at.position + LogFormat.blockSize
        if let found = try reader?.header(from: from, epoch: at.epoch) { return found.position }
        for segment in segments.found where segment.start > at.position {
            guard let header = segment.header else { return segment.start }
            try open(header)
            let found = try reader?.header(from: header.firstFrame, epoch: at.epoch)
            if let found { return found.position }
        }
        return nil
    }
}
