import Records
import Wire

/// The batches that messages were taken out of last, open: consumers that take a few messages at a time
/// get them out of the same batch, which is checked and inflated once for all of them.
struct OpenBatches {
    /// Batches that stay open; each has a megabyte at most, and as much again if it was compressed.
    static let countMax = 4

    fileprivate struct Key: Equatable {
        let partition: PartitionID
        let baseOffset: Int
    }

    final class Open {
        var reader = BatchReader()
        fileprivate var key: Key?
    }

    /// The last used one is the last.
    private var batches: [Open] = []

    /// The reader of a batch of a partition.
    mutating func open(
        _ batch: FetchedBatch, of partition: PartitionID
    ) throws(RecordsError) -> Open {
        let key = Key(partition: partition, baseOffset: batch.baseOffset)
        if let last = batches.last, last.key == key { return last }
        let open: Open
        if let place = batches.firstIndex(where: { $0.key == key }) {
            open = batches.remove(at: place)
        } else {
            open = batches.count < Self.countMax ? Open() : batches.removeFirst()
            open.key = nil
            try open.reader.open(batch.bytes, at: batch.start)
            open.key = key
        }
        batches.append(open)
        return open
    }
}
