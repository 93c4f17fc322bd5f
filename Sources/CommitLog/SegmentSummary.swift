import Bytes
package import Records

/// What one segment holds of one partition.
package struct PartitionRun: Equatable, Sendable {
    package let firstOffset: Int
    package let endOffset: Int
    package let bytes: Int
    /// Log time of the last entry.
    package let maxTime: Int

    package init(firstOffset: Int, endOffset: Int, bytes: Int, maxTime: Int) {
        self.firstOffset = firstOffset
        self.endOffset = endOffset
        self.bytes = bytes
        self.maxTime = maxTime
    }
}

/// What retention knows about a segment; section 2 of a checkpoint is a list of them.
package struct SegmentSummary: Equatable, Sendable {
    package let start: Int
    package let capacity: Int
    /// Position behind the last frame.
    package let end: Int
    package let runs: [PartitionID: PartitionRun]

    package init(start: Int, capacity: Int, end: Int, runs: [PartitionID: PartitionRun]) {
        self.start = start
        self.capacity = capacity
        self.end = end
        self.runs = runs
    }

    package var limit: Int { start + capacity }
}

extension SegmentSummary {
    /// The body of a checkpoint's section 2.
    package static func encode(_ summaries: [SegmentSummary]) -> [UInt8] {
        var bytes: [UInt8] = []
        for summary in summaries {
            bytes.append(littleEndian: UInt64(summary.start))
            bytes.append(littleEndian: UInt64(summary.capacity))
            bytes.append(littleEndian: UInt64(summary.end))
            bytes.append(littleEndian: UInt32(summary.runs.count))
            bytes.append(littleEndian: UInt32(0))
            for (partition, run) in summary.runs.sorted(by: { $0.key < $1.key }) {
                bytes.append(littleEndian: partition.topic)
                bytes.append(littleEndian: partition.partition)
                bytes.append(littleEndian: UInt64(run.firstOffset))
                bytes.append(littleEndian: UInt64(run.endOffset))
                bytes.append(littleEndian: UInt64(run.bytes))
                bytes.append(littleEndian: UInt64(run.maxTime))
            }
        }
        return bytes
    }

    package static func decode(_ body: [UInt8]) throws(LogError) -> [SegmentSummary] {
        var summaries: [SegmentSummary] = []
        var place = 0
        while place < body.count {
            summaries.append(try SegmentSummary(in: body.span, at: &place))
        }
        return summaries
    }

    private init(in bytes: Span<UInt8>, at place: inout Int) throws(LogError) {
        guard place + 32 <= bytes.count, let start = bytes.position(at: place),
            let capacity = bytes.position(at: place + 8),
            let end = bytes.position(at: place + 16)
        else { throw .damaged(.checkpoint) }
        var runs: [PartitionID: PartitionRun] = [:]
        let count = Int(bytes.uint32(at: place + 24))
        place += 32
        guard count <= (bytes.count - place) / 40 else { throw .damaged(.checkpoint) }
        for _ in 0..<count {
            guard let firstOffset = bytes.position(at: place + 8),
                let endOffset = bytes.position(at: place + 16),
                let size = bytes.position(at: place + 24),
                let maxTime = bytes.position(at: place + 32)
            else { throw .damaged(.checkpoint) }
            let partition = PartitionID(
                topic: bytes.uint32(at: place),
                partition: bytes.uint32(at: place + 4))
            runs[partition] = PartitionRun(
                firstOffset: firstOffset, endOffset: endOffset, bytes: size, maxTime: maxTime)
            place += 40
        }
        self.init(start: start, capacity: capacity, end: end, runs: runs)
    }
}
