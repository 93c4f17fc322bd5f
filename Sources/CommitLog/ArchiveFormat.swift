import Bytes

/// What stands in an archive before its data.
package enum ArchiveFormat {
    static func encode(
        _ extents: [ArchiveExtent], _ summary: SegmentSummary, of segment: SegmentHeader,
        dataSize: Int
    ) -> (header: ArchiveHeader, bytes: [UInt8]) {
        let said = SegmentSummary.encode([summary])
        let header = ArchiveHeader(
            segment: segment, end: summary.end, extentCount: extents.count,
            summarySize: said.count, summaryCRC: CRC32C.of(said.span), dataSize: dataSize)
        var blocks = BlockWriter(perBlock: LogFormat.extentsPerBlock)
        var fences = BlockWriter(perBlock: LogFormat.archiveFencesPerBlock)
        for extent in extents {
            if blocks.startsBlock {
                fences.add { $0.append(littleEndian: UInt32(extent.place)) }
            }
            blocks.add { extent.encode(into: &$0) }
        }
        var bytes = header.encoded() + blocks.finished() + fences.finished() + said
        bytes += [UInt8](repeating: 0, count: header.dataPlace - bytes.count)
        return (header, bytes)
    }
}

/// The archives of a directory, as their names and headers have them.
package struct ArchiveList: Sendable {
    package struct Found: Equatable, Sendable {
        package let header: ArchiveHeader
        package let summary: SegmentSummary
    }

    /// By where their segments start.
    package private(set) var found: [Int: Found] = [:]
    /// Those whose header cannot be read; nobody can say what they hold.
    package private(set) var damaged: [Int] = []

    package init<Directory: LogDirectory>(
        of directory: Directory, shard: UInt32, cluster: Identity
    ) throws(LogError) {
        for name in try directory.names() {
            guard case .archive(let start) = FileName(name) else { continue }
            do throws(LogError) {
                let archive = try directory.archive(of: start)
                let segment = archive.header.segment
                guard segment.shard == shard, segment.cluster == cluster else {
                    throw .foreign(.archive)
                }
                found[start] = Found(header: archive.header, summary: archive.summary)
            } catch {
                switch error {
                case .damaged, .disk: damaged.append(start)
                default: throw error
                }
            }
        }
    }
}

extension LogDirectory {
    /// Opens the archive of the segment that starts at `start`.
    package func archive(of start: Int) throws(LogError) -> ArchiveReader<File> {
        try ArchiveReader(try open(FileName.archive(at: start)), start: start)
    }

    /// The index of what an archive has.
    func readIndex(of archive: ArchiveReader<File>) throws(LogError) -> SegmentIndex {
        var index = SegmentIndex(start: archive.header.segment.start)
        for block in 0..<archive.extentBlocks {
            for extent in try archive.extents(in: block) {
                for entry in try archive.frame(of: extent).entries {
                    guard index.accepts(entry) else { throw .damaged(.archive) }
                    index.note(entry, logTime: extent.logTime)
                }
            }
        }
        return index
    }
}
