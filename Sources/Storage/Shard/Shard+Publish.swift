import CommitLog
import Delivery
import Records
import Wire

extension Shard {
    /// Stores what is published; as a part of a spread batch it waits where nobody sees it.
    ///
    /// Where the keeper has to make room first it joins the line, unless it is the first of it.
    func take(
        _ publish: Publish, _ ticket: UInt64, _ caller: Caller, in spread: SpreadPrefix? = nil,
        isFirstOfLine: Bool = false
    ) throws(ShardRefusal) {
        let batches = try check(publish)
        let keys = keys(of: publish, batches)
        if !keys.isEmpty {
            try checkCount(publish)
            if try isRepeat(keys, ticket, caller) { return }
        }
        let size = try admit(publish)
        let hasRoom = try hasRoom(for: size)
        guard hasRoom, isFirstOfLine || line.isEmpty else {
            let place = PublishLine.Place(
                publish: publish, ticket: ticket, caller: caller, spread: spread, size: size,
                until: now.boot + limits.linePatience)
            return try line.add(place, limits)
        }
        let drafts = try place(publish.parts, batches, spread)
        let logTime = time.now
        try append(drafts, logTime: logTime)
        counts.publishes += 1
        let parts = drafts.map { $0.placed(at: logTime) }
        if let spread {
            // What a repeat is told is not known before the decision.
            _ = publishes.add(PublishQueue.Waiting(caller, ticket, parts, of: spread.spread))
            return acts.begin(spread.spread, [], keys: keys.map { $0.pending })
        }
        let number = publishes.add(
            PublishQueue.Waiting(
                caller, ticket, parts, isAwaited: !publish.isBuffered, keys: keys.map { $0.pending }
            ))
        for key in keys { pendingKeys.add(key.pending, number) }
        if publish.isBuffered {
            let buffered = parts.map { _ in PlacedPart(place: .buffered, logTime: logTime) }
            answer(caller, ticket, .published(buffered))
        }
    }

    /// Refuses what nobody can store; returns what the batches say of themselves.
    private func check(_ publish: Publish) throws(ShardRefusal) -> [CheckedBatch] {
        if isReadOnly { throw .readOnly }
        guard !publish.parts.isEmpty else { throw .badBatch }
        guard publish.parts.count <= limits.partsMax else { throw .overloaded }
        var batches: [CheckedBatch] = []
        batches.reserveCapacity(publish.parts.count)
        for part in publish.parts {
            _ = try topic(of: part.partition)
            batches.append(try CheckedBatch(part.batch))
        }
        return batches
    }

    /// Refuses what its topic, or the disk, has no room for; returns how large it is.
    private func admit(_ publish: Publish) throws(ShardRefusal) -> Int {
        var more: [PartitionID: Int] = [:]
        var size = 0
        for part in publish.parts {
            let topic = try topic(of: part.partition)
            let entrySize =
                part.batch.count + LogFormat.entryHeadSize + HeldBatch.prefixSize
            size += entrySize
            guard let backlogMax = topic.settings.backlogMax else { continue }
            more[part.partition, default: 0] += entrySize
            let held = state.held.bytes[part.partition] ?? 0
            let kept = held + (state.partitions[part.partition]?.bytes ?? 0)
            let coming = appended[part.partition]?.bytes ?? 0
            guard kept + coming + (more[part.partition] ?? 0) <= backlogMax / topic.shards.count
            else { throw .backlogFull(limit: backlogMax) }
        }
        if disk >= .full { throw .noSpace }
        return size
    }

    /// Whether the log takes so much now; false while the keeper makes room.
    func hasRoom(for size: Int) throws(ShardRefusal) -> Bool {
        // Where no further segment can be made, the last one is kept for acks and the like.
        let isLast = keeping.isOutOfSpace && !log.hasPreparedSegment
        if !isLast, log.hasRoom(for: size, reserve: limits.reserveSize) {
            // The index has to stay in memory until its segment is sealed.
            return state.indexes.entryBytes <= limits.indexSizeMax
        }
        keeping.noteDemand(limits)
        if keeping.isOutOfSpace { throw .noSpace }
        return false
    }

