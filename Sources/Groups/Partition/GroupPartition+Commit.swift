// What a committed entry does on the primary: the fold, and what becomes available by it.

extension GroupPartition {
    /// A change of this group and partition is committed.
    package mutating func committed(_ change: GroupChange) {
        switch change {
        case .moved:
            progress.apply(change)
            moved()
        case .settled(let ranges): settled(ranges, change)
        case .failed(let messages), .dead(let messages):
            progress.apply(change)
            for message in messages { closed(message.offset, key: message.key) }
        case .redriven(let messages, let letters):
            let back = messages.map(\.offset).filter { progress.isDead($0) }
            progress.apply(change)
            lettersAsked.subtract(letters.runs.joined())
            for offset in back { if let failure = progress.retries[offset] { queue(failure) } }
        case .copied(let offsets, _):
            progress.apply(change)
            copiesAsked.subtract(offsets.runs.joined())
        case .horizon(let date):
            progress.apply(change)
            horizonAsked = max(horizonAsked, date)
        case .set, .gone, .letters, .redriving: progress.apply(change)
        }
    }

    /// Retention has moved the beginning of the partition to `offset`.
    package mutating func trim(to offset: Int) {
        let gone = progress.retries.all.prefix { $0.offset < offset }
        progress.trim(to: offset)
        cursor = max(cursor, offset)
        for failure in gone where closing[failure.offset] == nil && leases[failure.offset] == nil {
            leaveLine(failure.offset, key: failure.key)
        }
    }

    private mutating func moved() {
        leases.endAll()
        closing = ClosingTable()
        acks.forget()
        isMoving = false
        rebuild()
    }

    private mutating func settled(_ ranges: OffsetRanges, _ change: GroupChange) {
        var over: [(offsets: Range<Int>, closing: Closing)] = []
        for run in ranges.runs { over += closing.all(in: run) }
        progress.apply(change)
        for (offsets, closed) in over {
            closing.remove(offsets)
            if closed.kind != .acked { acks.note(offsets, by: .none) }
            if ordering == .none { continue }
            for offset in offsets { leaveLine(offset, key: closed.key) }
        }
    }

    /// A failure is committed: the message waits for its time, unless it was acked late meanwhile.
    private mutating func closed(_ offset: Int, key: UInt32?) {
        if let kind = closing[offset]?.kind {
            guard kind == .failed || kind == .dead else { return }
            closing.remove(offset)
        }
        if let failure = progress.retries[offset] {
            if !failure.isBlocked { progress.retries.arm(offset) }
        } else {
            acks.note(offset, by: .none)
            leaveLine(offset, key: key)
        }
    }
}
