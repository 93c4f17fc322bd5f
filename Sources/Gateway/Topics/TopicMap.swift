// A loop's copy of the coordinator's table. A publish looks its topic up by the bytes of the target,
// where they lie: no string is made and nothing is allocated. The copy may be a moment old, so what
// is not found is asked for before it is said not to exist.

internal import Bytes
import Records
package import Wire

/// A topic as the gateway uses it.
package final class KnownTopic: Sendable {
    package let topic: Topic
    /// The name as it stands in targets and answers, which need no escapes for it.
    package let name: [UInt8]
    /// Where messages go that say nothing about it: the partitions whose shard answers without
    /// another thread, or all of them if none does.
    package let openPartitions: [UInt32]

    package init(_ topic: Topic, nearShard: UInt16? = nil) {
        self.topic = topic
        name = [UInt8](topic.name.utf8)
        let near = topic.shards.indices.filter { topic.shards[$0] == nearShard }
        openPartitions = (near.isEmpty ? Array(topic.shards.indices) : near).map { UInt32($0) }
    }

    /// How much the clocks of gateways, shards and the coordinator may differ, in milliseconds.
    package static let clockTolerance: UInt64 = 600_000

    /// Adds the shards that may know the first message of which one with this hash is a repeat:
    /// where that went before partitions were added.
    func addEarlierShards(ofHash hash: UInt32, at now: TurnTime, to shards: inout [UInt16]) {
        let today = topic.shards[Records.partition(ofHash: hash, of: topic.shards.count)]
        let known = Int(clamping: now.wall) - Int(Self.clockTolerance) - topic.settings.dedupWindow
        for growth in topic.growths where growth.at > known {
            let earlier = topic.shards[Records.partition(ofHash: hash, of: growth.partitions)]
            if earlier != today && !shards.contains(earlier) { shards.append(earlier) }
        }
    }
}

/// The topics that a loop knows, by name and by number.
package struct TopicMap: ~Copyable {
    private static let slotsMin = 64

    /// Open addressing over `hash(of:)`, never more than half full; a removed topic leaves no gap.
    private var slots: [KnownTopic?]
    private var byID: [UInt32: KnownTopic] = [:]
    /// In the order of their names, but for those that came since they were sorted.
    private var sorted: [KnownTopic] = []
    private var unsorted: [KnownTopic] = []
    /// Of this loop alone, so that nobody can choose names that meet.
    private let seed: UInt64

    private let nearShard: UInt16?
    /// The highest number that there was news of.
    private var newest: UInt32 = 0

    package init(seed: UInt64, nearShard: UInt16? = nil) {
        self.seed = seed
        self.nearShard = nearShard
        slots = [KnownTopic?](repeating: nil, count: Self.slotsMin)
    }

    package var count: Int { byID.count }

    /// The topic with that name, whose bytes may lie anywhere.
    package func find(_ name: Span<UInt8>) -> KnownTopic? {
        var slot = home(of: name)
        while let known = slots[slot] {
            if isSame(known.name, name) { return known }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    package func find(_ name: String) -> KnownTopic? { find(name.utf8.span) }

    package func find(id: UInt32) -> KnownTopic? { byID[id] }

    /// Takes what the coordinator told; the same may come more than once.
    package mutating func apply(_ news: TopicNews) {
        switch news {
        case .put(let topic):
            newest = max(newest, topic.id)
            put(topic)
        case .deleted(let id, _): delete(id)
        }
    }

    /// Takes a topic that an answer named.
    ///
    /// What is known of it already came as news, and may be newer; but partitions are never taken away.
    /// News come in the order of numbers, so a topic that there must have been news of, and that is not
    /// here, is gone.
    mutating func learn(_ topic: Topic) {
        if topic.id <= newest, byID[topic.id] == nil { return }
        if byID[topic.id]?.topic.shards.count ?? 0 < topic.shards.count { put(topic) }
    }

    private mutating func put(_ topic: Topic) {
        let known = KnownTopic(topic, nearShard: nearShard)
        let name = known.name
        if let old = find(name.span) {
            // A number is never used again, so a lower one is a topic that is gone.
            if old.topic.id > topic.id { return }
            delete(old.topic.id)
        }
        byID[topic.id] = known
        if byID.count * 2 > slots.count { grow() }
        insert(known)
        unsorted.append(known)
    }

    private mutating func delete(_ id: UInt32) {
        guard let known = byID.removeValue(forKey: id) else { return }
        remove(known)
        if let place = unsorted.firstIndex(where: { $0 === known }) {
            unsorted.remove(at: place)
        } else {
            let place = Self.place(of: known.name[...], in: sorted)
            assert(place < sorted.count && sorted[place] === known)
            sorted.remove(at: place)
        }
    }
}

// MARK: Slots

extension TopicMap {
    private func home(of name: Span<UInt8>) -> Int {
        var hash = seed
        for index in 0..<name.count {
            hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01B3
        }
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
    }

    private func isSame(_ known: [UInt8], _ name: Span<UInt8>) -> Bool {
        guard known.count == name.count else { return false }
        for index in 0..<known.count where known[index] != name[index] { return false }
        return true
    }

    private mutating func insert(_ known: KnownTopic) {
        let name = known.name
        var slot = home(of: name.span)
        while slots[slot] != nil { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = known
    }

    private mutating func grow() {
        slots = [KnownTopic?](repeating: nil, count: slots.count * 2)
        for known in sorted { insert(known) }
        for known in unsorted { insert(known) }
    }

    /// Takes it out, and moves up those that were put behind it because it was there.
    private mutating func remove(_ known: KnownTopic) {
        let name = known.name
        var slot = home(of: name.span)
        while slots[slot] !== known { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = nil
        slot = (slot + 1) & (slots.count - 1)
        while let next = slots[slot] {
            slots[slot] = nil
            insert(next)
            slot = (slot + 1) & (slots.count - 1)
        }
    }
}

// MARK: Listing

extension TopicMap {
    /// The first `limit` topics behind the name `after`, in the order of their names.
    package mutating func list(after: ArraySlice<UInt8>?, limit: Int) -> ArraySlice<KnownTopic> {
        sort()
        var start = 0
        if let after {
            start = Self.place(of: after, in: sorted)
            if start < sorted.count, sorted[start].name[...] == after { start += 1 }
        }
        return sorted[start..<min(sorted.count, start + max(limit, 0))]
    }

    private mutating func sort() {
        if unsorted.isEmpty { return }
        unsorted.sort { $0.name.lexicographicallyPrecedes($1.name) }
        var merged: [KnownTopic] = []
        merged.reserveCapacity(sorted.count + unsorted.count)
        var place = 0
        for known in unsorted {
            let end = Self.place(of: known.name[...], in: sorted)
            merged.append(contentsOf: sorted[place..<end])
            merged.append(known)
            place = end
        }
        merged.append(contentsOf: sorted[place...])
        sorted = merged
        unsorted.removeAll()
    }

    /// The first place whose name is not before `name`.
    private static func place(of name: ArraySlice<UInt8>, in sorted: [KnownTopic]) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].name.lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