    /// Gives the parts their offsets.
    private func place(
        _ parts: [Publish.Part], _ batches: [CheckedBatch], _ spread: SpreadPrefix?
    ) throws(ShardRefusal) -> [EntryDraft] {
        // Of partitions that several parts go to.
        var ends: [PartitionID: Int] = [:]
        var drafts: [EntryDraft] = []
        drafts.reserveCapacity(parts.count)
        var waiting = state.timers.count + state.spreads.recordCount
        for (part, batch) in zip(parts, batches) {
            let count = batch.count
            guard spread == nil, !batch.isDelayed else {
                waiting += count
                guard waiting <= limits.heldCountMax else { throw .overloaded }
                drafts.append(hold(part, count, spread?.bytes ?? HeldBatch.plainPrefix))
                continue
            }
            let offset = ends[part.partition] ?? end(of: part.partition)
            if parts.count > 1 { ends[part.partition] = offset + count }
            let head = EntryHead(
                type: EntryType.batch.rawValue, flags: EntryHead.indexed, partition: part.partition,
                baseOffset: offset, count: UInt32(count))
            drafts.append(EntryDraft(head, body: part.batch))
        }
        return drafts
    }

    private func hold(_ part: Publish.Part, _ count: Int, _ prefix: [UInt8]) -> EntryDraft {
        let head = EntryHead(
            type: EntryType.held.rawValue, flags: 0, partition: part.partition, baseOffset: 0,
            count: UInt32(count))
        return EntryDraft(head, prefix: prefix, body: part.batch)
    }

    /// Puts the parts into the log, and tells each of them its place there.
    private func append(_ drafts: [EntryDraft], logTime: Int) throws(ShardRefusal) {
        do throws(LogError) {
            try log.append(together: drafts) { number, place, bytes in
                let head = drafts[number].head
                BatchHeader.place(
                    batchAt: place + drafts[number].prefix.count, in: &bytes,
                    topicID: head.partition.topic,
                    partition: head.partition.partition, baseOffset: UInt64(head.baseOffset),
                    logTime: UInt64(logTime))
            }
        } catch {
            throw ShardRefusal(error)
        }
        for draft in drafts { note(draft) }
    }

    /// The offset that the next record of a partition gets.
    func end(of partition: PartitionID) -> Int {
        appended[partition]?.end ?? state.partitions[partition]?.end ?? 0
    }

    /// Counts an entry with the partition that it is going to be in.
    func note(_ entry: EntryDraft) {
        let partition = entry.head.partition
        let kept = entry.head.isIndexed ? 0 : end(of: partition)
        appended[partition, default: Appended(end: kept)].note(entry)
    }
}

extension Appended {
    fileprivate mutating func note(_ entry: EntryDraft) {
        if entry.head.isIndexed { end = entry.head.endOffset }
        bytes += entry.size
    }
}

extension EntryDraft {
    fileprivate func placed(at logTime: Int) -> PlacedPart {
        // The position of what is held is known once it is written.
        let place: PlacedPart.Place = head.isIndexed ? .offset(head.baseOffset) : .held(position: 0)
        return PlacedPart(place: place, logTime: logTime)
    }
}

/// A batch that is whole, and nothing but that.
struct CheckedBatch {
    let count: Int
    let isDelayed: Bool
    let keys: [DedupKey]

    init(_ batch: [UInt8]) throws(ShardRefusal) {
        do throws(RecordsError) {
            let view = try BatchView(batch.span)
            try view.checkChecksum(batch.span)
            guard view.range.upperBound == batch.count,
                !view.header.attributes.contains(.transactional)
            else { throw .badSizes }
            count = view.count
            isDelayed = view.header.attributes.contains(.delayed)
            keys = DedupKey.all(of: view, in: batch.span)
        } catch {
            throw .badBatch
        }
    }
}

extension ShardRefusal {
    /// What a publisher hears of an append that was refused.
    init(_ error: LogError) {
        switch error {
        case .overloaded: self = .overloaded
        case .tooLarge: self = .badBatch
        case .noSpace: self = .noSpace
        case .poisoned: self = .failed
        case .disk, .noSuchFile, .damaged, .foreign, .unsupported: self = .damaged
        }
    }
}
