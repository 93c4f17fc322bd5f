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
    /// Said to wait by a checkpoint, and not there.
    private var missing: [Int: (partition: PartitionID, checkpoint: Int)] = [:]

    mutating func lost(_ range: Range<Int>) { lost.append(range) }

    mutating func add(_ entry: EntryPlace) {
        held[entry.position] = Held(
            partition: entry.head.partition, size: entry.size,
            isShown: Array(repeating: false, count: Int(entry.head.count)))
    }

    /// Takes records as shown; false where they are not there to be shown.
    mutating func show(_ pointer: Pointer, of partition: PartitionID) -> Bool {
        missing[pointer.position] = nil
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
        missing[pointer.position] = nil
        guard !pointer.records.isEmpty else { return held[pointer.position] = nil }
        _ = held[pointer.position].map { show(pointer, of: $0.partition) }
    }

    mutating func forget(topic: UInt32) {
        held = held.filter { $0.value.partition.topic != topic }
        missing = missing.filter { $0.value.partition.topic != topic }
    }

    /// Whether a checkpoint has the same batches, waiting for the same records.
    ///
    /// Frames that are lost leave nothing to compare. Where segments are gone or rewritten, pointers may
    /// be gone with them, and batches that were shown whole since: what comes later has to say so.
    mutating func agrees(
        with batches: [Int: HeldBatch], checkpoint: Int, hasGaps: Bool
    ) -> Bool {
        if !lost.isEmpty { return true }
        guard hasGaps else {
            return held.count == batches.count
                && batches.allSatisfy { isSame($0.value, at: $0.key) }
        }
        for (position, said) in batches where held[position] == nil {
            missing[position] = (said.partition, checkpoint)
        }
        return batches.allSatisfy { held[$0.key] == nil || isCompatible($0.value, at: $0.key) }
    }

    /// The checkpoints that tell of a batch which waits, is not there, and was never shown or dropped.
    var unexplained: Set<Int> { Set(missing.values.map(\.checkpoint)) }

    private func isSame(_ said: HeldBatch, at position: Int) -> Bool {
        guard let found = held[position] else { return false }
        return said.partition == found.partition && said.size == found.size
            && said.dues.map { $0 == nil } == found.isShown
    }

    /// Whether nothing was shown that waits.
    private func isCompatible(_ said: HeldBatch, at position: Int) -> Bool {
        guard let found = held[position] else { return false }
        return said.partition == found.partition && said.size == found.size
            && said.dues.count == found.isShown.count
            && zip(said.dues, found.isShown).allSatisfy { $0 == nil || !$1 }
    }
}
