/// The segments of a directory, as their names and headers have them.
package struct SegmentList: Sendable {
    package struct Found: Equatable, Sendable {
        package let start: Int
        package let size: Int
        /// Nothing where no copy of it is whole.
        package let header: SegmentHeader?
        package let damagedCopies: Int

        /// Position behind the segment.
        package var limit: Int { start + size }
    }

    /// In order of position.
    package private(set) var found: [Found] = []

    /// Reads the first block of every segment, which has to be of this shard.
    package init<Directory: LogDirectory>(
        of directory: Directory, shard: UInt32, cluster: Identity
    ) throws(LogError) {
        for name in try directory.names() {
            guard case .segment(let start) = FileName(name) else { continue }
            let file = try directory.open(name)
            let segment = try Self.look(at: file, start: start)
            if let header = segment.header {
                guard header.shard == shard, header.cluster == cluster, header.start == start else {
                    throw .foreign(.segment)
                }
            }
            found.append(segment)
        }
        found.sort { $0.start < $1.start }
    }

    private static func look<File: LogFile>(at file: File, start: Int) throws(LogError) -> Found {
        var header: SegmentHeader?
        var damaged = 2
        do throws(LogError) {
            let block = try file.read(0..<min(LogFormat.blockSize, file.size))
            damaged = SegmentHeader.damagedCopies(in: block)
            header = try SegmentHeader(decoding: block)
        } catch {
            switch error {
            case .damaged, .disk: header = nil
            default: throw error
            }
        }
        if let header, header.capacity != file.size { throw .damaged(.segment) }
        return Found(start: start, size: file.size, header: header, damagedCopies: damaged)
    }

    /// Forgets segments that are no part of the log any more.
    mutating func leaveOut(_ starts: [Int]) { found.removeAll { starts.contains($0.start) } }

    /// The segment that `position` lies in.
    package func segment(at position: Int) -> Found? {
        found.last { $0.start <= position && position < $0.limit }
    }

    package func segment(startingAt start: Int) -> Found? { found.first { $0.start == start } }

    /// The first segment that starts at or after `position`.
    package func segment(from position: Int) -> Found? { found.first { $0.start >= position } }
}
