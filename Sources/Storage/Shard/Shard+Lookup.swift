// Where the entries of a partition stand: in memory for segments that are being written, in index files
// for the others.

import CommitLog
import Delivery
import Records
import Wire

/// An entry with offsets, and the segment it stands in.
struct EntryLocation: Equatable {
    let segment: Int
    let entry: IndexEntry

    var position: Int { segment + Int(entry.place) }
    var end: Int { position + Int(entry.size) }
}

extension Shard {
    /// Some entries in a row, from the one that holds `offset` on; none where it is lost.
    func entries(
        of partition: PartitionID, from offset: Int
    ) throws(ShardRefusal) -> [EntryLocation] {
        if let found = entriesInMemory(of: partition, from: offset) { return found }
        guard let run = state.partitions[partition]?.run(at: offset),
            run.run.firstOffset <= offset, let segment = state.segment(at: run.segment)
        else { return [] }
        if let known = cold.locations(of: partition, from: offset) { return known }
        let found = try inIndex(of: segment) { reader throws(LogError) in
            try reader.entries(of: partition, from: offset)
        }
        if let found {
            let locations = found.map { EntryLocation(segment: run.segment, entry: $0) }
            cold.note(locations, of: partition)
            return locations
        }
        return entriesInMemory(of: partition, from: offset) ?? []
    }

    private func entriesInMemory(
        of partition: PartitionID, from offset: Int
    ) -> [EntryLocation]? {
        for (start, index) in state.indexes {
            let found = index.entries(of: partition, from: offset)
            guard let first = found.first, first.baseOffset <= offset else { continue }
            return found.prefix(Self.lookupMax).map { EntryLocation(segment: start, entry: $0) }
        }
        return nil
    }

    /// About as many as a block of an index file has.
    private static var lookupMax: Int { LogFormat.indexEntriesPerBlock }

    /// Asks the index file of a sealed segment; nothing if there is none, and the index is in memory.
    private func inIndex<Found>(
        of segment: SegmentHeader,
        _ ask: (IndexReader<Directory.File>) throws(LogError) -> Found
    ) throws(ShardRefusal) -> Found? {
        if state.indexes[segment.start] != nil { return nil }
        do throws(LogError) {
            return try ask(try files.index(of: segment))
        } catch {
            // It can be made again from its segment, if that is whole.
            close(segment.start)
            remakeIndex(of: segment)
            guard state.indexes[segment.start] != nil else { throw damaged() }
            return nil
        }
    }

    /// Lets go of a segment that is about to be another, or cannot be read.
    func close(_ segment: Int) {
        files.close(segment)
        cold.forget(segment)
    }

    private func remakeIndex(of segment: SegmentHeader) {
        do throws(LogError) {
            let segments = try SegmentList(
                of: directory, shard: UInt32(number), cluster: cluster)
            readIndex(of: segment, segments)
        } catch {
            return
        }
        let summary = state.retention.segments.first { $0.start == segment.start }
        if let summary { sealed(segment, end: summary.end) }
    }

    /// Counts a read that met damage.
    func damaged() -> ShardRefusal {
        counts.damagedReads += 1
        return .damaged
    }

    /// The first offset of `time` or later, or the end.
    func locate(_ partition: PartitionID, since time: Int) throws(ShardRefusal) -> Int {
        guard let kept = state.partitions[partition] else { return 0 }
        var found: Int?
        if let run = kept.run(since: time), let segment = state.segment(at: run.segment) {
            let entry = try inIndex(of: segment) { reader throws(LogError) in
                try reader.entry(of: partition, since: time)
            }
            found =
                entry??.baseOffset
                ?? state.indexes[run.segment]?.entry(of: partition, since: time)?.baseOffset
        } else {
            found = state.indexes.values.compactMap {
                $0.entry(of: partition, since: time)?.baseOffset
            }.min()
        }
        return max(kept.start, found ?? kept.end)
    }
}

extension Shard {
    func locate(_ locate: Locate) throws(ShardRefusal) -> [Int] {
        guard locate.partitions.count <= limits.partsMax else { throw .overloaded }
        var offsets: [Int] = []
        for partition in locate.partitions {
            _ = try topic(of: partition)
            offsets.append(try self.locate(partition, since: locate.time))
        }
        return offsets
    }

    func describe(_ partitions: [PartitionID]) throws(ShardRefusal) -> [PartitionStatus] {
        guard partitions.count <= limits.partsMax else { throw .overloaded }
        for partition in partitions { _ = try topic(of: partition) }
        let pinned = pinnedBytes ?? state.retention.pinnedBytes()
        pinnedBytes = pinned
        return partitions.map { partition in
            let kept = state.partitions[partition] ?? PartitionState()
            return PartitionStatus(
                start: kept.start, end: kept.end, bytes: kept.bytes,
                pinnedBytes: pinned[partition] ?? 0,
                held: (state.held.records[partition] ?? 0)
                    - state.spreads.recordCount(of: partition))
        }
    }
}
