package import CommitLog

// The driver: does what the log says, as the storage loop does it.
extension LogWorld {
    func pump() throws(LogError) {
        switch try log.nextWrite(logTime: clock) {
        case .wait: return
        case .needsSegment: try prepare()
        case .write(let write): try flush(write)
        }
    }

    private func flush(_ write: LogWrite) throws(LogError) {
        let file = try disk.open(FileName.segment(at: write.segment))
        try put(write, into: file)
        if mistake == .acknowledgeBeforeFlush { confirm(write) }
        do throws(LogError) {
            try file.flush()
        } catch {
            log.failed()
            if !log.commitEntries(upTo: log.durable).isEmpty {
                violations.append("confirmed after a failure")
            }
            throw error
        }
        if mistake != .acknowledgeBeforeFlush { confirm(write) }
        if write.header.kind == .seal { try seal(write) }
    }

    private func put(_ write: LogWrite, into file: SimulatedFile) throws(LogError) {
        guard mistake == .rewriteBlocks, write.place > LogFormat.blockSize else {
            return try file.write(write.bytes, at: write.place)
        }
        let place = write.place - LogFormat.blockSize
        let before = try file.read(place..<write.place)
        try file.write(before + write.bytes, at: place)
    }

    private func confirm(_ write: LogWrite) {
        let durable = log.flushed()
        frames.append(Written(header: write.header, segment: write.segment))
        // The other copies answer later, at times.
        if random.oneIn(4) { return }
        acknowledge(log.commitEntries(upTo: durable))
    }

    func acknowledge(_ entries: [CommittedEntry]) {
        for entry in entries {
            guard acknowledged < history.count, history[acknowledged].head == entry.entry.head
            else {
                return violations.append("committed out of order")
            }
            history[acknowledged].position = entry.entry.position
            acknowledged += 1
            tally.acknowledged += 1
            note(entry)
        }
    }

    private func note(_ entry: CommittedEntry) {
        let start = headers.keys.filter { $0 < entry.entry.position }.max() ?? 0
        indexes[start, default: SegmentIndex(start: start)].note(
            entry.entry, logTime: entry.logTime)
    }

    private func seal(_ write: LogWrite) throws(LogError) {
        // What is sealed has to be committed before its index is whole.
        acknowledge(log.commitEntries(upTo: log.durable))
        guard let header = headers[write.segment] else { return }
        tally.sealed += 1
        let index = indexes[header.start] ?? SegmentIndex(start: header.start)
        retention.sealed(index.summary(of: header, end: write.header.end))
        let bytes = IndexFormat.encode(index, of: header, end: write.header.end)
        try disk.makeFile(FileName.index(at: header.start), bytes)
    }

    func prepare() throws(LogError) {
        let old = dropped.filter { $0.value >= LogFormat.checkpointsKept }.keys.min()
        let capacity = old.flatMap { headers[$0]?.capacity } ?? random.pick([32, 48, 64]) << 10
        let salt = UInt32.random(in: 2 ... .max, using: &random)
        let header = log.nextSegment(capacity: capacity, salt: salt)
        _ = try disk.makeSegment(header, recycling: old)
        if let old {
            dropped[old] = nil
            headers[old] = nil
            tally.recycled += 1
            if try disk.names().contains(FileName.index(at: old)) {
                try disk.remove(FileName.index(at: old))
            }
        }
        headers[header.start] = header
        log.prepared(header)
    }

    func checkpoint() throws(LogError) {
        if log.isFlushing || log.committed != log.durable { return }
        let tail = log.tail
        let kept = try disk.checkpoints()
        if kept.contains(tail.position) { return }
        if let older = kept.first {
            for start in retention.dead(below: older) {
                retention.drop(start)
                dropped[start] = 0
            }
        }
        try disk.makeCheckpoint(
            Checkpoint(
                shard: Self.shard, position: tail.position, logTime: tail.logTime,
                epoch: tail.epoch, previousCRC: tail.previousCRC,
                sections: [
                    CheckpointSection(
                        kind: CheckpointSection.segments,
                        body: SegmentSummary.encode(retention.segments))
                ]))
        tally.checkpoints += 1
        for start in dropped.keys { dropped[start, default: 0] += 1 }
    }

    /// Gives up what is old: all but the newest entries of each partition.
    func retire() {
        for partition in Self.partitions {
            let own = history[..<acknowledged].filter { $0.head.partition == partition }
            guard let last = own.dropLast(2).last else { continue }
            retention.begin(partition, at: last.head.endOffset)
        }
    }
}

/// An entry that is safe, and from here on visible.
package struct CommittedEntry: Equatable, Sendable {
    package let entry: EntryPlace
    package let logTime: Int
}

extension ShardLog {
    /// Moves the commit point, and returns what that makes visible, entry by entry.
    package mutating func commitEntries(upTo position: Int) -> [CommittedEntry] {
        commit(upTo: position).flatMap { round in
            round.entries.map { CommittedEntry(entry: $0, logTime: round.header.logTime) }
        }
    }
}
