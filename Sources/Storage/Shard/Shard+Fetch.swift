import Bytes
import CommitLog
import Records
import Wire

/// A run of records that a fetch gives out.
enum Taken {
    case stored(EntryLocation)
    /// Pointed to, with the position of its entry; it was read to know how large it is.
    case shown(FetchedBatch, Int)
}

/// A part of a fetch on its way: which entries it will get.
private struct FetchCursor {
    let partition: PartitionID
    var next: Int
    let start: Int
    let end: Int
    var found: ArraySlice<EntryLocation> = []
    var taken: [Taken] = []
    var bytes = 0
    /// Those that are still wanted.
    var recordsLeft: Int
    /// Here entries are lost.
    var isBroken = false

    var isDone: Bool { next >= end || isBroken || recordsLeft <= 0 }
}

extension Shard {
    func fetch(_ fetch: Fetch) throws(ShardRefusal) -> [FetchedPart] {
        guard fetch.parts.count <= limits.partsMax else { throw .overloaded }
        var cursors: [FetchCursor] = []
        for part in fetch.parts {
            cursors.append(try cursor(part, recordsMax: max(fetch.recordsMax, 1)))
        }
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

    private func cursor(
        _ part: Fetch.Part, recordsMax: Int
    ) throws(ShardRefusal) -> FetchCursor {
        _ = try topic(of: part.partition)
        let kept = state.partitions[part.partition] ?? PartitionState()
        return FetchCursor(
            partition: part.partition, next: max(part.offset, kept.start), start: kept.start,
            end: kept.end, recordsLeft: recordsMax)
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
            guard cursor.taken.isEmpty || cursor.bytes + Int(next.entry.size) <= bytesMax
            else { return }
            try take(next, for: &cursor)
            cursor.recordsLeft -= next.entry.endOffset - cursor.next
            cursor.next = next.entry.endOffset
            cursor.found.removeFirst()
        }
    }

    private func take(
        _ location: EntryLocation, for cursor: inout FetchCursor
    ) throws(ShardRefusal) {
        guard location.entry.flags & UInt32(Pointer.flag) != 0 else {
            cursor.taken.append(.stored(location))
            cursor.bytes += Int(location.entry.size)
            return
        }
        let (shown, bytes) = try follow(location, of: cursor.partition, after: cursor.taken.last)
        cursor.taken.append(shown)
        cursor.bytes += Int(location.entry.size) + bytes
    }
}
