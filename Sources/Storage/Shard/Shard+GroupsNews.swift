// What the coordinator says of groups becomes entries: what a group is set to, and where it begins.

import CommitLog
import Groups
import Records
package import Wire

extension Shard {
    /// Takes over what the coordinator says of a group; of its topics it has spoken before.
    package func hear(_ news: GroupNews, at now: ShardTime) {
        advance(to: now)
        switch news {
        case .put(let definition):
            groups.definitions[definition.id] = definition
            groups.filters[definition.id] = nil
            align(definition)
        case .deleted(let id, _): end(group: id)
        }
    }

    /// A topic is there, or has more partitions.
    func alignGroups(with topic: UInt32) {
        let name = topics[topic]?.name
        let concerned = groups.definitions.values.filter {
            $0.attachment(to: topic) != nil || $0.options.deadLetterTopic == name && name != nil
        }
        for definition in concerned.sorted(by: { $0.id < $1.id }) { align(definition) }
    }

    /// A topic of dead letters is gone.
    func alignGroups(withLettersIn name: String) {
        let concerned = groups.definitions.values.filter { $0.options.deadLetterTopic == name }
        for definition in concerned.sorted(by: { $0.id < $1.id }) { align(definition) }
    }

    /// A topic is gone: whoever waits for its messages hears so.
    func endWatches(of topic: UInt32) {
        for key in groups.watches.removeAll(topic: topic) {
            answer(key.caller, key.ticket, .group(.news))
        }
    }

    /// Ends groups that the coordinator has not named.
    func endUnknownGroups() {
        for id in groups.settings.keys.sorted() where groups.definitions[id] == nil {
            end(group: id)
        }
    }

    private func end(group: UInt32) {
        groups.definitions[group] = nil
        for key in groups.watches.removeAll(group: group) {
            answer(key.caller, key.ticket, .group(.news))
        }
        guard !isReadOnly, groups.settings[group] != nil else { return }
        groups.forget(group)
        groups.shelf.end(group)
    }

    /// Has the log say what the group is, where that is something else than it said last.
    private func align(_ definition: GroupDefinition) {
        let places = places(of: definition)
        // A group that has nothing here needs not be known here.
        guard !isReadOnly, !places.isEmpty || groups.settings[definition.id] != nil else { return }
        var settings = GroupSettings(definition.options, part: part(of: definition))
        if definition.options.deadLetterTopic != nil {
            settings.deadLetterTopic =
                deadLetterTopic(of: definition)?.id ?? GroupSettings.lostTopic
        }
        if groups.settings[definition.id] != settings {
            groups.settings[definition.id] = settings
            groups.shelf.set(settings, of: definition.id)
        }
        for (place, begin) in places where groups.begun.insert(place).inserted {
            groups.shelf.begin(place, at: offset(of: begin, in: place.partition))
        }
    }

    /// Where the group works in this shard, and where it begins there.
    private func places(
        of definition: GroupDefinition
    ) -> [(place: GroupPlace, begin: GroupBegin)] {
        var places: [(GroupPlace, GroupBegin)] = []
        for attachment in definition.attachments {
            guard let topic = topics[attachment.topic] else { continue }
            for (number, shard) in topic.shards.enumerated() where shard == self.number {
                let partition = PartitionID(topic: topic.id, partition: UInt32(number))
                let place = GroupPlace(group: definition.id, partition: partition)
                places.append((place, attachment.begin(in: UInt32(number))))
            }
        }
        return places
    }

    /// The part of this shard in the bounds of the group.
    private func part(of definition: GroupDefinition) -> GroupPart {
        var shards: Set<UInt16> = []
        for attachment in definition.attachments {
            shards.formUnion(topics[attachment.topic]?.shards ?? [])
        }
        return GroupPart(number: shards.count { $0 < number }, count: max(shards.count, 1))
    }

    private func offset(of begin: GroupBegin, in partition: PartitionID) -> Int {
        let kept = state.partitions[partition] ?? PartitionState()
        switch begin {
        case .earliest: return kept.start
        case .latest(let since): return offset(since: since, in: partition, kept)
        case .time(let time): return offset(since: time, in: partition, kept)
        case .offset(let offset): return min(max(offset, kept.start), kept.end)
        }
    }

    /// Where that is lost, all that is kept.
    private func offset(since time: Int, in partition: PartitionID, _ kept: PartitionState) -> Int {
        do throws(ShardRefusal) {
            return try locate(partition, since: time)
        } catch {
            return kept.start
        }
    }
}

/// One of the shards among which the bounds of a group are divided.
struct GroupPart: Equatable {
    /// The first is 0.
    let number: Int
    let count: Int

    /// All parts come to the bound, but for one that is too small: each may give out something.
    func share(of bound: Int) -> Int {
        max(bound / count + (number < bound % count ? 1 : 0), min(bound, 1))
    }
}

extension GroupSettings {
    /// What one shard has of what a group is set to.
    init(_ options: GroupOptions, part: GroupPart) {
        self.init()
        lease = options.lease
        attemptsMax = options.attemptsMax
        backoff = options.backoff
        ordering =
            switch options.ordering {
            case .none: .none
            case .key: .key
            case .partition: .partition
            }
        onDead =
            switch options.onDead {
            case .skip: .skip
            case .block: .block
            }
        keepsExpired = options.expired == .deadLetter
        inFlightMax = options.inFlightMax.map(part.share(of:))
        inFlightPerConsumerMax = options.inFlightPerConsumerMax.map(part.share(of:))
        rateThousandths = options.rate.map { part.share(of: min($0, 1 << 40) * 1_000) }
        filter = Array(options.filter.utf8)
        lifetime = options.lifetime
    }
}
