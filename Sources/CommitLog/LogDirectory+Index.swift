// Index files are derived: one that is missing or damaged is made again from its segment alone.

extension LogDirectory {
    /// Reads a sealed segment from its first frame to its seal, and writes its index file.
    ///
    /// A segment that is not whole has no index: its damage is for the start to report.
    package func makeIndex(
        of segment: SegmentHeader, in segments: SegmentList
    ) throws(LogError) -> SegmentSummary {
        let (index, end) = try readIndex(of: segment, in: segments)
        let bytes = IndexFormat.encode(index, of: segment, end: end)
        try makeFile(FileName.index(at: segment.start), bytes)
        return index.summary(of: segment, end: end)
    }

    /// Reads a sealed segment from its first frame to its seal; returns its index, and where it ends.
    package func readIndex(
        of segment: SegmentHeader, in segments: SegmentList
    ) throws(LogError) -> (index: SegmentIndex, end: Int) {
        if try names().contains(FileName.archive(at: segment.start)) {
            let archive = try archive(of: segment.start)
            return (try readIndex(of: archive), archive.header.end)
        }
        var index = SegmentIndex(start: segment.start)
        var walk = LogWalk(
            self, segments: segments, from: WalkStart(position: segment.firstFrame))
        while case .frame(let frame) = try walk.next(), frame.header.position < segment.limit {
            for entry in frame.entries {
                guard index.accepts(entry) else { throw .damaged(.frame) }
                index.note(entry, logTime: frame.header.logTime)
            }
            if frame.header.kind == .seal { return (index, frame.header.end) }
        }
        throw .damaged(.segment)
    }
}
