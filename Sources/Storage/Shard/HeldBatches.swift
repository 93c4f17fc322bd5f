// Batches whose records have no offsets yet, and what their bodies are still needed for.

import CommitLog
import Records

/// A batch that waits, whole or in part.
struct HeldBatch: Equatable {
    let partition: PartitionID
    /// Of its entry.
    let size: Int
    /// When each record falls due; nothing for one that was shown.
    var dues: [Int?]

    var waiting: Int { dues.count { $0 != nil } }
}

struct HeldBatches: Equatable {
    /// By the position of their entries.
    private(set) var batches: [Int: HeldBatch] = [:]
    /// For each segment with bodies, whose records point there, and the end of their offsets.
    private(set) var pointed: [Int: [PartitionID: Int]] = [:]
    /// Records that wait, and the bytes of their entries.
    private(set) var records: [PartitionID: Int] = [:]
    private(set) var bytes: [PartitionID: Int] = [:]

    mutating func add(_ batch: HeldBatch, at position: Int) {
        let waiting = batch.waiting
        guard waiting > 0 else { return }
        batches[position] = batch
        records[batch.partition, default: 0] += waiting
        bytes[batch.partition, default: 0] += batch.size
    }

    /// Notes that records of a batch got offsets up to `end`.
    mutating func show(
        _ numbers: [Int], of position: Int, in segment: Int, partition: PartitionID, upTo end: Int
    ) {
        pointed[segment, default: [:]][partition] = end
        guard var batch = batches[position] else { return }
        for number in numbers where number < batch.dues.count && batch.dues[number] != nil {
            batch.dues[number] = nil
            records[batch.partition, default: 0] -= 1
        }
        batches[position] = batch
        if batch.waiting == 0 { remove(position) }
    }

    /// Gives up a batch whose records nobody will show.
    mutating func drop(_ position: Int) { remove(position) }

    mutating func forget(topic: UInt32) {
        for (position, batch) in batches where batch.partition.topic == topic { remove(position) }
        for segment in pointed.keys {
            pointed[segment] = pointed[segment]?.filter { $0.key.topic != topic }
        }
        records = records.filter { $0.key.topic != topic }
        bytes = bytes.filter { $0.key.topic != topic }
    }

    private mutating func remove(_ position: Int) {
        guard let batch = batches.removeValue(forKey: position) else { return }
        records[batch.partition, default: 0] -= batch.waiting
        bytes[batch.partition, default: 0] -= batch.size
        if records[batch.partition] == 0 { records[batch.partition] = nil }
        if bytes[batch.partition] == 0 { bytes[batch.partition] = nil }
    }

    /// Takes over what a checkpoint has.
    mutating func point(to segment: Int, _ partition: PartitionID, upTo end: Int) {
        pointed[segment, default: [:]][partition] = end
    }

    /// Forgets pointers that nobody can follow any more.
    mutating func release(below start: (PartitionID) -> Int) {
        for (segment, ends) in pointed {
            let needed = ends.filter { $0.value > start($0.key) }
            pointed[segment] = needed.isEmpty ? nil : needed
        }
    }
}

extension HeldBatch {
    /// What stands before the batch in the body of a held entry.
    static let prefixSize = 24
    static let plainPrefix = [UInt8](repeating: 0, count: prefixSize)

    /// Reads the held batch whose entry is at `place`.
    init?(_ entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        let start = place + LogFormat.entryHeadSize + Self.prefixSize
        guard start <= place + entry.size, start <= bytes.count else { return nil }
        do throws(RecordsError) {
            let view = try BatchView(bytes.span, at: start)
            let logTime = view.header.logTime
            partition = entry.head.partition
            size = entry.size
            dues = (0..<view.count).map { number in
                let due = view.entry(number, bytes.span).due(appendedAt: logTime) ?? logTime
                return Int(min(due, Self.dueMax))
            }
        } catch {
            return nil
        }
    }

    /// A date that never comes, and can still be counted with.
    static let dueMax: UInt64 = 1 << 62
}
