// Groups in a shard: calls come in here. What they decide goes into the log at the end of the turn
// (Shard+GroupsLog.swift), and whoever called hears of it when that is committed.

import CommitLog
import Groups
import Records
import Wire

extension Shard {
    var groupTime: GroupTime { GroupTime(log: time.now, boot: now.boot) }

    func take(_ call: GroupCall, _ ticket: UInt64, _ caller: Caller) {
        do throws(GroupTrouble) {
            if isReadOnly { throw .shard(.readOnly) }
            switch call {
            case .pull(let pull): try take(pull, ticket, caller)
            case .watch(let watch): try take(watch, ticket, caller)
            case .settle(let settle):
                try checkRoom(for: settle.items)
                wait(.settled(self.settle(settle.items)), ticket, caller)
            case .seek(let seek): try take(seek, ticket, caller)
            case .redrive(let redrive): try take(redrive, ticket, caller)
            case .letters(let call): answer(caller, ticket, .group(.letters(try letters(call))))
            case .describe(let group, let partitions):
                let statuses = try describe(group, partitions)
                answer(caller, ticket, .group(.described(statuses)))
            case .usage(let group): answer(caller, ticket, .group(.usage(try usage(of: group))))
            }
        } catch {
            answer(caller, ticket, error.answer)
        }
    }

    /// Has a call wait until all that was decided so far is committed.
    func wait(_ sequel: GroupWork.Sequel, _ ticket: UInt64, _ caller: Caller) {
        groups.fresh.append(GroupWork.Waiting(caller: caller, ticket: ticket, sequel: sequel))
    }

    /// Finds a group in a partition of this shard; it may have yet to begin there.
    func place(
        _ group: UInt32, _ partition: PartitionID
    ) throws(GroupTrouble) -> GroupPlace {
        let place = GroupPlace(group: group, partition: partition)
        if !groups.served.contains(place) {
            try check(group, partition)
            groups.served.insert(place)
        }
        groups.shelf.grew(place, to: state.partitions[partition]?.end ?? 0)
        return place
    }

    private func check(_ group: UInt32, _ partition: PartitionID) throws(GroupTrouble) {
        guard let definition = groups.definitions[group] else { throw .group(.noSuchGroup) }
        guard let topic = topics[partition.topic] else { throw .shard(.noSuchTopic) }
        guard partition.partition < topic.shards.count,
            topic.shards[Int(partition.partition)] == number
        else { throw .group(.noSuchPartition) }
        guard definition.attachment(to: partition.topic) != nil else {
            throw .group(.notAttached)
        }
    }

    func places(
        _ group: UInt32, _ partitions: [PartitionID]
    ) throws(GroupTrouble) -> [GroupPlace] {
        guard partitions.count <= limits.partsMax, groups.waitingCount < limits.groupCallsMax
        else { throw .shard(.overloaded) }
        var places: [GroupPlace] = []
        for partition in partitions { places.append(try place(group, partition)) }
        return places
    }

    /// Whether what is under way has to be committed first: a beginning, or a seek.
    func hasToWait(for places: [GroupPlace]) -> Bool {
        groups.isUnderWay
            && places.contains {
                !groups.shelf.hasBegun($0) || groups.shelf.isMoving($0)
            }
    }
}

// MARK: What an operator does
extension Shard {
    func take(
        _ seek: GroupSeek, _ ticket: UInt64, _ caller: Caller
    ) throws(GroupTrouble) {
        let places = try places(seek.group, seek.parts.map(\.partition))
        if hasToWait(for: places) { return wait(.seek(seek), ticket, caller) }
        var offsets: [Int] = []
        for (place, part) in zip(places, seek.parts) {
            offsets.append(try offset(of: part.target, in: place.partition))
        }
        for (place, offset) in zip(places, offsets) {
            groups.shelf.seek(place, to: offset, at: groupTime)
        }
        wait(.moved(offsets), ticket, caller)
    }

    private func offset(
        of target: GroupSeek.Target, in partition: PartitionID
    ) throws(GroupTrouble) -> Int {
        let kept = state.partitions[partition] ?? PartitionState()
        switch target {
        case .earliest: return kept.start
        case .latest: return kept.end
        case .offset(let offset): return min(max(offset, kept.start), kept.end)
        case .time(let time):
            do throws(ShardRefusal) {
                return try locate(partition, since: time)
            } catch {
                throw .shard(error)
            }
        }
    }

    private func take(
        _ redrive: GroupRedrive, _ ticket: UInt64, _ caller: Caller
    ) throws(GroupTrouble) {
        let places = try places(redrive.group, redrive.partitions)
        let terms = Redrive(
            left: redrive.max.map { max($0, 0) }, rate: redrive.rate.map { max($0, 1) })
        var counts: [Int] = []
        for place in places {
            let there = groups.shelf.letterCount(of: place)
            counts.append(min(there, terms.left ?? there))
            groups.shelf.startRedrive(place, terms, at: groupTime)
            groups.redriving.insert(place)
        }
        wait(.redriving(counts), ticket, caller)
    }

    private func describe(
        _ group: UInt32, _ partitions: [PartitionID]
    ) throws(GroupTrouble) -> [GroupStatus] {
        try places(group, partitions).map { place in
            let kept = state.partitions[place.partition] ?? PartitionState()
            guard let picture = groups.shelf[place]?.picture else {
                return GroupStatus(
                    committed: kept.start, end: kept.end, lag: 0, inFlight: 0, retrying: 0,
                    dead: 0)
            }
            return GroupStatus(
                committed: picture.committed, end: kept.end, lag: picture.lag,
                inFlight: picture.inFlight, retrying: picture.retrying, dead: picture.dead,
                oldestAge: age(of: picture.committed, in: place.partition),
                lastConsumer: picture.last?.consumer.named,
                lastAddress: picture.last?.address.named)
        }
    }

    /// Whoever waits for messages, or for what its pull settles, uses the group.
    private func usage(of group: UInt32) throws(GroupTrouble) -> GroupUsage {
        guard groups.definitions[group] != nil else { throw .group(.noSuchGroup) }
        let isUsed = groups.watches.isAwaited(group) || groups.isPulled(group)
        let lastUse = isUsed ? now.boot : groups.shelf.lastUse(of: group) ?? now.boot
        return GroupUsage(
            idle: now.boot - lastUse, inFlight: groups.shelf.inFlight(of: group))
    }

    /// How long ago a record was stored, if it is there.
    private func age(of offset: Int, in partition: PartitionID) -> Int? {
        guard let kept = state.partitions[partition], offset < kept.end else { return nil }
        do throws(ShardRefusal) {
            let found = try entries(of: partition, from: max(offset, kept.start)).first
            return found.map { max(0, time.now - $0.entry.maxTime) }
        } catch {
            return nil
        }
    }
}

extension String {
    /// Nothing where nobody gave a label.
    fileprivate var named: String? { isEmpty ? nil : self }
}
