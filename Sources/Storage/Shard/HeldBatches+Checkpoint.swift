import Bytes
import CommitLog
import Records

// Sections 18 and 19 of a checkpoint, as in docs/log-format.md.
extension HeldBatches {
    private static let headSize = 24
    /// Instead of a date, for a record that was shown.
    private static let shown = UInt64.max

    var batchesBody: [UInt8] {
        var bytes: [UInt8] = []
        for (position, batch) in batches.sorted(by: { $0.key < $1.key }) {
            bytes.append(littleEndian: UInt64(position))
            bytes.append(littleEndian: batch.partition.topic)
            bytes.append(littleEndian: batch.partition.partition)
            bytes.append(littleEndian: UInt32(batch.size))
            bytes.append(littleEndian: UInt32(batch.dues.count))
            for due in batch.dues {
                bytes.append(littleEndian: due.map(UInt64.init) ?? Self.shown)
            }
        }
        return bytes
    }

    var pointedBody: [UInt8] {
        var bytes: [UInt8] = []
        for (segment, ends) in pointed.sorted(by: { $0.key < $1.key }) {
            for (partition, end) in ends.sorted(by: { $0.key < $1.key }) {
                bytes.append(littleEndian: UInt64(segment))
                bytes.append(littleEndian: partition.topic)
                bytes.append(littleEndian: partition.partition)
                bytes.append(littleEndian: UInt64(end))
            }
        }
        return bytes
    }

    init(batches: [UInt8], pointed: [UInt8]) throws(LogError) {
        try takeBatches(batches)
        guard pointed.count % Self.headSize == 0 else { throw .damaged(.checkpoint) }
        for place in stride(from: 0, to: pointed.count, by: Self.headSize) {
            guard let segment = Int(exactly: pointed.span.uint64(at: place)),
                let end = Int(exactly: pointed.span.uint64(at: place + 16))
            else { throw .damaged(.checkpoint) }
            let partition = PartitionID(
                topic: pointed.span.uint32(at: place + 8),
                partition: pointed.span.uint32(at: place + 12))
            point(to: segment, partition, upTo: end)
        }
    }

    private mutating func takeBatches(_ body: [UInt8]) throws(LogError) {
        var place = 0
        while place < body.count {
            guard place + Self.headSize <= body.count,
                let position = Int(exactly: body.span.uint64(at: place))
            else { throw .damaged(.checkpoint) }
            let partition = PartitionID(
                topic: body.span.uint32(at: place + 8),
                partition: body.span.uint32(at: place + 12))
            let size = Int(body.span.uint32(at: place + 16))
            let count = Int(body.span.uint32(at: place + 20))
            place += Self.headSize
            guard count <= (body.count - place) / 8 else { throw .damaged(.checkpoint) }
            let dues = (0..<count).map { number in
                let due = body.span.uint64(at: place + 8 * number)
                return due == Self.shown ? nil : Int(min(due, HeldBatch.dueMax))
            }
            place += 8 * count
            add(HeldBatch(partition: partition, size: size, dues: dues), at: position)
        }
    }
}
