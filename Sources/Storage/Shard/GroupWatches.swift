// Who waits for messages of groups. As many are told as there are messages, whoever waits longest first; who
// was told and did not come is passed over after a while, so that no message waits for somebody who vanished.

import CommitLog
import Groups
import Records

/// A group in a partition, as watches know it.
struct GroupWatches {
    typealias Key = WatchList.Key

    struct Waiter {
        let key: Key
        let group: UInt32
        let partitions: [PartitionID]
        let consumer: String
        /// By the machine's clock.
        let since: Int
    }

    /// The order of those who wait.
    private struct Turn: Comparable {
        let since: Int
        let number: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.since, left.number) < (right.since, right.number)
        }
    }

    private struct Told {
        var count: Int
        var at: Int
    }

    private var waiters: [Int: Waiter] = [:]
    private var numbers: [Key: Int] = [:]
    private var lines: [UInt32: [PartitionID: [Turn]]] = [:]
    private var told: [GroupPlace: Told] = [:]
    private var last = 0
    /// Partitions of all who wait, which is what they cost.
    private(set) var count = 0

    var isEmpty: Bool { waiters.isEmpty }
    /// Groups that somebody waits for.
    var groups: [UInt32] { lines.isEmpty ? [] : Array(lines.keys) }

    func places(of group: UInt32) -> [GroupPlace] {
        (lines[group]?.keys).map { $0.map { GroupPlace(group: group, partition: $0) } } ?? []
    }

    /// Groups that somebody waits for in a partition.
    func groups(of partition: PartitionID) -> [UInt32] {
        lines.isEmpty ? [] : lines.filter { $0.value[partition] != nil }.map(\.key)
    }

    /// Who waits for a place, by how many wait there for longer.
    func waiter(_ place: GroupPlace, behind count: Int) -> Waiter? {
        guard let line = lines[place.group]?[place.partition], count < line.count else {
            return nil
        }
        return waiters[line[count].number]
    }

    func isAwaited(_ group: UInt32) -> Bool { lines[group] != nil }
    func isAwaited(_ place: GroupPlace) -> Bool { lines[place.group]?[place.partition] != nil }
    func isWaiting(_ key: Key) -> Bool { numbers[key] != nil }

    mutating func add(_ waiter: Waiter) {
        remove(waiter.key)
        last += 1
        numbers[waiter.key] = last
        waiters[last] = waiter
        count += max(waiter.partitions.count, 1)
        let turn = Turn(since: waiter.since, number: last)
        for partition in waiter.partitions {
            let line = lines[waiter.group]?[partition] ?? []
            let place = line.firstPlace { turn < $0 }
            lines[waiter.group, default: [:]][partition, default: []].insert(turn, at: place)
        }
    }

    /// Takes out one who waits; returns its group.
    @discardableResult
    mutating func remove(_ key: Key) -> UInt32? {
        guard let number = numbers.removeValue(forKey: key),
            let waiter = waiters.removeValue(forKey: number)
        else { return nil }
        count -= max(waiter.partitions.count, 1)
        for partition in waiter.partitions {
            lines[waiter.group]?[partition]?.removeAll { $0.number == number }
            if lines[waiter.group]?[partition]?.isEmpty ?? false {
                lines[waiter.group]?[partition] = nil
            }
        }
        if lines[waiter.group]?.isEmpty ?? false { lines[waiter.group] = nil }
        return waiter.group
    }

    /// Takes out all, or those of a group or a topic, in the order in which they came.
    mutating func removeAll(group: UInt32? = nil, topic: UInt32? = nil) -> [Key] {
        let gone = waiters.filter { _, waiter in
            (group.map { $0 == waiter.group } ?? true)
                && (topic.map { id in waiter.partitions.contains { $0.topic == id } } ?? true)
        }
        let keys = gone.sorted { $0.key < $1.key }.map(\.value.key)
        for key in keys { remove(key) }
        return keys
    }
}

// MARK: Those who were told and have not come yet
extension GroupWatches {
    func told(_ place: GroupPlace) -> Int { told[place]?.count ?? 0 }

    mutating func tell(_ place: GroupPlace, at boot: Int) {
        told[place] = Told(count: told(place) + 1, at: boot)
    }

    /// Somebody pulls.
    mutating func came(_ place: GroupPlace) {
        guard let known = told[place] else { return }
        told[place] = known.count > 1 ? Told(count: known.count - 1, at: known.at) : nil
    }

    /// Where those who were told have not come for so long; they are counted no more.
    mutating func passOver(at boot: Int, patience: Int) -> [GroupPlace] {
        let late = told.filter { $0.value.at + patience <= boot }.map(\.key)
        for place in late { told[place] = nil }
        return late
    }

    /// When somebody may have to be passed over.
    func nextPassing(patience: Int) -> Int? { told.values.map { $0.at + patience }.min() }
}
