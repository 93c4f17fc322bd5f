import CommitLog

/// Files of sealed and unsealed segments that are open for readers: the last used few of them.
struct OpenFiles<Directory: LogDirectory> {
    private struct Open<Content> {
        let content: Content
        var used: Int
    }

    private let directory: Directory
    private let countMax: Int
    private var segments: [Int: Open<SegmentContent<Directory.File>>] = [:]
    private var indexes: [Int: Open<IndexReader<Directory.File>>] = [:]
    private var uses = 0

    init(_ directory: Directory, countMax: Int) {
        precondition(countMax > 0, "a file has to be open to be read")
        self.directory = directory
        self.countMax = countMax
    }

    var count: Int { segments.count + indexes.count }

    mutating func segment(_ start: Int) throws(LogError) -> SegmentContent<Directory.File> {
        uses += 1
        if let open = segments[start] {
            segments[start]?.used = uses
            return open.content
        }
        let content = try open(start)
        Self.makeRoom(in: &segments, countMax)
        segments[start] = Open(content: content, used: uses)
        return content
    }

    /// The segment, or the archive that it has become.
    private func open(_ start: Int) throws(LogError) -> SegmentContent<Directory.File> {
        do throws(LogError) {
            return .whole(try directory.open(FileName.segment(at: start)))
        } catch .noSuchFile {
            return .archived(try directory.archive(of: start))
        }
    }

    mutating func index(of segment: SegmentHeader) throws(LogError) -> IndexReader<Directory.File> {
        uses += 1
        if let open = indexes[segment.start] {
            indexes[segment.start]?.used = uses
            return open.content
        }
        let file = try directory.open(FileName.index(at: segment.start))
        let reader = try IndexReader(file, of: segment)
        Self.makeRoom(in: &indexes, countMax)
        indexes[segment.start] = Open(content: reader, used: uses)
        return reader
    }

    /// Lets go of a segment's files, because they are about to be others.
    mutating func close(_ start: Int) {
        segments[start] = nil
        indexes[start] = nil
    }

    private static func makeRoom<Content>(in files: inout [Int: Open<Content>], _ countMax: Int) {
        guard files.count >= countMax else { return }
        if let oldest = files.min(by: { $0.value.used < $1.value.used }) { files[oldest.key] = nil }
    }
}

/// What there is of a segment, to be read by the places that things had there from the first.
enum SegmentContent<File: LogFile> {
    case whole(File)
    case archived(ArchiveReader<File>)

    func read(_ range: Range<Int>) throws(LogError) -> [UInt8] {
        switch self {
        case .whole(let file):
            guard range.upperBound <= file.size else { throw .noSuchFile }
            return try file.read(range)
        case .archived(let archive): return try archive.read(range)
        }
    }
}
