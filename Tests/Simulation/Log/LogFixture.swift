package import CommitLog
import Records

/// A small data directory, the same bytes on every machine, with something of every kind of file.
///
/// Tests/Fixtures/log-v1 holds what this made when version 1 was new.
package enum LogFixture {
    package static let shard: UInt32 = 0
    package static let cluster = Identity(high: 0x506F_7374, low: 0x686F_726E)
    package static let entryCount = 10
    package static let keptTopic: UInt32 = 1

    package static func body(_ number: Int) -> [UInt8] {
        Array("message \(number) ".utf8) + [UInt8](repeating: UInt8(number), count: number * 200)
    }

    package static func head(_ number: Int) -> EntryHead {
        EntryHead(
            type: 1, flags: EntryHead.indexed,
            partition: PartitionID(topic: UInt32(1 + number % 2), partition: 0),
            baseOffset: number * 10, count: 10)
    }

    package static var cookie: Cookie {
        Cookie(
            shardCount: 1, cluster: cluster, node: Identity(high: 1, low: 1), incarnation: 1,
            createdTime: 1_700_000_000_000)
    }

    /// Two segments: the first one sealed, with an index and a checkpoint; the log ends in the second.
    package static func make() throws(LogError) -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        var limits = LogLimits()
        limits.payloadSizeMax = 8 << 10
        let first = SegmentHeader(
            shard: shard, start: 0, capacity: 32 << 10, salt: 0x5A17_0001, epoch: 1,
            createdTime: 1_700_000_000_000, cluster: cluster)
        _ = try disk.makeSegment(first)
        var log = ShardLog(
            resuming: LogEnd(fresh: first), next: nil, epoch: 1, limits: limits)
        let second = log.nextSegment(capacity: 32 << 10, salt: 0x5A17_0002)
        _ = try disk.makeSegment(second)
        log.prepared(second)
        try disk.makeFile(Cookie.name, cookie.encoded())
        var index = SegmentIndex(start: 0)
        for number in 0..<entryCount {
            try log.append(head(number), body: body(number))
            try turn(&log, disk, first, &index)
        }
        log.append(.commitMark)
        try turn(&log, disk, first, &index)
        return disk
    }

    /// Has the first segment rewritten, so that its archive has what there is of `keptTopic`.
    package static func archive(_ disk: SimulatedDisk) throws(LogError) {
        let recovery = try LogRecovery(disk, shard: shard, cluster: cluster)
        let summary = recovery.summaries[0]
        let segment = try SegmentHeader(
            decoding: disk.open(FileName.segment(at: 0)).read(0..<LogFormat.blockSize))
        let kept = SegmentSummary(
            start: summary.start, capacity: summary.capacity, end: summary.end,
            runs: summary.runs.filter { $0.key.topic == keptTopic })
        let plan = RewritePlan(
            segment, kept, positions: [], partitions: [], sizeMax: segment.capacity)
        var rewriter = try SegmentRewriter(disk, plan)
        while try rewriter.step() == nil {}
    }

    private static func turn(
        _ log: inout ShardLog, _ disk: SimulatedDisk, _ first: SegmentHeader,
        _ index: inout SegmentIndex
    ) throws(LogError) {
        let time = 1_700_000_000_000 + log.tail.position
        while case .write(let write) = try log.nextWrite(logTime: time) {
            let file = try disk.open(FileName.segment(at: write.segment))
            try file.write(write.bytes, at: write.place)
            try file.flush()
            log.flushed()
            for entry in log.commitEntries(upTo: log.durable) where write.segment == 0 {
                index.note(entry.entry, logTime: entry.logTime)
            }
            if write.header.kind == .seal { try seal(log, disk, first, index) }
        }
    }

    private static func seal(
        _ log: ShardLog, _ disk: SimulatedDisk, _ first: SegmentHeader, _ index: SegmentIndex
    ) throws(LogError) {
        let tail = log.tail
        try disk.makeFile(
            FileName.index(at: 0), IndexFormat.encode(index, of: first, end: tail.position))
        let summary = index.summary(of: first, end: tail.position)
        try disk.makeCheckpoint(
            Checkpoint(
                shard: shard, position: tail.position, logTime: tail.logTime, epoch: tail.epoch,
                previousCRC: tail.previousCRC,
                sections: [
                    CheckpointSection(
                        kind: CheckpointSection.epochs,
                        body: EpochStart.encode([EpochStart(epoch: 1, position: 4_096)])),
                    CheckpointSection(
                        kind: CheckpointSection.segments, body: SegmentSummary.encode([summary])),
                    CheckpointSection(kind: CheckpointSection.state, body: Array("state".utf8)),
                ]))
    }
}
