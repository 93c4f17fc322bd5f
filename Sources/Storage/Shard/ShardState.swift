// The fold: what the committed entries of a log come to. A start folds what it reads, a running shard
// what it commits, by the same functions; so both are the same state.

import CommitLog
import Delivery
import Groups
import Records
import Wire

struct ShardState {
    /// Those that have, or had, something.
    var partitions: [PartitionID: PartitionState] = [:]
    var retention: Retention
    /// Of segments that are not sealed, or whose index file is not there yet, by where they start.
    var indexes: [Int: SegmentIndex] = [:]
    /// Every segment that may be read, in order.
    var segments: [SegmentHeader] = []
    /// Those that archives stand for, and the bytes of entries that they have.
    var archived: [Int: Int] = [:]
    var epochs: [EpochStart] = []
    var held = HeldBatches()
    /// The records of `held`, but for those whose pointer is on its way.
    var timers = DueTimers()
    /// Idempotency-Keys of what is stored.
    var dedup: DedupBook
    /// Batches that span shards, and are not over; their parts are in `held`.
    var spreads: SpreadLedger
    /// Groups, while a log is read; on a shard that serves, `GroupShelf` has them.
    var groups: GroupBook?
    /// What the fold has come to.
    var folded: FoldEnd

    /// A place behind a frame, and what a checkpoint has to know about it.
    struct FoldEnd: Equatable {
        var position: Int
        var previousCRC: UInt32
        var epoch: UInt32
        var logTime: Int
    }

    /// What a frame changed that somebody may wait for.
    struct News {
        /// Some of them twice, perhaps.
        var grown: [PartitionID] = []
        var begun = false
        /// The index of a segment that is whole, and where the segment ends.
        var sealed: (segment: SegmentHeader, end: Int)?
    }

    init(
        of shard: UInt16, folded: FoldEnd, summaries: [SegmentSummary] = [], _ limits: ShardLimits
    ) {
        self.folded = folded
        spreads = SpreadLedger(of: shard, refusedMax: limits.refusedMax)
        dedup = DedupBook(limits.dedup)
        groups = GroupBook(limits.groups)
        retention = Retention(segments: summaries)
    }

    /// The segment that `position` lies in.
    func segment(at position: Int) -> SegmentHeader? {
        let index = segments.firstPlace { $0.limit > position }
        guard index < segments.count, segments[index].start <= position else { return nil }
        return segments[index]
    }
}

extension ShardState {
    /// Folds a whole frame; the bytes of its entries lie in `bytes`, whose first has position `origin`.
    mutating func apply(
        _ frame: FrameHeader, _ entries: [EntryPlace], in bytes: [UInt8], from origin: Int,
        of segment: SegmentHeader
    ) throws(LogError) -> News {
        var news = News()
        for entry in entries {
            try note(entry, of: segment, logTime: frame.logTime)
            let place = entry.position - origin
            try fold(entry, in: bytes, at: place, logTime: frame.logTime, &news)
        }
        switch frame.kind {
        case .seal:
            seal(segment, end: frame.end)
            news.sealed = (segment, frame.end)
        case .epochStart:
            epochs.append(EpochStart(epoch: frame.epoch, position: frame.position))
        case .data, .commitMark, .time: break
        }
        folded = FoldEnd(
            position: frame.end, previousCRC: frame.headerCRC, epoch: frame.epoch,
            logTime: max(folded.logTime, frame.logTime))
        return news
    }

    /// Takes an entry into the index only: the checkpoint has the rest of it.
    mutating func indexAgain(
        _ entry: EntryPlace, of segment: SegmentHeader, logTime: Int
    ) throws(LogError) {
        try note(entry, of: segment, logTime: logTime)
        guard entry.head.isIndexed else { return }
        partitions[entry.head.partition]?.bytes += entry.size
    }

