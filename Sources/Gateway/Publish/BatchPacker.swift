import Records

/// Sorts the messages of a batch by partition and encodes them.
struct BatchPacker {
    private struct Lane {
        let partition: UInt32
        var builder: BatchBuilder
        var messages: [Int32] = []
    }

    private var lanes: [Lane] = []
    /// The lane that was used last: the next message is likely to go there, too.
    private var lastLane = 0
    private var spare: [BatchBuilder] = []
    private let compression: Compression
    private(set) var parts: [BatchErrand.Part] = []
    /// Shards that may have some of the messages, from before partitions were added.
    var earlierShards: [UInt16] = []

    /// Takes builders that have memory out of `spare`, until they are given back.
    init(_ compression: Compression, _ spare: inout [BatchBuilder]) {
        self.compression = compression
        swap(&self.spare, &spare)
    }

    mutating func giveBack(_ spare: inout [BatchBuilder]) {
        for lane in lanes where self.spare.count < PublishDesk.spareBuildersMax {
            if lane.builder.isEmpty { self.spare.append(lane.builder) }
        }
        lanes = []
        swap(&self.spare, &spare)
    }

    mutating func append(
        _ draft: borrowing RecordDraft, _ partition: UInt32, message: Int,
        _ compressor: inout BatchCompressor
    ) throws(RecordsError) {
        let lane = lane(of: partition)
        if try !lanes[lane].builder.append(draft) {
            close(lane, &compressor)
            let fits = try lanes[lane].builder.append(draft)
            precondition(fits, "an empty batch takes any record")
        }
        lanes[lane].messages.append(Int32(message))
    }

    /// Puts a batch that is encoded already behind what the partition has so far.
    mutating func append(
        _ stored: StoredBatch, _ partition: UInt32, firstMessage: Int,
        _ compressor: inout BatchCompressor
    ) {
        close(lane(of: partition), &compressor)
        let messages = (0..<stored.count).map { Int32(firstMessage + $0) }
        parts.append(
            BatchErrand.Part(partition: partition, batch: stored.bytes, messages: messages))
    }

    mutating func finish(_ compressor: inout BatchCompressor) {
        for lane in lanes.indices { close(lane, &compressor) }
    }

    private mutating func lane(of partition: UInt32) -> Int {
        if lastLane < lanes.count, lanes[lastLane].partition == partition { return lastLane }
        if let lane = lanes.firstIndex(where: { $0.partition == partition }) {
            lastLane = lane
        } else {
            lastLane = lanes.count
            lanes.append(Lane(partition: partition, builder: spare.popLast() ?? BatchBuilder()))
        }
        return lastLane
    }

    private mutating func close(_ lane: Int, _ compressor: inout BatchCompressor) {
        if lanes[lane].builder.isEmpty { return }
        let batch = lanes[lane].builder.encode(compression, with: &compressor)
        let partition = lanes[lane].partition
        parts.append(
            BatchErrand.Part(partition: partition, batch: batch, messages: lanes[lane].messages))
        lanes[lane].messages.removeAll()
    }
}
