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
    struct Waiting: Equatable {
        let judge: UInt16
        var parts: [SpreadPart]
    }

    let shard: UInt16
    private(set) var waiting: [SpreadID: Waiting] = [:]
    private var batches: [Int: SpreadID] = [:]
    /// Shown by this judge, and which shards have not said that they did, too.
    private(set) var shown: [SpreadID: Set<UInt16>] = [:]
    private(set) var refused: RefusedSpreads
    /// Records that wait; not a part of the fold of its own, nor are those that follow.
    private var records: [PartitionID: Int] = [:]
    package private(set) var recordCount = 0
    private var keys: Set<TopicKey> = []
    /// When each is to be looked at again.
    var paces: [SpreadID: Int] = [:]
    /// The first of `paces`, or an earlier time.
    package internal(set) var nextDuty: Int?

    private struct TopicKey: Hashable {
        let topic: UInt32
        let hash: UInt64
    }

    package init(of shard: UInt16, refusedMax: Int) {
        self.shard = shard
        refused = RefusedSpreads(countMax: refusedMax)
    }

    /// Batches that take memory until they are over.
    package var count: Int { waiting.count + shown.count }

    /// Parts that wait, in the order of the log.
    package func parts(of spread: SpreadID) -> [SpreadPart] { waiting[spread]?.parts ?? [] }

    /// Who decides about the parts that wait, if there are any.
    package func judge(of spread: SpreadID) -> UInt16? { waiting[spread]?.judge }

    package func isRefused(_ spread: SpreadID) -> Bool { refused.contains(spread) }
    package func isShown(_ spread: SpreadID) -> Bool { shown[spread] != nil }

    /// Whether the held entry at `position` waits for a decision.
    package func isWaiting(at position: Int) -> Bool { batches[position] != nil }

    /// Whether a record that waits has this Idempotency-Key.
    package func hasKey(_ hash: UInt64, of topic: UInt32) -> Bool {
        !keys.isEmpty && keys.contains(TopicKey(topic: topic, hash: hash))
    }

    /// Records of a partition that wait.
    package func recordCount(of partition: PartitionID) -> Int { records[partition] ?? 0 }

    /// For each batch that waits, the positions of its parts.
    package var positions: [SpreadID: [Int]] { waiting.mapValues { $0.parts.map(\.position) } }

    /// The same fold; what others have said meanwhile is asked for again after a start.
    package static func == (left: Self, right: Self) -> Bool {
        left.shard == right.shard && left.waiting == right.waiting
            && left.shown.keys == right.shown.keys && left.refused == right.refused
    }
}

// MARK: What committed entries do
extension SpreadLedger {
    /// A part is stored, and waits.
    package mutating func prepared(_ spread: SpreadID, judge: UInt16, _ part: SpreadPart) {
        waiting[spread, default: Waiting(judge: judge, parts: [])].parts.append(part)
        batches[part.position] = spread
        records[part.partition, default: 0] += part.count
        recordCount += part.count
        for key in part.keys {
            keys.insert(TopicKey(topic: part.partition.topic, hash: key.hash))
        }
    }

    /// The part at `position` got its offsets, or will never get any; returns it if it waited.
    package mutating func ended(at position: Int) -> SpreadPart? {
        guard let spread = batches.removeValue(forKey: position),
            let place = waiting[spread]?.parts.firstIndex(where: { $0.position == position }),
            let part = waiting[spread]?.parts.remove(at: place)
        else { return nil }
        if waiting[spread]?.parts.isEmpty == true {
            waiting[spread] = nil
            if shown[spread] == nil { paces[spread] = nil }
        }
        let left = (records[part.partition] ?? 0) - part.count
        records[part.partition] = left > 0 ? left : nil
        recordCount -= part.count
        for key in part.keys {
            keys.remove(TopicKey(topic: part.partition.topic, hash: key.hash))
        }
        return part
    }

    /// The delayed parts of a batch that is decided to be shown wait for their time only; returns them.
    package mutating func released(_ spread: SpreadID) -> [SpreadPart] {
        parts(of: spread).filter(\.isDelayed).compactMap { ended(at: $0.position) }
    }

    /// This shard, the judge, has decided.
    package mutating func decided(
        _ spread: SpreadID, isShown: Bool, others: [UInt16], logTime: Int
    ) {
        if isShown {
            shown[spread] = Set(others)
            paces[spread] = nil
        } else {
            refused.insert(spread, logTime: logTime)
        }
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
