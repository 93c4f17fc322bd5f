// From a pointer to the records that it shows, in whatever segment their batch was stored.

import Bytes
import CommitLog
import Delivery
import Records
import Wire

extension Shard {
    /// The records that a pointer shows, and whether their bytes were read for it.
    ///
    /// Pointers to one batch tend to follow each other, so one reading serves them all.
    func follow(
        _ location: EntryLocation, of partition: PartitionID, after last: Taken?
    ) throws(ShardRefusal) -> (shown: Taken, bytes: Int) {
        let size = Int(location.entry.size)
        let (bytes, place) = try entry(at: location.position, size: size)
        let pointer = Pointer(in: bytes, at: place, size: size, count: Int(location.entry.count))
        guard let pointer else { throw damaged() }
        if case .shown(let batch, let position) = last, position == pointer.position {
            let next = FetchedBatch(batch.bytes, at: batch.start, pointer, location.entry)
            return (.shown(next, position), 0)
        }
        let held = try held(at: pointer.position, of: partition, pointer.records)
        let batch = FetchedBatch(held.bytes, at: held.start, pointer, location.entry)
        return (.shown(batch, pointer.position), held.size)
    }

    /// Where the held batch lies whose entry is at `position`.
    private func held(
        at position: Int, of partition: PartitionID, _ records: [UInt16]
    ) throws(ShardRefusal) -> (bytes: [UInt8], start: Int, size: Int) {
        let head = try entry(at: position, size: LogFormat.entryHeadSize)
        let size = Int(head.bytes.span.uint32(at: head.place))
        guard size > LogFormat.entryHeadSize + HeldBatch.prefixSize,
            size <= limits.log.payloadSizeMax
        else { throw damaged() }
        let (bytes, place) = try entry(at: position, size: size)
        let start = place + LogFormat.entryHeadSize + HeldBatch.prefixSize
        do {
            let entry = try EntryPlace(in: bytes.span, at: place)
            let view = try BatchView(bytes.span, at: start)
            try view.checkChecksum(bytes.span)
            guard entry.head.type == EntryType.held.rawValue, entry.head.partition == partition,
                records.allSatisfy({ Int($0) < view.count })
            else { throw damaged() }
            return (bytes, start, size)
        } catch {
            throw damaged()
        }
    }

    /// Bytes that hold what is at `position`, and where in them it is.
    private func entry(
        at position: Int, size: Int
    ) throws(ShardRefusal) -> (bytes: [UInt8], place: Int) {
        if let found = tail.find(position), found.place + size <= found.bytes.count { return found }
        guard let segment = state.segment(at: position) else { throw damaged() }
        return (try read(position..<position + size, of: segment.start), 0)
    }
}

extension FetchedBatch {
    fileprivate init(
        _ bytes: [UInt8], at start: Int, _ pointer: Pointer, _ entry: IndexEntry
    ) {
        self.init(
            bytes: bytes, start: start, baseOffset: entry.baseOffset, picks: pointer.records,
            count: pointer.records.count, logTime: entry.maxTime)
    }
}
