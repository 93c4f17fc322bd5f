import Bytes
import Reactor
import Receipts
import Records
import Wire

// What becomes of leased messages. What all clients of a turn settle leaves as one call a shard, before
// what is pulled: so an ack inside a pull makes room for that pull.
extension PullDesk {
    /// `POST /v1/groups/{group}/settle`.
    mutating func settle(
        _ order: SettleOrder, of name: String, for caller: Exchange,
        in topics: borrowing TopicMap, _ groups: borrowing GroupMap, at now: TurnTime
    ) throws(GatewayError) {
        try GroupDesk.check(name)
        guard settlements.count < Self.pullsMax, pending.count < Self.pullsMax else {
            throw .work(.overloaded)
        }
        let settlement = SettleErrand(for: caller)
        settlement.timer = timers.insert(.settlement(settlement), at: now.tick + settings.timeout)
        settlements[caller] = settlement
        if let group = groups.find(name) {
            return start(settlement, order, of: group.id, topics, at: now)
        }
        let id = pending.insert(.lookup(settlement, order, name))
        calls.append(DeskCall(id, .coordinator(.group(.find(name: name)))))
    }

    private mutating func start(
        _ settlement: SettleErrand, _ order: SettleOrder, of group: UInt32,
        _ topics: borrowing TopicMap, at now: TurnTime
    ) {
        submit(order, of: group, for: settlement, in: topics, at: now)
        if settlement.left == 0 { conclude(settlement, at: now) }
    }

    /// Goes on with a settle whose group had to be looked for.
    mutating func take(
        _ answer: CoordinatorAnswer, for settlement: SettleErrand, _ order: SettleOrder,
        _ name: String, _ topics: borrowing TopicMap, at now: TurnTime
    ) {
        if settlement.isGone { return }
        switch answer {
        case .group(.found(let group)): start(settlement, order, of: group.id, topics, at: now)
        case .refused(let refusal) where refusal != .noSuchGroup:
            refuse(settlement, .group(.refused(refusal.ifNothingChanges)))
        default: refuse(settlement, .group(.noSuchGroup(name)))
        }
    }

    /// Sends what a pull settles, once.
    mutating func settleBefore(_ pull: Pull, _ topics: borrowing TopicMap, at now: TurnTime) {
        guard let order = pull.order.settles, !pull.hasSettled else { return }
        pull.hasSettled = true
        let settlement = SettleErrand(for: nil)
        settlement.pull = pull
        pull.settlement = settlement
        submit(order, of: pull.group, for: settlement, in: topics, at: now)
    }

    private mutating func submit(
        _ order: SettleOrder, of group: UInt32, for settlement: SettleErrand,
        in topics: borrowing TopicMap, at now: TurnTime
    ) {
        let keys = receipts.keys(at: Int(clamping: now.wall))
        for (index, item) in order.items.enumerated() {
            var result = SettleErrand.Result(receipt: item.receipt)
            let read = keys.flatMap { Receipt(reading: item.receipt.utf8.span, $0) }
            if let receipt = read, receipt.group == group {
                for part in receipt.parts {
                    submit(part, group, item.kind, index, settlement, &result, topics)
                }
            } else {
                result.isUnknown = true
            }
            settlement.results.append(result)
        }
    }

    private mutating func submit(
        _ part: Receipt.Part, _ group: UInt32, _ kind: GroupSettle.Kind, _ index: Int,
        _ settlement: SettleErrand, _ result: inout SettleErrand.Result,
        _ topics: borrowing TopicMap
    ) {
        let partition = part.partition
        guard let shards = topics.find(id: partition.topic)?.topic.shards,
            Int(partition.partition) < shards.count
        else {
            // The topic is gone, with all that was out.
            result.runs += part.runs.map {
                SettleErrand.Run(partition: partition, run: SettledRun($0, .lost))
            }
            return
        }
        settlement.left += 1
        let item = GroupSettle.Item(
            group: group, partition: partition, generation: part.generation, runs: part.runs, kind)
        let reference = SettleReference(settlement: settlement, index: index)
        outgoing[shards[Int(partition.partition)], default: Outgoing()].add(item, reference)
    }

    /// Gives messages back that nobody got; their attempt does not count.
    mutating func giveBack(_ leases: [GroupGrant.Lease], of group: UInt32, in topics: [KnownTopic])
    {
        for lease in leases { giveBack(lease.release(of: group), in: topics) }
    }

