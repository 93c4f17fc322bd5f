/// Walks the archives of a log in order, for the check: their entries come as the frames come that
/// stand around them.
struct ArchiveCheck<Directory: LogDirectory> {
    enum Step {
        case frame(FoundFrame)
        case lost(LogDamage)
        /// All of an archive was read; without its index where something of it is lost.
        case read(ArchiveList.Found, index: SegmentIndex?)
    }

    private struct Current {
        let found: ArchiveList.Found
        let reader: ArchiveReader<Directory.File>
        var block = 0
        var extents: ArraySlice<ArchiveExtent> = []
        var index: SegmentIndex?
    }

    private let directory: Directory
    private var ahead: ArraySlice<ArchiveList.Found>
    private var current: Current?

    /// `archives` are in order.
    init(_ directory: Directory, _ archives: [ArchiveList.Found]) {
        self.directory = directory
        ahead = archives[...]
    }

    /// What comes next of archives whose segments start before `position`.
    mutating func next(before position: Int) throws(LogError) -> Step? {
        if current == nil {
            guard let found = ahead.first, found.header.segment.start < position else { return nil }
            ahead.removeFirst()
            let start = found.header.segment.start
            current = Current(
                found: found, reader: try directory.archive(of: start),
                index: SegmentIndex(start: start))
        }
        guard var current = current.take() else { return nil }
        let step = Self.step(&current)
        if case .read = step { return step }
        self.current = current
        return step
    }

    private static func step(_ current: inout Current) -> Step {
        let segment = current.found.header.segment
        do throws(LogError) {
            if current.extents.isEmpty, current.block < current.reader.extentBlocks {
                current.block += 1
                current.extents = try current.reader.extents(in: current.block - 1)[...]
            }
        } catch {
            return lose(segment.start..<segment.limit, &current)
        }
        guard let extent = current.extents.popFirst() else {
            return .read(current.found, index: current.index)
        }
        do throws(LogError) {
            let frame = try current.reader.frame(of: extent)
            for entry in frame.entries { note(entry, frame.header.logTime, &current.index) }
            return .frame(frame)
        } catch {
            return lose(segment.start + extent.place..<segment.start + extent.end, &current)
        }
    }

    private static func note(_ entry: EntryPlace, _ logTime: Int, _ index: inout SegmentIndex?) {
        guard index?.accepts(entry) ?? false else { return index = nil }
        index?.note(entry, logTime: logTime)
    }

    private static func lose(_ range: Range<Int>, _ current: inout Current) -> Step {
        current.index = nil
        return .lost(LogDamage(range: range, fault: .badPayload))
    }
}
