// Batches that span shards, as one log tells of them: a part is shown in the frame that has the decision,
// or the word of the judge, and all parts of a shard are shown together.

import CommitLog
import Delivery
import Records
import Wire

/// What a shard's log says of spread batches, to be held against the logs of the other shards.
struct SpreadTrace: Sendable {
    /// Spread batches of each kind that are kept; what is beyond them is not held against other logs.
    static let countMax = 100_000

    /// Who decides about the parts that wait at the end of the log.
    var waiting: [SpreadID: UInt16] = [:]
    /// Who decided about those that were shown.
    private(set) var shown: [SpreadID: UInt16] = [:]
    /// Dropped, and the topic of their parts.
    private(set) var dropped: [SpreadID: UInt32] = [:]
    /// Decided here; shown where it ever was.
    private(set) var decisions: [SpreadID: Bool] = [:]
    /// Shown by this judge, and not known to be shown by these.
    private(set) var unsettled: [SpreadID: [UInt16]] = [:]
    /// Frames are lost: what is not there says nothing.
    var isBlind = false

    mutating func show(_ spread: SpreadID, judge: UInt16) {
        if shown.count < Self.countMax { shown[spread] = judge }
    }

    mutating func drop(_ spread: SpreadID, topic: UInt32) {
        if dropped.count < Self.countMax { dropped[spread] = topic }
    }

    mutating func decide(_ decision: SpreadDecision) {
        guard decisions.count < Self.countMax || decisions[decision.spread] != nil else { return }
        decisions[decision.spread] = decision.isShown || decisions[decision.spread] == true
        if decision.isShown { unsettled[decision.spread] = decision.others }
    }

    mutating func settle(_ spread: SpreadID) { unsettled[spread] = nil }

    mutating func forget(topic: UInt32) { dropped = dropped.filter { $0.value != topic } }
}

struct SpreadCheck {
    private struct Part {
        let spread: SpreadID
        let judge: UInt16
        let topic: UInt32
        let count: Int
        let isDelayed: Bool
    }

    /// Those that wait, by the position of their entry.
    private var parts: [Int: Part] = [:]
    private(set) var trace = SpreadTrace()
    /// What the frame that is read shows, and who says that it may.
    private var pointers: [(position: Int, part: Part)] = []
    private var ends: [SpreadID: Int] = [:]
    private(set) var problems: [EntryProblem] = []

    mutating func lost() { trace.isBlind = true }

    mutating func add(_ entry: EntryPlace, _ prefix: SpreadPrefix, isDelayed: Bool) {
        parts[entry.position] = Part(
            spread: prefix.spread, judge: prefix.judge, topic: entry.head.partition.topic,
            count: Int(entry.head.count), isDelayed: isDelayed)
    }

    mutating func show(_ pointer: Pointer, at position: Int) {
        guard let part = parts[pointer.position] else { return }
        if pointer.records.count == part.count { parts[pointer.position] = nil }
        pointers.append((position, part))
    }

    mutating func drop(_ pointer: Pointer) {
        guard let part = parts.removeValue(forKey: pointer.position) else { return }
        trace.drop(part.spread, topic: part.topic)
    }

    mutating func decide(_ decision: SpreadDecision, at position: Int) {
        // A refusal is for good.
        if decision.isShown, trace.decisions[decision.spread] == false { note(position) }
        trace.decide(decision)
        if decision.isShown { ends[decision.spread] = position }
    }

    mutating func settle(_ spread: SpreadID, at position: Int) {
        trace.settle(spread)
        ends[spread] = position
    }

    mutating func forget(topic: UInt32) {
        parts = parts.filter { $0.value.topic != topic }
        trace.forget(topic: topic)
    }

    /// Judges the frame that was read, of which all entries are there or none; but of what was rewritten
    /// pointers stay, and the words that allowed them are gone.
    mutating func endFrame(hasGaps: Bool) {
        if pointers.isEmpty && ends.isEmpty { return }
        for (position, part) in pointers {
            if ends[part.spread] == nil, !hasGaps { note(position) }
            trace.show(part.spread, judge: part.judge)
        }
        for (position, part) in parts {
            guard let end = ends[part.spread] else { continue }
            // The delayed ones wait for their time only.
            if part.isDelayed { trace.show(part.spread, judge: part.judge) } else { note(end) }
            parts[position] = nil
        }
        (pointers, ends) = ([], [:])
    }

    /// Whether a checkpoint has the same parts.
    ///
    /// Where segments are gone or rewritten, the word about a part may be gone with them, and the checkpoint
    /// has it; or the part itself, of which the word comes behind an older checkpoint.
    mutating func agrees(with spreads: SpreadLedger, upTo position: Int, hasGaps: Bool) -> Bool {
        if trace.isBlind { return true }
        var said: [Int: SpreadID] = [:]
        for (spread, positions) in spreads.positions {
            for position in positions { said[position] = spread }
        }
        guard hasGaps else {
            return said.count == parts.count
                && said.allSatisfy { parts[$0.key]?.spread == $0.value }
        }
        parts = parts.filter { $0.key >= position || said[$0.key] != nil }
        return parts.allSatisfy { said[$0.key] == nil || said[$0.key] == $0.value.spread }
    }

    /// What is there to be held against other logs, once all of this one was read.
    mutating func conclude() -> SpreadTrace {
        for part in parts.values { trace.waiting[part.spread] = part.judge }
        return trace
    }

    private mutating func note(_ position: Int) {
        guard !trace.isBlind, problems.count < CheckReport.problemsMax else { return }
        problems.append(.spread(position: position))
    }
}
