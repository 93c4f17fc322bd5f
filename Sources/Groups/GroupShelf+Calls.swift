package import Records

extension GroupShelf {
    /// Takes messages on lease; `supply` reaches from the partition's `cursor` on.
    package mutating func pull(
        _ place: GroupPlace, _ terms: PullTerms, from supply: RecordSupply?, at now: GroupTime
    ) -> GrantOutcome {
        guard let settings = groups[place.group]?.settings, hasBegun(place),
            groups[place.group]?.isEnding == false
        else { return .nothing(.log) }
        groups[place.group]?.lastUse = now.boot
        let consumer = terms.holder.consumer
        if let pull = terms.pull, let grant = self[place]?.repeated(pull) { return .granted(grant) }
        let free = groups[place.group]?.allowance.free(for: consumer, settings, at: now.boot) ?? 0
        var terms = terms
        terms.messagesMax = min(terms.messagesMax, free)
        let outcome =
            groups[place.group]?.partitions[place.partition]?
            .grant(terms, from: supply, at: now) ?? .nothing(.log)
        groups[place.group]?.allowance
            .take(outcome.grant?.messages.count ?? 0, for: consumer, settings)
        touch(place, at: now)
        return outcome
    }

    /// Settles messages of a lease, each the same way.
    package mutating func settle(
        _ place: GroupPlace, _ offsets: OffsetRanges, of generation: LeaseGeneration,
        _ settling: Settling, at now: GroupTime
    ) -> [SettleStatus] {
        let statuses = groups[place.group]?.partitions[place.partition]?
            .settle(all: offsets, of: generation, settling, at: now)
        touch(place, at: now)
        return statuses ?? Array(repeating: .unknown, count: offsets.count)
    }

    /// Whoever was to get a lease has vanished, or never had it whole.
    package mutating func release(
        _ place: GroupPlace, _ generation: LeaseGeneration, at now: GroupTime
    ) -> Int {
        let count =
            groups[place.group]?.partitions[place.partition]?.release(generation) ?? 0
        touch(place, at: now)
        return count
    }

    package mutating func seek(_ place: GroupPlace, to offset: Int, at now: GroupTime) {
        groups[place.group]?.partitions[place.partition]?.move(to: offset)
        touch(place, at: now)
    }

    package mutating func startRedrive(_ place: GroupPlace, _ redrive: Redrive, at now: GroupTime) {
        groups[place.group]?.partitions[place.partition]?.startRedrive(redrive)
        touch(place, at: now)
    }

    /// Sends back the dead letters that may go now.
    package mutating func sendLetters(_ place: GroupPlace, at now: GroupTime) {
        groups[place.group]?.partitions[place.partition]?.sendLetters(at: now)
        touch(place, at: now)
    }

    /// A partition has committed, visible records below `end`; returns who may want them.
    package mutating func grew(_ partition: PartitionID, to end: Int) -> [GroupPlace] {
        var places: [GroupPlace] = []
        for id in groups.keys where groups[id]?.partitions[partition] != nil {
            groups[id]?.partitions[partition]?.grew(to: end)
            places.append(GroupPlace(group: id, partition: partition))
        }
        return places
    }

    /// Retention has moved the beginning of a partition.
    package mutating func trim(_ partition: PartitionID, to offset: Int) {
        starts[partition] = max(offset, starts[partition] ?? 0)
        for id in groups.keys where groups[id]?.partitions[partition] != nil {
            groups[id]?.partitions[partition]?.trim(to: offset)
            noteDebt(of: GroupPlace(group: id, partition: partition))
        }
    }

    package mutating func forget(topic: UInt32) {
        starts = starts.filter { $0.key.topic != topic }
        owing = owing.filter { $0.partition.topic != topic }
        for id in groups.keys {
            for partition in (groups[id]?.partitions ?? [:]).keys where partition.topic == topic {
                groups[id]?.partitions[partition]?.leases.endAll()
                groups[id]?.takeFreed(partition)
                groups[id]?.partitions[partition] = nil
            }
        }
    }

    mutating func touch(_ place: GroupPlace, at now: GroupTime) {
        groups[place.group]?.takeFreed(place.partition)
        touched.insert(place)
        watch(place, at: now)
    }
}
