package import Records

extension GroupShelf {
    /// Takes messages on lease; `supply` reaches from the partition's `cursor` on.
    package func pull(
        _ place: GroupPlace, _ terms: PullTerms, from supply: RecordSupply?, at now: GroupTime
    ) -> GrantOutcome {
        guard let group = groups[place.group], !group.isEnding,
            let work = group.partitions[place.partition]
        else { return .nothing(.log) }
        group.lastUse = now.boot
        let consumer = terms.holder.consumer
        if let pull = terms.pull, let grant = work.look({ $0.repeated(pull) }) {
            return .granted(grant)
        }
        var terms = terms
        terms.messagesMax = min(
            terms.messagesMax, group.allowance.free(for: consumer, group.settings, at: now.boot))
        let outcome = work.state.grant(terms, from: supply, at: now)
        if let grant = outcome.grant {
            group.allowance.take(grant.messages.count, for: consumer, group.settings)
        }
        touch(place, group, work, at: now)
        return outcome
    }

    /// Settles messages of a lease, each the same way.
    package func settle(
        _ place: GroupPlace, _ offsets: OffsetRanges, of generation: LeaseGeneration,
        _ settling: Settling, at now: GroupTime
    ) -> [SettleStatus] {
        change(place, at: now) { $0.settle(all: offsets, of: generation, settling, at: now) }
            ?? Array(repeating: .unknown, count: offsets.count)
    }

    /// Whoever was to get a lease has vanished, or never had it whole.
    package func release(
        _ place: GroupPlace, _ generation: LeaseGeneration, at now: GroupTime
    ) -> Int {
        change(place, at: now) { $0.release(generation) } ?? 0
    }

    package func seek(_ place: GroupPlace, to offset: Int, at now: GroupTime) {
        change(place, at: now) { $0.move(to: offset) }
    }

    package func startRedrive(_ place: GroupPlace, _ redrive: Redrive, at now: GroupTime) {
        change(place, at: now) { $0.startRedrive(redrive) }
    }

    /// Sends back the dead letters that may go now.
    package func sendLetters(_ place: GroupPlace, at now: GroupTime) {
        change(place, at: now) { $0.sendLetters(at: now) }
    }

    /// A partition has committed, visible records below `end`; returns who may want them.
    package func grew(_ partition: PartitionID, to end: Int) -> [GroupPlace] {
        var places: [GroupPlace] = []
        for (id, group) in groups {
            guard let work = group.partitions[partition] else { continue }
            work.state.grew(to: end)
            places.append(GroupPlace(group: id, partition: partition))
        }
        return places
    }

    /// Retention has moved the beginning of a partition.
    package func trim(_ partition: PartitionID, to offset: Int) {
        starts[partition] = max(offset, starts[partition] ?? 0)
        for (id, group) in groups {
            guard let work = group.partitions[partition] else { continue }
            work.state.trim(to: offset)
            noteDebt(of: GroupPlace(group: id, partition: partition))
        }
    }

    package func forget(topic: UInt32) {
        starts = starts.filter { $0.key.topic != topic }
        owing = owing.filter { $0.partition.topic != topic }
        for group in groups.values {
            for (partition, work) in group.partitions where partition.topic == topic {
                work.state.leases.endAll()
                group.takeFreed(work)
                group.partitions[partition] = nil
            }
        }
    }

    /// Decides something about a group in a partition, if it has begun there.
    @discardableResult
    func change<Result>(
        _ place: GroupPlace, at now: GroupTime, _ decide: (inout GroupPartition) -> Result
    ) -> Result? {
        guard let group = groups[place.group], let work = group.partitions[place.partition] else {
            return nil
        }
        let result = decide(&work.state)
        touch(place, group, work, at: now)
        return result
    }

    private func touch(
        _ place: GroupPlace, _ group: Group, _ work: PartitionWork, at now: GroupTime
    ) {
        group.takeFreed(work)
        touched.insert(place)
        watch(place, work, at: now)
    }
}
