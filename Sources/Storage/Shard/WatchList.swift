import Records
import Wire

/// Callers that wait for news of partitions, each to be told once.
///
/// News costs as much as there are watches of what has news.
struct WatchList {
    struct Key: Hashable {
        let caller: Caller
        let ticket: UInt64
    }

    private struct Watching {
        let key: Key
        let parts: [PartitionID]
    }

    /// By number, in order of arrival.
    private var watches: [Int: Watching] = [:]
    private var numbers: [Key: Int] = [:]
    /// For each partition the watches of it, and the end that each knows.
    private var known: [PartitionID: [Int: Int]] = [:]
    private var next = 0

    /// Parts of watches, which is what they cost; one without any costs as much as one.
    private(set) var count = 0

    var isEmpty: Bool { watches.isEmpty }

    mutating func add(_ watch: Watch, key: Key) {
        remove(key)
        next += 1
        numbers[key] = next
        watches[next] = Watching(key: key, parts: watch.parts.map(\.partition))
        for part in watch.parts {
            let other = known[part.partition]?[next]
            known[part.partition, default: [:]][next] = min(other ?? part.offset, part.offset)
        }
        count += max(watch.parts.count, 1)
    }

    mutating func remove(_ key: Key) {
        if let number = numbers[key] { _ = take(number) }
    }

    /// Takes out the watches that a partition with this end is news for, in order of arrival.
    mutating func wake(_ partition: PartitionID, end: Int) -> [Key] {
        guard let waiting = known[partition] else { return [] }
        return waiting.filter { $0.value < end }.keys.sorted().compactMap { take($0) }
    }

    /// Takes out every watch, or every one of a topic.
    mutating func wakeAll(topic: UInt32? = nil) -> [Key] {
        let numbers = watches.filter { _, watch in
            topic.map { topic in watch.parts.contains { $0.topic == topic } } ?? true
        }
        return numbers.keys.sorted().compactMap { take($0) }
    }

    private mutating func take(_ number: Int) -> Key? {
        guard let watch = watches.removeValue(forKey: number) else { return nil }
        numbers[watch.key] = nil
        count -= max(watch.parts.count, 1)
        for partition in watch.parts {
            known[partition]?[number] = nil
            if known[partition]?.isEmpty ?? false { known[partition] = nil }
        }
        return watch.key
    }
}
