// Messages on lease: some of each partition that is asked for, by its weight, with the batches that hold them.

import CommitLog
import Groups
import Records
import Wire

extension Shard {
    func take(_ pull: GroupPull, _ ticket: UInt64, _ caller: Caller) throws(GroupTrouble) {
        let places = try places(pull.group, pull.parts.map(\.partition))
        for place in places { groups.watches.came(place) }
        groups.shelf.use(pull.group, at: groupTime)
        guard pull.settles.isEmpty else {
            try checkRoom(for: pull.settles)
            let settled = settle(pull.settles)
            return wait(.pull(pull, settled: settled, tries: 0), ticket, caller)
        }
        try grant(pull, places, settled: [], tries: 0, ticket, caller)
    }

    /// Answers a pull, or has it wait for what is under way.
    func grant(
        _ pull: GroupPull, _ places: [GroupPlace], settled: [[SettledRun]], tries: Int,
        _ ticket: UInt64, _ caller: Caller
    ) throws(GroupTrouble) {
        guard isEpochSafe else {
            let sequel = GroupWork.Sequel.pull(pull, settled: settled, tries: tries)
            return groups.early.append(
                GroupWork.Waiting(caller: caller, ticket: ticket, sequel: sequel))
        }
        var hand = GrantHand(pull)
        if try !repeatGrant(&hand, places) {
            let counts = places.map {
                groups.shelf.available($0, for: pull.consumer, at: groupTime)
            }
            let shares = GrantShares(pull, available: counts)
            for (index, place) in places.enumerated() where !hand.isFull {
                try take(from: place, share: shares[index], &hand)
                hand.pass(shares[index])
            }
        }
        if hand.leases.isEmpty, hand.waits, groups.isUnderWay, tries < Self.triesMax {
            return wait(.pull(pull, settled: settled, tries: tries + 1), ticket, caller)
        }
        let lag = places.reduce(0) { $0 + groups.shelf.lag(of: $1) }
        answer(
            caller, ticket, .group(.granted(hand.grant(at: time.now, lag: lag, settled: settled))))
        for place in places { ring(place) }
    }

    /// Whether no later start can take this term's number again, by which leases are known.
    var isEpochSafe: Bool { state.epochs.last?.epoch == log.epoch }

    /// A lease that is over before its entry is committed would wait for ever.
    private static var triesMax: Int { 8 }

    /// Finds what a pull with this id got before.
    private func repeatGrant(
        _ hand: inout GrantHand, _ places: [GroupPlace]
    ) throws(GroupTrouble) -> Bool {
        guard let id = hand.pull.id else { return false }
        for place in places {
            guard let grant = groups.shelf.repeated(place, id) else { continue }
            try add(grant, of: place, near: [], &hand)
        }
        return !hand.leases.isEmpty
    }

    private func take(
        from place: GroupPlace, share: Int, _ hand: inout GrantHand
    ) throws(GroupTrouble) {
        guard groups.shelf.hasBegun(place) else { return hand.note(.log) }
        var looked = 0
        while true {
            let terms = hand.terms(share: share, groups.shelf.settings(of: place.group))
            let near = try supply(place, wanted: looked == 0 ? terms.messagesMax : .max)
            let outcome = groups.shelf.pull(place, terms, from: near?.records, at: groupTime)
            switch outcome {
            case .granted(let grant):
                return try add(grant, of: place, near: near?.batches ?? [], &hand)
            case .nothing(.lookFurther):
                looked += max(near?.records.facts.count ?? 0, 1)
                if looked >= limits.groupLookMax { return hand.note(.lookFurther) }
            case .nothing(let pause): return hand.note(pause)
            }
        }
    }

    /// Adds what was granted, with the batches that hold it; what would be too much goes back.
    private func add(
        _ grant: Grant, of place: GroupPlace, near: [FetchedBatch], _ hand: inout GrantHand
    ) throws(GroupTrouble) {
        var found = GrantedBatches(near)
        var left: [Int] = []
        var trouble: ShardRefusal?
        for message in grant.messages {
            let offset = message.offset
            if trouble == nil, found.size + hand.batchBytes < limits.fetchSizeMax {
                do throws(ShardRefusal) {
                    if !found.take(offset) {
                        found.add(try batch(with: offset, of: place.partition))
                    }
                    continue
                } catch {
                    trouble = error
                }
            }
            left.append(offset)
        }
        giveBack(left, of: grant, place, trouble)
        guard left.count < grant.messages.count else {
            if let trouble { throw .shard(trouble) }
            return
        }
        counts.granted += grant.messages.count - left.count
        let until = now.wall + grant.deadline - now.boot
        hand.add(
            GroupGrant.Lease(
                grant.without(left), of: place.partition, until: until, in: found.batches),
            batchBytes: found.size)
    }

    /// Takes back what cannot be handed out.
    ///
    /// What cannot be read has failed: so it waits, and dies, and does not hold up all pulls.
    private func giveBack(
        _ offsets: [Int], of grant: Grant, _ place: GroupPlace, _ trouble: ShardRefusal?
    ) {
        guard let first = offsets.first else { return }
        var rest = offsets[...]
        if trouble != nil {
            rest.removeFirst()
            _ = groups.shelf.settle(
                place, OffsetRanges([first]), of: grant.generation,
                .nack(delay: nil, reason: "damaged on the disk"), at: groupTime)
        }
        _ = groups.shelf.settle(
            place, OffsetRanges(Array(rest)), of: grant.generation, .release, at: groupTime)
    }
}

extension Grant {
    /// What is left of it where some of its messages went back.
    fileprivate func without(_ offsets: [Int]) -> Grant {
        if offsets.isEmpty { return self }
        let gone = Set(offsets)
        let kept = messages.filter { !gone.contains($0.offset) }
        return Grant(
            generation: generation, messages: kept, offsets: OffsetRanges(kept.map(\.offset)),
            bytes: kept.reduce(0) { $0 + Int($1.size) }, deadline: deadline)
    }
}

extension GroupGrant.Lease {
    fileprivate init(
        _ grant: Grant, of partition: PartitionID, until: Int, in batches: [FetchedBatch]
    ) {
        self.init(
            partition: partition, generation: grant.generation.raw,
            messages: grant.messages.map { GrantedMessage(offset: $0.offset, attempt: $0.attempt) },
            runs: grant.offsets.runs, size: grant.bytes, until: until, batches: batches)
    }
}
