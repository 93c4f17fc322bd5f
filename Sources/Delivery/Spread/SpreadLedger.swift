// What a shard knows of batches that span shards: its parts that wait for a decision, and, as a judge, its
// decisions. The first half is the fold of the log (entries 2, 3, 6, 7 and 8 of docs/log-format.md);
// SpreadLedger+Duties.swift tells what there is to do about it.
//
// What must stay true: a batch is shown by no shard before its judge's decision is committed, and a judge
// that has refused a batch never shows it. Once all shards have shown a batch it is forgotten; a question
// that comes later still may hear that it was refused, and finds nothing left to drop.

package import Records
package import Wire

package struct SpreadLedger: Equatable, Sendable {
    /// A held entry whose records wait for a decision.
    package struct Part: Equatable, Sendable {
        package let position: Int
        package let partition: PartitionID
        package let count: Int
        package let keys: [DedupKey]

        package init(position: Int, partition: PartitionID, count: Int, keys: [DedupKey]) {
            self.position = position
            self.partition = partition
            self.count = count
            self.keys = keys
        }
    }

    struct Waiting: Equatable {
        let judge: UInt16
        var parts: [Part]
    }

    let shard: UInt16
    /// Refused batches that are remembered, so that a part which comes late is refused, too.
    private let refusedMax: Int
    private(set) var waiting: [SpreadID: Waiting] = [:]
    private var batches: [Int: SpreadID] = [:]
    /// Shown by this judge, and which shards have not said that they did, too.
    private(set) var shown: [SpreadID: Set<UInt16>] = [:]
    private var refused: Set<SpreadID> = []
    /// The oldest first.
    private var refusedInOrder: [SpreadID] = []
    /// When each is to be looked at again; not a part of the fold.
    var paces: [SpreadID: Int] = [:]

    package init(of shard: UInt16, refusedMax: Int) {
        self.shard = shard
        self.refusedMax = refusedMax
    }

    /// Batches that take memory until they are over.
    package var count: Int { waiting.count + shown.count }

    /// Parts that wait, in the order of the log.
    package func parts(of spread: SpreadID) -> [Part] { waiting[spread]?.parts ?? [] }

    package func isRefused(_ spread: SpreadID) -> Bool { refused.contains(spread) }
    package func isShown(_ spread: SpreadID) -> Bool { shown[spread] != nil }

    package static func == (left: Self, right: Self) -> Bool {
        left.shard == right.shard && left.waiting == right.waiting && left.shown == right.shown
            && left.refusedInOrder == right.refusedInOrder
    }
}

// MARK: What committed entries do
extension SpreadLedger {
    /// A part is stored, and waits.
    package mutating func prepared(_ spread: SpreadID, judge: UInt16, _ part: Part) {
        waiting[spread, default: Waiting(judge: judge, parts: [])].parts.append(part)
        batches[part.position] = spread
    }

    /// The part at `position` got its offsets, or will never get any; returns it if it waited.
    package mutating func ended(at position: Int) -> Part? {
        guard let spread = batches.removeValue(forKey: position),
            let place = waiting[spread]?.parts.firstIndex(where: { $0.position == position })
        else { return nil }
        let part = waiting[spread]?.parts.remove(at: place)
        if waiting[spread]?.parts.isEmpty == true {
            waiting[spread] = nil
            if shown[spread] == nil { paces[spread] = nil }
        }
        return part
    }

    /// This shard, the judge, has decided.
    package mutating func decided(_ spread: SpreadID, isShown: Bool, others: [UInt16]) {
        guard !isShown else {
            shown[spread] = Set(others)
            paces[spread] = nil
            return
        }
        guard refused.insert(spread).inserted else { return }
        refusedInOrder.append(spread)
        if refusedInOrder.count > refusedMax { refused.remove(refusedInOrder.removeFirst()) }
    }

    /// All other shards have done as this judge decided.
    package mutating func settled(_ spread: SpreadID) {
        shown[spread] = nil
        if waiting[spread] == nil { paces[spread] = nil }
    }

    /// Parts go with their topic.
    package mutating func forget(topic: UInt32) {
        let gone = waiting.values.flatMap(\.parts).filter { $0.partition.topic == topic }
        for part in gone { _ = ended(at: part.position) }
    }

    /// Another shard has done as this judge decided; true once all have.
    package mutating func done(_ spread: SpreadID, by other: UInt16) -> Bool {
        guard shown[spread] != nil else { return false }
        shown[spread]?.remove(other)
        return shown[spread]?.isEmpty ?? false
    }
}
