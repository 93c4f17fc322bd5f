/// The appending side of one shard's log: entries in, writes out, and no file anywhere.
///
/// The driver asks for the next write, writes and flushes it, says so, and asks again. Nothing may be
/// told about an entry before `commit(upTo:)` has given it out.
package struct ShardLog: Sendable {
    package let limits: LogLimits
    private var end: LogEnd
    private var next: SegmentHeader?
    private var schedule: FlushSchedule
    private var waiting: [Round] = []
    private var waitingSize = 0
    private var inFlight: Round?
    /// Flushed, and waiting for the commit point.
    private var uncommitted: [Round] = []
    private var pendingKinds: [FrameKind] = []
    /// Buffers that rounds have done with, for the next ones.
    private var spares: [[UInt8]] = []
    private var wantsSeal = false
    /// The end of the last frame with entries, and the commit point that frames on disk tell.
    private var entriesEnd: Int
    private var toldCommit: Int

    /// Goes on where recovery ended, in a new epoch.
    package init(resuming end: LogEnd, next: SegmentHeader?, epoch: UInt32, limits: LogLimits) {
        precondition(epoch > end.epoch || end.position == end.segment.firstFrame, "epochs grow")
        precondition(end.segment.capacity >= limits.segmentCapacityMin, "any frame fits a segment")
        self.limits = limits
        self.end = end
        self.end.epoch = epoch
        schedule = FlushSchedule(resumingAt: end.position, committed: end.committed)
        entriesEnd = end.position
        toldCommit = end.committed
        pendingKinds = [.epochStart]
        if let next { prepared(next) }
    }

    package var durable: Int { schedule.durable }
    package var committed: Int { schedule.committed }
    package var isPoisoned: Bool { schedule.isPoisoned }
    package var epoch: UInt32 { end.epoch }
    package var logTime: Int { end.logTime }
    /// Where the next frame goes, if it fits; and the chain and epoch a checkpoint has to know.
    package var tail: LogEnd { end }
    package var hasPreparedSegment: Bool { next != nil }
    package var isFlushing: Bool { schedule.inFlight != nil }
    /// Bytes of entries that are not in a written frame yet.
    package var waitingBytes: Int { waitingSize }
    /// Nothing is in flight, and nothing waits but perhaps for the commit point.
    package var isIdle: Bool { schedule.isIdle && waiting.isEmpty && pendingKinds.isEmpty }

    /// Whether `size` more bytes of entries find room without another segment than those there are,
    /// with `reserve` bytes left; the heads of the entries are in `size`.
    package func hasRoom(for size: Int, reserve: Int) -> Bool {
        // Each round may lose a header and a part of a block, and one may lose its place to a seal.
        let rounds = waiting.count + 1
        let needed =
            waitingSize + size + 2 * (rounds + 1) * LogFormat.blockSize
        let left = end.isSealed ? 0 : end.segment.limit - end.position
        return needed <= max(left, next?.capacity ?? 0) - reserve
    }

    /// What the next segment has to be, so that it can be made ahead of its use.
    package func nextSegment(capacity: Int, salt: UInt32) -> SegmentHeader {
        precondition(capacity >= limits.segmentCapacityMin, "any frame fits a segment")
        precondition(salt != end.segment.salt, "a segment has a salt of its own")
        return SegmentHeader(
            shard: end.segment.shard, start: end.segment.limit, capacity: capacity, salt: salt,
            epoch: end.epoch, createdTime: end.logTime, cluster: end.segment.cluster)
    }

    /// Notes that the next segment stands in the directory, durable, header and name.
    package mutating func prepared(_ segment: SegmentHeader) {
        precondition(next == nil && segment.start == end.segment.limit, "segments leave no gaps")
        precondition(segment.capacity >= limits.segmentCapacityMin, "any frame fits a segment")
        next = segment
    }
}

extension ShardLog {
    /// Puts an entry into the next round that has room.
    package mutating func append(_ head: EntryHead, body: [UInt8]) throws(LogError) {
        try append(together: [(head, body)])
    }

    /// Puts entries into one round: after a crash they are all there, or none is.
    package mutating func append(
        together entries: [(head: EntryHead, body: [UInt8])]
    ) throws(LogError) {
        try append(together: entries.map { EntryDraft($0.head, body: $0.body) }) { _, _, _ in }
    }

    /// Puts entries into one round, each as `finish` leaves it: that gets the number of the entry, where
    /// its body begins, and the bytes that it lies in.
    ///
    /// So a body is changed where it was copied to anyhow.
    package mutating func append(
        together entries: [EntryDraft], finish: (Int, Int, inout [UInt8]) -> Void
    ) throws(LogError) {
        precondition(!entries.isEmpty, "there is something to append")
        let size = entries.reduce(0) { $0 + $1.size }
        guard entries.count <= LogFormat.roundEntriesMax else {
            throw .tooLarge(limit: LogFormat.roundEntriesMax)
        }
        try makeRoom(count: entries.count, size: size)
        let round = waiting.count - 1
        for (number, entry) in entries.enumerated() {
            waiting[round].append(entry) { finish(number, $0, &$1) }
        }
        waitingSize += size
    }

