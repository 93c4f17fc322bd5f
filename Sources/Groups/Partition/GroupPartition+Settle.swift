// What clients say about the messages that they have, or had. Answers leave when all that was decided
// before them is committed; so a repeat of an ack that is on its way may already be told the same.

package enum Settling: Equatable, Sendable {
    case ack
    /// Failed; without a delay the settings' pause goes.
    case nack(delay: Int?, reason: String)
    /// The lease lasts so many milliseconds from now on, unless it lasts longer anyway.
    case extend(by: Int)
    /// Comes back at its old place; the attempt does not count.
    case release
}

package enum SettleStatus: Equatable, Sendable {
    case acked, alreadyAcked, nacked, extended, released, lost, unknown
}

extension GroupPartition {
    /// Settles messages of a lease, each the same way.
    mutating func settle(
        all offsets: OffsetRanges, of generation: LeaseGeneration, _ settling: Settling,
        at now: GroupTime
    ) -> [SettleStatus] {
        var statuses: [SettleStatus] = []
        statuses.reserveCapacity(offsets.count)
        for run in offsets.runs {
            var rest = run
            while let offset = rest.first {
                let count = settling == .ack ? ackFront(of: rest, of: generation) : 0
                if count > 0 {
                    statuses.append(contentsOf: repeatElement(.acked, count: count))
                } else {
                    statuses.append(settle(offset, of: generation, settling, at: now))
                }
                rest.removeFirst(max(count, 1))
            }
        }
        return statuses
    }

    /// Acks what the front of a run still has out by a lease, all at once, where no message has a line of its
    /// own; returns how many that were.
    private mutating func ackFront(of run: Range<Int>, of generation: LeaseGeneration) -> Int {
        guard ordering == .none, generation.raw >= progress.fence, !isMoving else { return 0 }
        let held = leases.front(of: run, heldBy: generation)
        guard !held.isEmpty else { return 0 }
        leases.end(held, of: generation)
        ack(held, of: generation, key: nil)
        return held.count
    }

    /// Settles one message of a lease.
    package mutating func settle(
        _ offset: Int, of generation: LeaseGeneration, _ settling: Settling, at now: GroupTime
    ) -> SettleStatus {
        guard generation <= self.generation, 0..<end ~= offset else { return .unknown }
        guard generation.raw >= progress.fence, !isMoving else { return .lost }
        if let lease = leases[offset], lease.generation == generation {
            return settle(lease, settling, at: now)
        }
        guard settling == .ack else {
            return isAcked(offset, by: generation) ? .alreadyAcked : .lost
        }
        return ackLate(offset, of: generation)
    }

    /// The client of a lease has vanished, or never had it whole: its messages come back at once, at
    /// their old places, and the attempt does not count.
    package mutating func release(_ generation: LeaseGeneration) -> Int {
        let messages = leases.messages(of: generation)
        for message in messages {
            guard let ended = leases.end(message.offset) else { continue }
            putBack(ended.lease.waiting)
        }
        return messages.count
    }

    /// Ends the leases whose time is over; returns how many messages that were.
    package mutating func expire(at now: GroupTime) -> Int {
        // After a seek nothing is decided until it is committed.
        guard !isMoving else { return 0 }
        let offsets = leases.expired(at: now.boot)
        for offset in offsets {
            guard let ended = leases.end(offset) else { continue }
            fail(ended.lease, ended.holder, delay: nil, reason: "lease expired", at: now)
        }
        return offsets.count
    }

    private mutating func settle(
        _ lease: Lease, _ settling: Settling, at now: GroupTime
    ) -> SettleStatus {
        let offset = lease.waiting.offset
        switch settling {
        case .ack:
            _ = leases.end(offset)
            ack(offset, of: lease.generation, key: lease.waiting.key)
            return .acked
        case .nack(let delay, let reason):
            guard let ended = leases.end(offset) else { return .lost }
            fail(lease, ended.holder, delay: delay, reason: reason, at: now)
            return .nacked
        case .extend(let milliseconds):
            let lasts = min(max(milliseconds, 0), limits.leaseMax)
            leases.extend(offset, to: now.boot + lasts)
            if ordering != .none { _ = reachesHorizon(now.log + lasts, lease: lasts) }
            return .extended
        case .release:
            _ = leases.end(offset)
            putBack(lease.waiting)
            return .released
        }
    }

    private mutating func ack(_ run: Range<Int>, of generation: LeaseGeneration, key: UInt32?) {
        closing.insert(run, Closing(kind: .acked, generation: generation, key: key))
        draft.settled.insert(run)
        acks.note(run, by: generation)
    }

    private mutating func ack(_ offset: Int, of generation: LeaseGeneration, key: UInt32?) {
        ack(offset..<offset + 1, of: generation, key: key)
    }

    /// An ack of somebody whose lease is over: honoured if nobody else got the message since.
    private mutating func ackLate(
        _ offset: Int, of generation: LeaseGeneration
    ) -> SettleStatus {
        if leases[offset] != nil { return .lost }
        if let closing = closing[offset] {
            guard closing.generation == generation else { return .lost }
            switch closing.kind {
            case .acked: return .alreadyAcked
            case .dead, .expired: return .lost
            case .failed: ack(offset, of: generation, key: closing.key)
            }
            return .acked
        }
        if progress.isSettled(offset) {
            return isAcked(offset, by: generation) ? .alreadyAcked : .lost
        }
        if let failure = progress.retries[offset] {
            let isOthers = failure.mark != 0 && generation.came(before: failure.mark)
            if failure.isBlocked || isOthers { return .lost }
            progress.retries.disarm(offset)
            ack(offset, of: generation, key: failure.key)
        } else {
            ack(offset, of: generation, key: nil)
        }
        return .acked
    }

    /// As far as that is remembered: what is settled and by nobody else is taken for the client's own.
    private func isAcked(_ offset: Int, by generation: LeaseGeneration) -> Bool {
        if let closing = closing[offset] {
            return closing.kind == .acked && closing.generation == generation
        }
        guard progress.isSettled(offset) else { return false }
        return (acks.acker(of: offset) ?? generation) == generation
    }

    private mutating func fail(
        _ lease: Lease, _ holder: Holder, delay: Int?, reason: String, at now: GroupTime
    ) {
        let offset = lease.waiting.offset
        let known = progress.message(at: offset)
        let attempts = (known?.attempts ?? 0) + 1
        let pause = min(max(delay ?? settings.pause(afterFailures: attempts), 0), limits.leaseMax)
        let isDead = attempts >= settings.attemptsMax
        let message = FailedMessage(
            offset: offset, attempts: attempts, due: isDead ? now.log : now.log + pause,
            expires: lease.waiting.expires, key: lease.waiting.key, size: lease.waiting.size,
            mark: lease.generation.mark,
            isBlocked: isDead && settings.onDead == .block && ordering != .none,
            owesCopy: isDead && copiesLetters,
            reasons: FailedMessage.reasons(known?.reasons ?? "", and: reason),
            consumer: holder.consumer, address: holder.address)
        if isDead { draft.dead.append(message) } else { draft.failed.append(message) }
        closing.insert(
            offset,
            Closing(
                kind: isDead ? .dead : .failed, generation: lease.generation, key: message.key))
    }
}
