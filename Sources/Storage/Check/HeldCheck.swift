import CommitLog
import Records

/// Knows the held batches that a log has records of to show, to prove the pointers to them.
///
/// What is shown whole is forgotten, so this is bounded by what may be held at a time.
struct HeldCheck {
    private struct Held {
        let partition: PartitionID
        let size: Int
        var isShown: [Bool]
    }

    private var held: [Int: Held] = [:]
    private var lost: [Range<Int>] = []

    mutating func lost(_ range: Range<Int>) { lost.append(range) }

    mutating func add(_ entry: EntryPlace) {
        held[entry.position] = Held(
            partition: entry.head.partition, size: entry.size,
            isShown: Array(repeating: false, count: Int(entry.head.count)))
    }

    /// Takes records as shown; false where they are not there to be shown.
    mutating func show(_ pointer: Pointer, of partition: PartitionID) -> Bool {
        guard var batch = held[pointer.position] else {
            return lost.contains { $0.contains(pointer.position) }
        }
        guard batch.partition == partition else { return false }
        for number in pointer.records.map(Int.init) {
            guard number < batch.isShown.count, !batch.isShown[number] else { return false }
            batch.isShown[number] = true
        }
        held[pointer.position] = batch.isShown.contains(false) ? batch : nil
        return true
    }

    mutating func drop(_ pointer: Pointer) {
        guard !pointer.records.isEmpty else { return held[pointer.position] = nil }
        _ = held[pointer.position].map { show(pointer, of: $0.partition) }
    }

    mutating func forget(topic: UInt32) {
        held = held.filter { $0.value.partition.topic != topic }
    }

    /// Whether a checkpoint has the same batches, waiting for the same records.
    ///
    /// A segment that was dropped, or frames that are lost, leave nothing to compare.
    func agrees(with batches: [Int: HeldBatch]) -> Bool {
        if !lost.isEmpty { return true }
        return held.count == batches.count
            && held.allSatisfy { position, found in
                guard let said = batches[position] else { return false }
                return said.partition == found.partition && said.size == found.size
                    && said.dues.map { $0 == nil } == found.isShown
            }
    }
}