    /// Asks for a frame without entries.
    package mutating func append(_ kind: FrameKind) {
        precondition(kind == .commitMark || kind == .time, "the log writes the others itself")
        if !pendingKinds.contains(kind) { pendingKinds.append(kind) }
    }

    /// Asks for the segment to end as soon as there is a next one.
    package mutating func endSegment() { wantsSeal = !end.isSealed }

    /// Takes over the memory of a round that nobody needs any more.
    package mutating func recycle(_ buffer: consuming [UInt8]) {
        if spares.count < limits.spareBuffersMax { spares.append(buffer) }
    }

    /// Whether the log is idle and its last entries would pass for a torn tail if they rotted.
    package var wantsCommitMark: Bool {
        schedule.isIdle && waiting.isEmpty && toldCommit < min(entriesEnd, committed)
    }

    private mutating func makeRoom(count: Int, size: Int) throws(LogError) {
        if isPoisoned { throw .poisoned }
        guard size <= limits.payloadSizeMax else { throw .tooLarge(limit: limits.payloadSizeMax) }
        guard waitingSize + size <= limits.waitingSizeMax else {
            throw .overloaded(limit: limits.waitingSizeMax)
        }
        if let last = waiting.last, last.takes(count, size: size, in: limits) { return }
        waiting.append(Round(buffer: spares.popLast() ?? []))
    }
}

extension ShardLog {
    /// Takes the next round to write, with log time as of now.
    ///
    /// `.wait` while a round is in flight or nothing waits; `.needsSegment` until `prepared`.
    package mutating func nextWrite(logTime: Int) throws(LogError) -> LogStep {
        if isPoisoned { throw .poisoned }
        guard schedule.isIdle, hasWork else { return .wait }
        end.logTime = max(end.logTime, logTime)
        if end.isSealed {
            guard let segment = next else { return .needsSegment }
            enter(segment)
        }
        if wantsSeal, next != nil { return write(Round(), kind: .seal) }
        let payload = pendingKinds.isEmpty ? waiting.first?.payloadSize ?? 0 : 0
        let size = LogFormat.frameSize(payload: payload)
        if end.position + size + LogFormat.blockSize > end.segment.limit {
            return next == nil ? .needsSegment : write(Round(), kind: .seal)
        }
        if let kind = pendingKinds.first {
            pendingKinds.removeFirst()
            return write(Round(), kind: kind)
        }
        let round = waiting.removeFirst()
        waitingSize -= round.payloadSize
        return write(round, kind: .data)
    }

    private var hasWork: Bool {
        !waiting.isEmpty || !pendingKinds.isEmpty || wantsSeal && next != nil
    }

    /// Notes that the round in flight was written and flushed; returns how far the log is durable.
    @discardableResult
    package mutating func flushed() -> Int {
        let durable = schedule.flushed()
        guard !isPoisoned, let round = inFlight else { return durable }
        inFlight = nil
        uncommitted.append(round)
        return durable
    }

    /// Moves the commit point, and returns the rounds that makes visible, in order.
    package mutating func commit(upTo position: Int) -> [CommittedRound] {
        if isPoisoned { return [] }
        schedule.commit(upTo: position)
        var visible: [CommittedRound] = []
        while let header = uncommitted.first?.header, header.end <= schedule.committed {
            let round = uncommitted.removeFirst()
            visible.append(
                CommittedRound(header: header, entries: round.entries, bytes: round.bytes))
        }
        return visible
    }

    /// Notes that a write or a flush failed: nothing is appended or confirmed any more.
    package mutating func failed() { schedule.failed() }

    private mutating func enter(_ segment: SegmentHeader) {
        end.segment = segment
        end.position = segment.firstFrame
        end.isSealed = false
        next = nil
    }

    private mutating func write(_ round: consuming Round, kind: FrameKind) -> LogStep {
        var round = round
        let position = end.position
        round.close(
            FrameHeader(
                kind: kind, payloadSize: 0, position: position, epoch: end.epoch, entryCount: 0,
                committed: min(committed, position), logTime: end.logTime,
                previousCRC: end.previousCRC, salt: end.segment.salt, payloadCRC: 0))
        guard let header = round.header else { preconditionFailure("closed just above") }
        precondition(header.end <= end.segment.limit, "a frame stays in its segment")
        schedule.began(upTo: header.end)
        end.position = header.end
        end.previousCRC = header.headerCRC
        end.isSealed = kind == .seal
        if end.isSealed { wantsSeal = false }
        toldCommit = header.committed
        end.committed = header.committed
        if kind == .data { entriesEnd = header.end }
        let write = LogWrite(
            segment: end.segment.start, place: position - end.segment.start, header: header,
            bytes: round.bytes)
        inFlight = round
        return .write(write)
    }
}
