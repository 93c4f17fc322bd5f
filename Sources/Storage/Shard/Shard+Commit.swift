// From an append to its answer: a round is written, flushed, committed, folded, and only then told.

package import CommitLog
import Delivery
import Records
import Wire

extension Shard {
    /// Takes the next bytes to write and flush; the driver says `flushed` or `failed` then.
    package func nextWrite(at now: ShardTime) throws(LogError) -> LogStep {
        let logTime = advance(to: now)
        if isReadOnly { return .wait }
        writeGroups()
        let step = try log.nextWrite(logTime: logTime)
        switch step {
        case .write: pace.idleSince = nil
        case .needsSegment, .wait: break
        }
        wantSegment()
        return step
    }

    /// Notes that what `nextWrite` gave out is on the disk.
    package func flushed(at now: ShardTime) {
        advance(to: now)
        commit(upTo: log.flushed())
        if log.isIdle { pace.idleSince = now.boot }
    }

    /// Notes that a write or a flush failed: nothing is confirmed any more.
    package func failed() {
        log.failed()
        isPoisoned = true
        for waiting in publishes.removeAll() where waiting.isAwaited {
            answer(waiting.caller, waiting.ticket, .refused(.failed))
        }
        failLine()
        failRepeats()
        failSpreads()
        failGroups()
        for key in watches.wakeAll() { answer(key.caller, key.ticket, .refused(.failed)) }
    }

    /// Moves the commit point: what is below becomes state, and is told to whoever waits for it.
    func commit(upTo position: Int) {
        for round in log.commit(upTo: position) {
            commit(round)
            for buffer in tail.add(round) { log.recycle(buffer) }
        }
        if !lateSpreadCalls.isEmpty { takeLateSpreadCalls() }
        goOnWithGroups()
        moveLine()
    }

    private func commit(_ round: CommittedRound) {
        counts.rounds += 1
        let news = fold(round)
        for entry in round.entries {
            confirm(entry, in: round)
            confirmGroups(entry, in: round)
        }
        if !groups.watches.isEmpty { groups.grown.formUnion(news.grown) }
        if !watches.isEmpty { tellWatches(of: news.grown) }
        if news.begun { (pace.mayDrop, pinnedBytes) = (true, nil) }
        if let (segment, end) = news.sealed {
            pinnedBytes = nil
            sealed(segment, end: end)
        }
        pace.changed(boot: now.boot, hasEntries: !round.entries.isEmpty, limits)
    }

    private func tellWatches(of grown: [PartitionID]) {
        for partition in grown.sorted() {
            guard let end = state.partitions[partition]?.end else { continue }
            for key in watches.wake(partition, end: end) { answer(key.caller, key.ticket, .news) }
        }
    }

    private func fold(_ round: CommittedRound) -> ShardState.News {
        guard let segment = state.segment(at: round.header.position) else {
            preconditionFailure("what was written is in a segment")
        }
        do throws(LogError) {
            return try state.apply(
                round.header, round.entries, in: round.bytes, from: round.header.position,
                of: segment)
        } catch {
            preconditionFailure("our own entries are in order: \(error)")
        }
    }

    private func confirm(_ entry: EntryPlace, in round: CommittedRound) {
        switch EntryType(rawValue: entry.head.type) {
        case .batch, .held:
            appended[entry.head.partition]?.bytes -= entry.size
            guard let done = publishes.committed(at: entry.position) else { return }
            if let spread = done.spread { return confirmPrepared(spread, done) }
            if done.isAwaited { answer(done.caller, done.ticket, .published(done.parts)) }
            settleKeys(of: done)
        case .topicGone:
            let topic = entry.head.partition.topic
            appended = appended.filter { $0.key.topic != topic }
            leavingTopics.remove(topic)
        case .pointer: appended[entry.head.partition]?.bytes -= entry.size
        case .decision, .settled: confirmSpread(entry, in: round)
        case .begin, .dropped, .groups, nil: break
        }
    }
}
