// Handing out: what is due again first, then what came back or became first of its key, then what nobody
// has looked at.

extension GroupPartition {
    /// Hands out what it can, from what it knows and from a supply that reaches from `cursor` on.
    package mutating func grant(
        _ terms: PullTerms, from supply: RecordSupply?, at now: GroupTime
    ) -> GrantOutcome {
        if let pull = terms.pull, let grant = repeated(pull) { return .granted(grant) }
        var terms = terms
        terms.lease = min(max(terms.lease, 0), limits.leaseMax)
        if let pause = pause(terms, at: now) { return .nothing(pause) }
        var basket = Basket(
            messagesMax: min(
                terms.messagesMax, limits.leaseMessagesMax, limits.inFlightMax - inFlight),
            bytesMax: terms.bytesMax, runsMax: limits.leaseRunsMax)
        takeRetries(into: &basket, at: now)
        takeReady(into: &basket, at: now)
        if let supply { takeFresh(from: supply, into: &basket, at: now) }
        guard !basket.messages.isEmpty else { return .nothing(nothingPause) }
        return .granted(lease(&basket, terms, at: now))
    }

    /// What a pull with this id got, as far as it is still out.
    package func repeated(_ pull: UInt64) -> Grant? {
        guard let generation = leases.generation(ofPull: pull) else { return nil }
        let messages = leases.messages(of: generation)
        let deadline = messages.compactMap { leases[$0.offset]?.deadline }.min() ?? 0
        return grant(
            generation, messages, OffsetRanges(messages.map(\.offset)), deadline: deadline)
    }

    private func grant(
        _ generation: LeaseGeneration, _ messages: [Waiting], _ offsets: OffsetRanges,
        deadline: Int
    ) -> Grant {
        var granted: [Grant.Message] = []
        granted.reserveCapacity(messages.count)
        var bytes = 0
        for message in messages {
            let attempt = (progress.retries[message.offset]?.attempts ?? 0) + 1
            granted.append(
                Grant.Message(offset: message.offset, attempt: attempt, size: message.size))
            bytes += Int(message.size)
        }
        return Grant(
            generation: generation, messages: granted, offsets: offsets, bytes: bytes,
            deadline: deadline)
    }

    private mutating func lease(
        _ basket: inout Basket, _ terms: PullTerms, at now: GroupTime
    ) -> Grant {
        let messages = basket.takeAll()
        generation = generation.next
        let deadline = now.boot + terms.lease
        leases.add(
            messages, basket.offsets, generation: generation, deadline: deadline,
            holder: terms.holder, pull: terms.pull)
        last = terms.holder
        return grant(generation, messages, basket.offsets, deadline: deadline)
    }

    /// Why nothing may be handed out at all.
    private mutating func pause(_ terms: PullTerms, at now: GroupTime) -> GrantOutcome.Pause? {
        if isMoving { return .log }
        if isInDebt { return .debt }
        if ordering != settings.ordering {
            // A lease that was given without the order cannot be taken back.
            guard inFlight == 0 else { return .gaps }
            ordering = settings.ordering
            rebuild()
        }
        if ordering != .none {
            if quietUntil > now.log { return .quiet(until: quietUntil) }
            if !reachesHorizon(now.log + terms.lease, lease: terms.lease) { return .log }
        }
        if terms.messagesMax <= 0 { return .allowance }
        return inFlight >= limits.inFlightMax ? .gaps : nil
    }

    /// Whether the log says that leases may last up to `date`; asks it to, where it does not.
    mutating func reachesHorizon(_ date: Int, lease: Int) -> Bool {
        if date > horizonAsked {
            // So that a horizon is written once a lease, not once a pull.
            horizonAsked = date + lease
            draft.horizon = horizonAsked
        }
        return date <= progress.horizon
    }

    private var nothingPause: GrantOutcome.Pause {
        if !mayExpire { return .debt }
        guard cursor < end else { return .empty }
        if !hasRoom(at: cursor) { return .gaps }
        return ordering == .partition && lines.isHeld(0) ? .empty : .lookFurther
    }

    private mutating func takeRetries(into basket: inout Basket, at now: GroupTime) {
        while let failure = progress.retries.next, failure.due <= now.log {
            let message = Waiting(failure)
            if leases[failure.offset] != nil || closing[failure.offset] != nil {
                progress.retries.disarm(failure.offset)
                continue
            }
            if failure.expires <= now.log {
                guard mayExpire else { return }
                progress.retries.disarm(failure.offset)
                expire(message, at: now)
                continue
            }
            guard basket.hasRoom(for: message) else { return }
            progress.retries.disarm(failure.offset)
            basket.add(message)
        }
    }

    private mutating func takeReady(into basket: inout Basket, at now: GroupTime) {
        var closing: [Waiting] = []
        while let message = ready.first {
            if progress.retries.has(message.offset) || leases[message.offset] != nil {
                // Settled, and back by a redrive: it waits elsewhere.
                _ = ready.popFirst()
            } else if progress.isSettled(message.offset) {
                _ = ready.popFirst()
                leaveLine(message.offset, key: message.key)
            } else if self.closing[message.offset] != nil {
                _ = ready.popFirst()
                closing.append(message)
            } else if message.expires <= now.log {
                guard mayExpire else { break }
                _ = ready.popFirst()
                expire(message, at: now)
            } else {
                guard basket.hasRoom(for: message) else { break }
                _ = ready.popFirst()
                basket.add(message)
            }
        }
        for message in closing { ready.insert(message) }
    }

    /// What has expired waits, where it would owe one copy too many.
    var mayExpire: Bool {
        !settings.keepsExpired || !copiesLetters
            || progress.owedCount + draft.dead.count < limits.owedMax
    }

    /// A message is over before somebody took it.
    mutating func expire(_ message: Waiting, at now: GroupTime) {
        guard settings.keepsExpired else { return drop(message) }
        closing.insert(message.offset, Closing(kind: .dead, key: message.key))
        var letter =
            progress.message(at: message.offset)
            ?? FailedMessage(
                offset: message.offset, attempts: 0, due: 0, expires: message.expires,
                key: message.key, size: message.size)
        letter.reasons = FailedMessage.reasons(letter.reasons, and: "expired")
        (letter.due, letter.owesCopy) = (now.log, copiesLetters)
        draft.dead.append(letter)
    }

    /// A message will never be delivered, and nothing is kept of it.
    mutating func drop(_ message: Waiting) {
        closing.insert(message.offset, Closing(kind: .expired, key: message.key))
        draft.settled.insert(message.offset..<message.offset + 1)
    }
}
