// What a group gets to look at: the directories of stored batches, and the records themselves where a filter
// asks for them.

import Bytes
import CommitLog
import Groups
import Records
import Wire

/// Records of a partition that a group has not looked at, and the batches that hold them.
struct GroupSupply {
    let records: RecordSupply
    let batches: [FetchedBatch]
}

extension Shard {
    /// Reads on from where the group has looked; nothing where it may not look any further.
    func supply(_ place: GroupPlace, wanted: Int) throws(GroupTrouble) -> GroupSupply? {
        guard groups.shelf.mayLook(place) else { return nil }
        let cursor = groups.shelf.cursor(of: place)
        let fetched: [FetchedPart]
        do throws(ShardRefusal) {
            fetched = try fetch(
                Fetch(
                    parts: [Fetch.Part(partition: place.partition, offset: cursor)],
                    bytesMax: limits.groupReadMax, recordsMax: min(wanted, limits.groupLookMax)))
        } catch {
            throw .shard(error)
        }
        guard let batches = fetched.first?.batches, let last = batches.last else { return nil }
        var facts: [RecordFacts] = []
        facts.reserveCapacity(min(wanted, batches.reduce(0) { $0 + $1.count }))
        // Where nothing waits for its turn, no more is looked at than is handed out.
        let ordering = groups.shelf.settings(of: place.group)?.ordering
        let isOrdered = ordering != GroupSettings.Ordering.none
        var sieve = RecordSieve(filter(of: place.group), wantedMax: isOrdered ? .max : wanted)
        for batch in batches { sieve.add(batch, from: cursor, to: &facts) }
        // What was not looked at is no part of the supply: it would count as refused.
        let end = sieve.isFull ? facts.last.map { $0.offset + 1 } ?? cursor : last.endOffset
        let range = cursor..<max(cursor, end)
        return GroupSupply(records: RecordSupply(range, facts), batches: batches)
    }

    private func filter(of group: UInt32) -> Filter? {
        if let known = groups.filters[group] { return known }
        guard let text = groups.shelf.settings(of: group)?.filter, !text.isEmpty else { return nil }
        do throws(FilterError) {
            let filter = try Filter(parsing: text.span)
            groups.filters[group] = filter
            return filter
        } catch {
            // It was checked where it came in; who cannot be asked takes everything.
            return nil
        }
    }

    /// The batch that holds an offset.
    func batch(
        with offset: Int, of partition: PartitionID
    ) throws(ShardRefusal) -> FetchedBatch {
        let part = Fetch.Part(partition: partition, offset: offset)
        let fetched = try fetch(Fetch(parts: [part], bytesMax: 0, recordsMax: 1))
        guard let batch = fetched.first?.batches.first, batch.holds(offset) else {
            throw damaged()
        }
        return batch
    }
}

/// Tells of each record what a group has to know of it.
struct RecordSieve: ~Copyable {
    private let filter: Filter?
    private var reader: BatchReader?
    private var wantedLeft: Int

    /// Stops at so many records that are wanted.
    init(_ filter: Filter?, wantedMax: Int) {
        self.filter = filter
        wantedLeft = wantedMax
        reader = filter == nil ? nil : BatchReader()
    }

    var isFull: Bool { wantedLeft <= 0 }

    mutating func add(_ batch: FetchedBatch, from cursor: Int, to facts: inout [RecordFacts]) {
        if isFull { return }
        let view: BatchView
        do throws(RecordsError) {
            view = try BatchView(knownWhole: batch.bytes.span, at: batch.start)
        } catch {
            // It was found whole when it was read.
            return
        }
        var isOpen = false
        let first = max(0, cursor - batch.baseOffset)
        for number in first..<max(batch.count, first) {
            if isFull { break }
            let record = batch.picks.map { Int($0[number]) } ?? number
            let entry = view.entry(record, batch.bytes.span)
            let isWanted = takes(record, entry, of: batch, &isOpen)
            if isWanted { wantedLeft -= 1 }
            facts.append(
                RecordFacts(
                    offset: batch.baseOffset + number, size: UInt32(clamping: entry.size),
                    key: entry.flags.contains(.hasKey) ? entry.keyHash : nil,
                    expires: Self.date(entry.expiry(appendedAt: view.header.logTime)),
                    isWanted: isWanted))
        }
        if isOpen { reader?.close() }
    }

    /// What is beyond the dates of a log never comes.
    private static func date(_ expiry: UInt64?) -> Int {
        guard let expiry, expiry < HeldBatch.dueMax else { return .max }
        return Int(expiry)
    }

    private mutating func takes(
        _ record: Int, _ entry: DirectoryEntry, of batch: FetchedBatch, _ isOpen: inout Bool
    ) -> Bool {
        guard let filter else { return true }
        guard entry.attributeMask & filter.requiredBits == filter.requiredBits else { return false }
        do throws(RecordsError) {
            if !isOpen {
                try reader?.open(batch.bytes, at: batch.start)
                isOpen = true
            }
            guard let view = try reader?.record(at: record), let bytes = reader?.bytes else {
                return true
            }
            return filter.matches(view, in: bytes.span)
        } catch {
            // Whoever gets it sees that it is damaged.
            return true
        }
    }
}

/// The batches that hold what was granted, each once and in order.
struct GrantedBatches {
    private let near: [FetchedBatch]
    private(set) var batches: [FetchedBatch] = []
    /// Bytes of them.
    private(set) var size = 0
    /// The offsets of the last one.
    private var held = 0..<0

    init(_ near: [FetchedBatch]) { self.near = near }

    /// Whether the message at `offset` is in hand.
    mutating func take(_ offset: Int) -> Bool {
        if held ~= offset { return true }
        let place = near.firstPlace { $0.endOffset > offset }
        guard place < near.count, near[place].holds(offset) else { return false }
        add(near[place])
        return true
    }

    mutating func add(_ batch: FetchedBatch) {
        batches.append(batch)
        held = batch.baseOffset..<batch.endOffset
        size += Int(batch.bytes.span.uint32(at: batch.start + BatchHeader.Place.size))
    }
}

extension FetchedBatch {
    func holds(_ offset: Int) -> Bool { baseOffset..<endOffset ~= offset }
}
