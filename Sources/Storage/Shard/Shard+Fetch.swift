import Bytes
import CommitLog
import Records
import Wire

/// A part of a fetch on its way: which entries it will get.
private struct FetchCursor {
    let partition: PartitionID
    var next: Int
    let start: Int
    let end: Int
    var found: ArraySlice<EntryLocation> = []
    var taken: [EntryLocation] = []
    var bytes = 0
    /// Here entries are lost.
    var isBroken = false

    var isDone: Bool { next >= end || isBroken }
}

extension Shard {
    func fetch(_ fetch: Fetch) throws(ShardRefusal) -> [FetchedPart] {
        guard fetch.parts.count <= limits.partsMax else { throw .overloaded }
        var cursors: [FetchCursor] = []
        for part in fetch.parts { cursors.append(try cursor(part)) }
        let bytesMax = min(max(fetch.bytesMax, 0), limits.fetchSizeMax)
        let share = bytesMax / max(cursors.count, 1)
        for index in cursors.indices { try fill(&cursors[index], upTo: share) }
        // What some did not need of their share is for the others.
        var left = bytesMax - cursors.reduce(0) { $0 + $1.bytes }
        for index in cursors.indices where left > 0 {
            let before = cursors[index].bytes
            try fill(&cursors[index], upTo: before + left)
            left -= cursors[index].bytes - before
        }
        var parts: [FetchedPart] = []
        for cursor in cursors {
            parts.append(
                FetchedPart(
                    batches: try read(cursor.taken, of: cursor.partition), start: cursor.start,
                    end: cursor.end, logTime: time.now))
        }
        return parts
    }

    private func cursor(_ part: Fetch.Part) throws(ShardRefusal) -> FetchCursor {
        _ = try topic(of: part.partition)
        let kept = state.partitions[part.partition] ?? PartitionState()
        return FetchCursor(
            partition: part.partition, next: max(part.offset, kept.start), start: kept.start,
            end: kept.end)
    }

    /// Takes entries until the part has `bytesMax`, and one at least if there is one.
    private func fill(_ cursor: inout FetchCursor, upTo bytesMax: Int) throws(ShardRefusal) {
        while !cursor.isDone {
            if cursor.found.isEmpty {
                cursor.found = try entries(of: cursor.partition, from: cursor.next)[...]
            }
            guard let next = cursor.found.first, next.entry.baseOffset <= cursor.next else {
                // What is before the damage is served, and what is behind it to whoever asks for that.
                guard !cursor.taken.isEmpty else { throw damaged() }
                cursor.isBroken = true
                return
            }
            let size = Int(next.entry.size)
            guard cursor.taken.isEmpty || cursor.bytes + size <= bytesMax else { return }
            cursor.taken.append(next)
            cursor.bytes += size
            cursor.next = next.entry.endOffset
            cursor.found.removeFirst()
        }
    }

    private func read(
        _ locations: [EntryLocation], of partition: PartitionID
    ) throws(ShardRefusal) -> [FetchedBatch] {
        var batches: [FetchedBatch] = []
        batches.reserveCapacity(locations.count)
        var cold: [EntryLocation] = []
        for location in locations {
            guard let (bytes, place) = tail.find(location.position) else {
                cold.append(location)
                continue
            }
            // What came later in a partition is in the cache for longer.
            batches += try readCold(&cold, of: partition)
            counts.cachedReads += 1
            batches.append(FetchedBatch(location, in: bytes, at: place))
        }
        batches += try readCold(&cold, of: partition)
        return batches
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
        var batches: [FetchedBatch] = []
        for location in locations {
            let place = location.position - start
            guard isWhole(location, of: partition, in: bytes, at: place) else { throw damaged() }
            batches.append(FetchedBatch(location, in: bytes, at: place))
        }
        return batches
    }

    /// Reads positions of one segment.
    private func read(
        _ range: Range<Int>, of segment: Int
    ) throws(ShardRefusal) -> [UInt8] {
        counts.diskReads += 1
        do throws(LogError) {
            let file = try files.segment(segment)
            guard range.upperBound - segment <= file.size else { throw .noSuchFile }
            return try file.read(range.lowerBound - segment..<range.upperBound - segment)
        } catch {
            files.close(segment)
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