    private mutating func note(
        _ entry: EntryPlace, of segment: SegmentHeader, logTime: Int
    ) throws(LogError) {
        guard entry.head.isIndexed else { return }
        // In place: a copy in hand would make each entry copy the whole index.
        let start = segment.start
        let isNext = indexes[start, default: SegmentIndex(start: start)]
            .take(entry, logTime: logTime)
        guard isNext else { throw .damaged(.frame) }
    }

    private mutating func fold(
        _ entry: EntryPlace, in bytes: [UInt8], at place: Int, logTime: Int,
        _ news: inout News
    ) throws(LogError) {
        switch EntryType(rawValue: entry.head.type) {
        case .batch:
            let base = entry.head.baseOffset
            noteKeys(of: entry, in: bytes, at: place, prefix: 0) { .offset(base + $0.record) }
            grow(entry, &news)
        case .pointer:
            show(entry, in: bytes, at: place)
            grow(entry, &news)
        case .begin:
            begin(entry.head.partition, at: entry.head.baseOffset)
            news.begun = true
        case .topicGone:
            forget(topic: entry.head.partition.topic)
            news.begun = true
        case .held: hold(entry, in: bytes, at: place)
        case .decision: decide(entry, in: bytes, at: place, logTime: logTime)
        case .dropped: drop(entry, in: bytes, at: place)
        case .settled: settle(entry, in: bytes, at: place)
        case .groups: try takeGroups(entry, in: bytes, at: place)
        case nil: break
        }
    }

    private mutating func grow(_ entry: EntryPlace, _ news: inout News) {
        partitions[entry.head.partition, default: PartitionState()].append(entry)
        if news.grown.last != entry.head.partition { news.grown.append(entry.head.partition) }
    }

    private mutating func begin(_ partition: PartitionID, at offset: Int) {
        groups?.trim(partition, to: offset)
        // Its topic may be gone.
        guard partitions[partition] != nil else { return }
        partitions[partition]?.begin(at: offset)
        retention.begin(partition, at: offset)
    }

    private mutating func forget(topic: UInt32) {
        partitions = partitions.filter { $0.key.topic != topic }
        retention.delete(topic: topic)
        held.forget(topic: topic)
        spreads.forget(topic: topic)
        dedup.forget(topic: topic)
        groups?.forget(topic: topic)
    }

    private mutating func seal(_ segment: SegmentHeader, end: Int) {
        let index = indexes[segment.start] ?? SegmentIndex(start: segment.start)
        indexes[segment.start] = index
        let summary = index.summary(of: segment, end: end)
        retention.sealed(summary)
        for (partition, run) in summary.runs {
            partitions[partition]?.sealed(run, in: segment.start)
        }
    }

    /// Takes a segment out of the books; returns its header, if its file may become another one.
    mutating func drop(_ start: Int) -> SegmentHeader? {
        retention.drop(start)
        indexes[start] = nil
        let isArchived = archived.removeValue(forKey: start) != nil
        guard let place = segments.firstIndex(where: { $0.start == start }) else { return nil }
        let header = segments.remove(at: place)
        return isArchived ? nil : header
    }

    /// Forgets those that are gone and of which nothing is left.
    mutating func forgetGoneTopics() {
        var gone = retention.deletedTopics
        for summary in retention.segments where !gone.isEmpty {
            for partition in summary.runs.keys { gone.remove(partition.topic) }
        }
        for index in indexes.values where !gone.isEmpty {
            for partition in index.partitions.keys { gone.remove(partition.topic) }
        }
        for topic in gone { retention.forget(topic: topic) }
    }
}

extension PartitionState {
    fileprivate mutating func append(_ entry: EntryPlace) {
        end = max(end, entry.head.endOffset)
        bytes += entry.size
    }
}

extension [Int: SegmentIndex] {
    /// Of index entries in memory.
    ///
    /// Not of the state that has them: a method of something so large gets a copy of it all.
    var entryBytes: Int {
        var bytes = 0
        for index in values { bytes += index.entryBytes }
        return bytes
    }
}