    mutating func giveBack(_ item: GroupSettle.Item, in topics: [KnownTopic]) {
        guard
            let shards = topics.first(where: { $0.topic.id == item.partition.topic })?.topic.shards,
            Int(item.partition.partition) < shards.count
        else { return }
        counts.released += UInt64(item.runs.reduce(0) { $0 + $1.count })
        outgoing[shards[Int(item.partition.partition)], default: Outgoing()].add(
            item, SettleReference(settlement: nil, index: 0))
    }

    /// One call for each shard that something is to be settled in.
    mutating func takeSettles() -> [DeskCall] {
        if outgoing.isEmpty { return [] }
        var settles: [DeskCall] = []
        for (shard, parcel) in outgoing {
            settles.append(settle(parcel.references, parcel.items, in: shard))
        }
        outgoing.removeAll(keepingCapacity: true)
        return settles
    }

    private mutating func settle(
        _ references: [SettleReference], _ items: [GroupSettle.Item], in shard: UInt16
    ) -> DeskCall {
        counts.settleCalls += 1
        let id = pending.insert(.settle(references, items, shard))
        return DeskCall(id, .shard(shard, .group(.settle(GroupSettle(items)))))
    }

    // MARK: Answers

    mutating func take(
        _ answer: ShardAnswer, to references: [SettleReference], _ items: [GroupSettle.Item],
        _ shard: UInt16, at now: TurnTime
    ) {
        switch answer {
        case .group(.settled(let verdicts)) where verdicts.count == items.count:
            for (index, reference) in references.enumerated() {
                note(verdicts[index], of: items[index], reference, at: now)
            }
        case .group(.refused) where items.count > 1:
            // One of them is of a group that has gone; the others need not share that.
            for (reference, item) in zip(references, items) {
                calls.append(settle([reference], [item], in: shard))
            }
        case .group(.refused):
            for (item, reference) in zip(items, references) {
                note(item.runs.map { SettledRun($0, .lost) }, of: item, reference, at: now)
            }
        case .refused(.noSuchTopic):
            for (item, reference) in zip(items, references) {
                note(item.runs.map { SettledRun($0, .lost) }, of: item, reference, at: now)
            }
        case .refused(let refusal): fail(references, refusal, at: now)
        default: fail(references, .failed, at: now)
        }
    }

    private mutating func note(
        _ runs: [SettledRun], of item: GroupSettle.Item, _ reference: SettleReference,
        at now: TurnTime
    ) {
        guard let settlement = reference.settlement else { return }
        for run in runs {
            if run.verdict == .acked { counts.acked += UInt64(run.offsets.count) }
            if run.verdict == .nacked { counts.nacked += UInt64(run.offsets.count) }
        }
        if settlement.isGone { return }
        settlement.results[reference.index].runs += runs.map {
            SettleErrand.Run(partition: item.partition, run: $0)
        }
        settlement.left -= 1
        if settlement.left == 0 { conclude(settlement, at: now) }
    }

    private mutating func fail(
        _ references: [SettleReference], _ refusal: ShardRefusal, at now: TurnTime
    ) {
        for reference in references {
            guard let settlement = reference.settlement, !settlement.isGone else { continue }
            settlement.error = .storage(refusal, mayHaveChanged: true)
            settlement.left -= 1
            if settlement.left == 0 { conclude(settlement, at: now) }
        }
    }

    /// Says what became of all that a client settles.
    mutating func conclude(_ settlement: SettleErrand, at now: TurnTime) {
        if let pull = settlement.pull {
            if let error = settlement.error { return refuse(pull, .work(error)) }
            if let ending = pull.ending { finish(pull, ending, at: now) }
            return
        }
        if let error = settlement.error { return refuse(settlement, .work(error)) }
        guard let caller = close(settlement) else { return }
        answers.append(DeskAnswer(caller, .response(SettleAnswer.response(settlement))))
    }

    private mutating func refuse(_ settlement: SettleErrand, _ error: GatewayError) {
        guard let caller = close(settlement) else { return }
        answers.append(DeskAnswer(caller, .problem(error)))
    }

    /// Lets go of it, and returns who waits for it.
    private mutating func close(_ settlement: SettleErrand) -> Exchange? {
        guard let caller = settlement.caller, !settlement.isGone else { return nil }
        settlement.isGone = true
        settlements[caller] = nil
        if let timer = settlement.timer { timers.cancel(timer) }
        settlement.timer = nil
        return caller
    }
}

extension PullDesk.Outgoing {
    fileprivate mutating func add(_ item: GroupSettle.Item, _ reference: SettleReference) {
        items.append(item)
        references.append(reference)
    }
}

extension GroupGrant.Lease {
    func release(of group: UInt32) -> GroupSettle.Item {
        GroupSettle.Item(
            group: group, partition: partition, generation: generation, runs: runs, .release)
    }
}
