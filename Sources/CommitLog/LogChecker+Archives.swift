// What a check finds in archives, which stand between the segments that are whole.

extension LogChecker {
    /// Takes what comes of archives before `position`; nothing where there is none.
    mutating func takeArchived(before position: Int) throws(LogError) -> CheckStep? {
        while let step = try archives.next(before: position) {
            switch step {
            case .frame(let frame):
                count(frame)
                return .frame(frame)
            case .lost(let damage):
                report.note(.lost(damage))
                return .lost(damage)
            case .read(let found, let index): try prove(found, index)
            }
        }
        return nil
    }

    /// Holds what is said of an archive against what it has.
    private mutating func prove(
        _ found: ArchiveList.Found, _ index: SegmentIndex?
    ) throws(LogError) {
        report.archives += 1
        let segment = found.header.segment
        guard let index else { return }
        if index.summary(of: segment, end: found.header.end) != found.summary {
            report.note(.archive(segment: segment.start))
        }
        // A checkpoint may be older than the archive, and tell of more.
        for (checkpoint, said) in listed[segment.start] ?? [] {
            let isThere = found.summary.runs.allSatisfy { said.runs[$0.key] == $0.value }
            if !isThere { report.note(.checkpoint(position: checkpoint)) }
        }
        try proveIndex(of: segment, index)
    }

    /// The index file may be that of the whole segment, which has more in it.
    private mutating func proveIndex(
        of segment: SegmentHeader, _ index: SegmentIndex
    ) throws(LogError) {
        let name = FileName.index(at: segment.start)
        guard try directory.names().contains(name) else { return }
        provedIndexes.insert(segment.start)
        report.indexFiles += 1
        report.indexEntries += index.entryCount
        do throws(LogError) {
            let all = try IndexReader(try directory.open(name), of: segment).all()
            var rest = index.keyedEntries[...]
            for entry in all where rest.first == entry { rest.removeFirst() }
            if !rest.isEmpty { report.note(.index(segment: segment.start)) }
        } catch {
            if case .unsupported = error { throw error }
            report.note(.index(segment: segment.start))
        }
    }
}

extension SegmentIndex {
    /// In the order of an index file.
    fileprivate var keyedEntries: [KeyedEntry] {
        partitions.keys.sorted().flatMap { partition in
            (partitions[partition] ?? []).map { KeyedEntry(partition: partition, entry: $0) }
        }
    }
}
