import CommitLog
import Storage

/// Appends entries for ever, and tells each number once it is flushed.
struct Writer {
    private let directory: StoredDirectory
    private var log: ShardLog
    private var summaries: [SegmentSummary]
    private var appended: Int
    private var confirmed: Int
    private var time: Int
    private var rounds = 0

    init(_ shard: Shard) {
        directory = shard.directory
        summaries = shard.summaries
        appended = shard.next
        confirmed = shard.next
        time = shard.report.end.logTime
        log = ShardLog(
            resuming: shard.report.end, next: shard.report.next,
            epoch: shard.report.end.epoch + 1, limits: Shard.limits)
    }

    /// One round, and what it asks for: segments, indexes, checkpoints.
    mutating func turn() throws(LogError) {
        rounds += 1
        time += 1
        for _ in 0...(rounds &* 7 % 5) {
            try log.append(Entries.head(appended), body: Entries.body(appended))
            appended += 1
        }
        if rounds % 9 == 0 { log.append(.commitMark) }
        while try pump() {}
        if rounds % 40 == 0 { try checkpoint() }
        if rounds % 60 == 0, !log.hasPreparedSegment { try prepare() }
    }

    private mutating func pump() throws(LogError) -> Bool {
        switch try log.nextWrite(logTime: time) {
        case .wait: return false
        case .needsSegment: try prepare()
        case .write(let write):
            let file = try directory.open(FileName.segment(at: write.segment))
            try file.write(write.bytes, at: write.place)
            try file.flush()
            confirm(log.commit(upTo: log.flushed()))
            if write.header.kind == .seal { try seal(write.segment) }
        }
        return true
    }

    private mutating func confirm(_ rounds: [CommittedRound]) {
        for entry in rounds.flatMap(\.entries) {
            precondition(entry.head == Entries.head(confirmed), "entries keep their order")
            tell("\(confirmed)")
            confirmed += 1
        }
    }

    private mutating func prepare() throws(LogError) {
        let salt = UInt32(truncatingIfNeeded: log.tail.segment.limit / LogFormat.blockSize + 1)
        let header = log.nextSegment(capacity: Shard.capacity, salt: salt)
        _ = try directory.makeSegment(header)
        log.prepared(header)
    }

    private mutating func seal(_ start: Int) throws(LogError) {
        let segments = try SegmentList(of: directory, shard: Shard.number, cluster: Shard.cluster)
        guard let segment = segments.segment(startingAt: start)?.header else {
            throw .damaged(.segment)
        }
        summaries.append(try directory.makeIndex(of: segment, in: segments))
    }

    private func checkpoint() throws(LogError) {
        let tail = log.tail
        try directory.makeCheckpoint(
            Checkpoint(
                shard: Shard.number, position: tail.position, logTime: tail.logTime,
                epoch: tail.epoch, previousCRC: tail.previousCRC,
                sections: [
                    CheckpointSection(
                        kind: CheckpointSection.segments,
                        body: SegmentSummary.encode(summaries)),
                    Shard.state(confirmed),
                ]))
    }
}
