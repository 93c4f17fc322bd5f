// What stands in the frames of a shard's log, entry by entry: the meaning that the check sums of the
// frames do not prove.

import Bytes
import CommitLog
import Delivery
import Records
import Wire

struct EntryCheck: ~Copyable {
    private(set) var batches = 0
    private(set) var pointers = 0
    private var problems: [EntryProblem] = []
    private(set) var problemCount = 0
    /// Parts of the log were dropped, and with them pointers to batches that are still there.
    var hasGaps = false
    private var offsets = OffsetCheck()
    private var held = HeldCheck()
    private var spreads = SpreadCheck()
    private var batchCheck = BatchCheck()
    private var groups = GroupCheck()

    var partitions: [PartitionID] { offsets.partitions }

    mutating func lost(_ damage: LogDamage) {
        offsets.lost()
        held.lost(damage.range)
        spreads.lost()
        groups.lost()
    }

    mutating func take(_ frame: FoundFrame) {
        groups.follow(frame.header)
        for entry in frame.entries {
            let place = entry.position - frame.header.position - LogFormat.frameHeaderSize
            take(entry, in: frame.payload, at: place, of: frame.header)
        }
        spreads.endFrame(hasGaps: hasGaps)
    }

    private mutating func take(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int, of frame: FrameHeader
    ) {
        let body = place + LogFormat.entryHeadSize
        let isGood =
            switch EntryType(rawValue: entry.head.type) {
            case .batch: takeBatch(entry, in: payload, at: body, of: frame)
            case .held: hold(entry, in: payload, at: body, of: frame)
            case .pointer: show(entry, in: payload, at: place)
            case .begin: begin(entry)
            case .topicGone: forget(entry)
            case .dropped: drop(entry, in: payload, at: place)
            case .decision: decide(entry, in: payload, at: place)
            case .settled: settle(entry, in: payload, at: place)
            case .groups: groups.take(entry, in: payload, at: body)
            case nil: false
            }
        groups.pass(entry.head)
        if !isGood { note(.entry(position: entry.position)) }
    }

    private mutating func takeBatch(
        _ entry: EntryPlace, in payload: [UInt8], at body: Int, of frame: FrameHeader
    ) -> Bool {
        batches += 1
        if !batchCheck.isWhole(entry, in: payload, at: body, prefix: 0, of: frame) {
            note(.batch(position: entry.position))
        }
        follow(entry)
        return entry.head.flags == EntryHead.indexed
    }

    private mutating func hold(
        _ entry: EntryPlace, in payload: [UInt8], at body: Int, of frame: FrameHeader
    ) -> Bool {
        batches += 1
        let prefix = HeldBatch.prefixSize
        if !batchCheck.isWhole(entry, in: payload, at: body, prefix: prefix, of: frame) {
            note(.batch(position: entry.position))
        }
        held.add(entry)
        let spread = SpreadPrefix(of: entry, in: payload, at: body - LogFormat.entryHeadSize)
        if let spread, body + prefix + BatchHeader.size <= payload.count {
            let attributes = payload.span.uint16(
                at: body + prefix + BatchHeader.Place.attributes)
            let isDelayed = BatchAttributes(rawValue: attributes).contains(.delayed)
            spreads.add(entry, spread, isDelayed: isDelayed)
        }
        return entry.head.flags == 0 && entry.head.baseOffset == 0
    }

    private mutating func show(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int
    ) -> Bool {
        pointers += 1
        let head = entry.head
        let pointer = Pointer(in: payload, at: place, size: entry.size, count: Int(head.count))
        guard let pointer, head.flags == EntryHead.indexed | Pointer.flag else { return false }
        follow(entry)
        spreads.show(pointer, at: entry.position)
        if !held.show(pointer, of: head.partition) {
            let problem = EntryProblem.pointer(position: entry.position, held: pointer.position)
            offsets.doubt(problem, head.partition, upTo: head.endOffset)
        }
        return true
    }

    private mutating func drop(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int
    ) -> Bool {
        let count = (entry.size - LogFormat.entryHeadSize - 8) / 2
        guard count >= 0,
            let pointer = Pointer(in: payload, at: place, size: entry.size, count: count)
        else { return false }
        held.drop(pointer)
        spreads.drop(pointer)
        return true
    }

    private mutating func decide(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int
    ) -> Bool {
        guard let decision = SpreadDecision(in: payload, at: place, size: entry.size)
        else { return false }
        spreads.decide(decision, at: entry.position)
        return true
    }

    private mutating func settle(
        _ entry: EntryPlace, in payload: [UInt8], at place: Int
    ) -> Bool {
        guard let spread = SpreadID(settledIn: payload, at: place, size: entry.size)
        else { return false }
        spreads.settle(spread, at: entry.position)
        return true
    }

    private mutating func begin(_ entry: EntryPlace) -> Bool {
        offsets.begin(entry.head.partition, at: entry.head.baseOffset)
        groups.begin(entry.head.partition, at: entry.head.baseOffset)
        return entry.size == LogFormat.entryHeadSize
    }

    private mutating func forget(_ entry: EntryPlace) -> Bool {
        offsets.forget(topic: entry.head.partition.topic)
        held.forget(topic: entry.head.partition.topic)
        spreads.forget(topic: entry.head.partition.topic)
        groups.forget(topic: entry.head.partition.topic)
        return entry.size == LogFormat.entryHeadSize
    }

    private mutating func follow(_ entry: EntryPlace) {
        let head = entry.head
        offsets.follow(head.partition, head.baseOffset..<head.endOffset, at: entry.position)
    }

    private mutating func note(_ problem: EntryProblem) {
        problemCount += 1
        if problems.count < CheckReport.problemsMax { problems.append(problem) }
    }
}

extension EntryCheck {
    /// Holds what a checkpoint says against all that was read up to its position.
    mutating func compare(_ checkpoint: Checkpoint) {
        do throws(LogError) {
            let body = checkpoint.section(CheckpointSection.segments) ?? []
            let state = try ShardState(
                checkpoint, summaries: try SegmentSummary.decode(body), ShardLimits())
            for topic in state.retention.deletedTopics {
                offsets.forget(topic: topic)
                held.forget(topic: topic)
                spreads.forget(topic: topic)
            }
            offsets.compare(
                state.partitions, checkpoint: checkpoint.position, hasGaps: hasGaps)
            let areHeld = held.agrees(
                with: state.held.batches, checkpoint: checkpoint.position, hasGaps: hasGaps)
            let areSpread = spreads.agrees(
                with: state.spreads, upTo: checkpoint.position, hasGaps: hasGaps)
            let isFolded = groups.compare(with: state.groups, at: checkpoint)
            if !areHeld || !areSpread || !isFolded { note(.state(checkpoint: checkpoint.position)) }
        } catch {
            note(.state(checkpoint: checkpoint.position))
        }
    }

    /// All that is wrong, once the whole log was read.
    mutating func conclude() -> [EntryProblem] {
        offsets.conclude()
        for checkpoint in held.unexplained { note(.state(checkpoint: checkpoint)) }
        for problem in offsets.problems + spreads.problems { note(problem) }
        return problems
    }

    /// What was read of batches that span shards.
    mutating func concludeSpreads() -> SpreadTrace { spreads.conclude() }
}
