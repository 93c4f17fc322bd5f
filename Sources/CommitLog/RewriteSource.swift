/// What a rewriting reads: a segment as it was written, or the archive that it has become.
struct RewriteSource<File: LogFile> {
    private enum Form {
        case frames(SegmentReader<File>, File)
        case archive(ArchiveReader<File>)
    }

    private var form: Form
    /// The next frame, or the next block of extents.
    private var position: Int
    private var previousCRC: UInt32?
    private var pending: ArraySlice<ArchiveExtent> = []
    private var isAtEnd = false
    /// A piece that was read for several extents.
    private var window: (range: Range<Int>, bytes: [UInt8]) = (0..<0, [])

    init(frames segment: SegmentHeader, _ file: File) {
        form = .frames(SegmentReader(segment, file: file), file)
        position = segment.firstFrame
    }

    init(_ archive: ArchiveReader<File>) {
        form = .archive(archive)
        position = 0
    }

    /// Reads the next frame, checked in every way; nothing at the end.
    mutating func next() throws(LogError) -> FoundFrame? {
        if isAtEnd { return nil }
        switch form {
        case .frames(var reader, let file):
            defer { form = .frames(reader, file) }
            return try nextFrame(of: &reader)
        case .archive(let archive): return try nextExtent(of: archive)
        }
    }

    private mutating func nextFrame(
        of reader: inout SegmentReader<File>
    ) throws(LogError) -> FoundFrame {
        do throws(FrameFault) {
            let frame = try reader.frame(
                at: position, previousCRC: previousCRC, epoch: 0, checks: .all)
            (position, previousCRC) = (frame.header.end, frame.header.headerCRC)
            isAtEnd = frame.header.kind == .seal
            return frame
        } catch .unsupported(let version) {
            throw .unsupported(.frame, version: version)
        } catch {
            // Whatever it is: a sealed segment is whole up to its seal.
            throw .damaged(.segment)
        }
    }

    private mutating func nextExtent(
        of archive: ArchiveReader<File>
    ) throws(LogError) -> FoundFrame? {
        if pending.isEmpty, position < archive.extentBlocks {
            pending = try archive.extents(in: position)[...]
            position += 1
        }
        guard let extent = pending.popFirst() else {
            isAtEnd = true
            return nil
        }
        return try archive.frame(of: extent)
    }

    /// Reads places of the segment; near ones are read together, up to `ahead`.
    mutating func read(_ range: Range<Int>, ahead: Int) throws(LogError) -> [UInt8] {
        if range.lowerBound < window.range.lowerBound || range.upperBound > window.range.upperBound
        {
            let wanted = range.lowerBound..<max(range.upperBound, ahead)
            switch form {
            case .frames(_, let file): window = (wanted, try file.read(wanted))
            case .archive(let archive): window = (wanted, try archive.read(wanted))
            }
        }
        let start = range.lowerBound - window.range.lowerBound
        return Array(window.bytes[start..<start + range.count])
    }
}
