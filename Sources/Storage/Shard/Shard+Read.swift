// Batches as they rest: from the last rounds and the last reads where they are still in memory, or else
// from the disk.

import Bytes
import CommitLog
import Records
import Wire

extension Shard {
    func read(
        _ taken: [Taken], of partition: PartitionID
    ) throws(ShardRefusal) -> [FetchedBatch] {
        var batches: [FetchedBatch] = []
        batches.reserveCapacity(taken.count)
        var unread: [EntryLocation] = []
        for piece in taken {
            guard case .stored(let location) = piece else {
                batches += try readCold(&unread, of: partition)
                if case .shown(let batch, _) = piece { batches.append(batch) }
                continue
            }
            guard let batch = batchInMemory(location) else {
                unread.append(location)
                continue
            }
            batches += try readCold(&unread, of: partition)
            counts.cachedReads += 1
            batches.append(batch)
        }
        batches += try readCold(&unread, of: partition)
        return batches
    }

    private func batchInMemory(_ location: EntryLocation) -> FetchedBatch? {
        if let (bytes, place) = tail.find(location.position) {
            return FetchedBatch(location, in: bytes, at: place)
        }
        return cold.batch(at: location.position)
    }

    /// Reads entries from the disk, near ones together.
    private func readCold(
        _ locations: inout [EntryLocation], of partition: PartitionID
    ) throws(ShardRefusal) -> [FetchedBatch] {
        var batches: [FetchedBatch] = []
        var rest = locations[...]
        locations = []
        while let first = rest.first {
            var together = [first]
            rest.removeFirst()
            while let next = rest.first, let last = together.last, next.segment == first.segment,
                next.position - last.end <= limits.readGapMax,
                next.end - first.position <= limits.readSizeMax
            {
                together.append(next)
                rest.removeFirst()
            }
            batches += try readTogether(together, of: partition)
        }
        return batches
    }

    private func readTogether(
        _ locations: [EntryLocation], of partition: PartitionID
    ) throws(ShardRefusal) -> [FetchedBatch] {
        let start = locations[0].position
        let bytes = try read(start..<locations[locations.count - 1].end, of: locations[0].segment)
        var batches: [(position: Int, batch: FetchedBatch)] = []
        for location in locations {
            let place = location.position - start
            guard isWhole(location, of: partition, in: bytes, at: place) else { throw damaged() }
            let batch = FetchedBatch(location, in: bytes, at: place)
            batches.append((location.position, batch))
        }
        cold.add(batches, of: locations[0].segment, size: bytes.count)
        return batches.map(\.batch)
    }

    /// Reads positions of one segment.
    func read(
        _ range: Range<Int>, of segment: Int
    ) throws(ShardRefusal) -> [UInt8] {
        counts.diskReads += 1
        do throws(LogError) {
            let content = try files.segment(segment)
            return try content.read(range.lowerBound - segment..<range.upperBound - segment)
        } catch {
            close(segment)
            throw damaged()
        }
    }

    /// Whether what was read is what the index says, unharmed.
    private func isWhole(
        _ location: EntryLocation, of partition: PartitionID, in bytes: [UInt8], at place: Int
    ) -> Bool {
        do {
            let entry = try EntryPlace(in: bytes.span, at: place)
            guard entry.head.partition == partition,
                entry.head.baseOffset == location.entry.baseOffset,
                entry.size == Int(location.entry.size)
            else { return false }
            let view = try BatchView(bytes.span, at: place + LogFormat.entryHeadSize)
            try view.checkChecksum(bytes.span)
            return view.range.upperBound == place + entry.size && view.count == entry.head.count
        } catch {
            return false
        }
    }
}

extension FetchedBatch {
    /// The batch of an entry at `place`.
    fileprivate init(_ location: EntryLocation, in bytes: [UInt8], at place: Int) {
        let start = place + LogFormat.entryHeadSize
        self.init(
            bytes: bytes, start: start, baseOffset: location.entry.baseOffset, picks: nil,
            count: Int(location.entry.count),
            logTime: Int(bytes.span.uint64(at: start + BatchHeader.Place.logTime)))
    }
}
