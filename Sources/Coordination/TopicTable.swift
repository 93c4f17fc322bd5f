// All topics there are. Decisions are pure: a call and the table give an answer, and at most one record.
// Whoever keeps the records, in a log of this process or in another service, applies them in order.

import CommitLog
package import Wire

package struct TopicTable: Equatable, Sendable {
    package private(set) var topics: [String: Topic] = [:]
    /// Counts all topics there ever were, so that no id comes twice.
    package private(set) var nextID: UInt32 = 1

    /// The topics by their ids.
    private var ids: Set<UInt32> = []

    package init() {}

    package func has(_ id: UInt32) -> Bool { ids.contains(id) }

    init(topics: [Topic], nextID: UInt32) throws(LogError) {
        self.topics.reserveCapacity(topics.count)
        for topic in topics {
            guard topic.id < nextID, self.topics.updateValue(topic, forKey: topic.name) == nil
            else { throw .damaged(.checkpoint) }
            ids.insert(topic.id)
        }
        self.nextID = nextID
    }

    /// Does what a record says; the same records in the same order make the same table.
    package mutating func apply(_ record: CoordinatorRecord) {
        switch record {
        case .identity, .group, .groupDeleted, .secret: break
        case .put(let topic):
            if let old = topics.updateValue(topic, forKey: topic.name) { ids.remove(old.id) }
            ids.insert(topic.id)
            nextID = max(nextID, topic.id &+ 1)
        case .deleted(let id, let name):
            guard topics[name]?.id == id else { break }
            topics[name] = nil
            ids.remove(id)
        }
    }
}

extension TopicTable {
    /// Decides a call at a date; the table changes only when the record is applied.
    package func decide(
        _ call: CoordinatorCall, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        switch call {
        case .find(let name, let mayCreate):
            if let topic = topics[name] { return CoordinatorDecision(.found(topic)) }
            guard mayCreate else { return CoordinatorDecision(.refused(.noSuchTopic)) }
            return create(name, TopicChange(), rules, at: time)
        case .findForLetters(let name, let mayCreate):
            return findForLetters(name, mayCreate, rules, at: time)
        case .put(let name, let change):
            guard let topic = topics[name] else { return create(name, change, rules, at: time) }
            return self.change(topic, change, rules, at: time)
        case .delete(let name):
            guard let topic = topics[name] else {
                return CoordinatorDecision(.refused(.noSuchTopic))
            }
            return CoordinatorDecision(.deleted, .deleted(id: topic.id, name: name))
        case .group: preconditionFailure("the table of groups decides about them")
        }
    }

    /// Dead letters stay in their shard, so all of them need a partition; there are never less later.
    private func findForLetters(
        _ name: String, _ mayCreate: Bool, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        let needed = min(rules.shardCount, TopicDefaults.partitionsMax)
        guard let topic = topics[name] else {
            guard mayCreate else { return CoordinatorDecision(.refused(.noSuchTopic)) }
            var change = TopicChange()
            change.partitions = max(rules.defaults.settings.partitions, needed)
            return create(name, change, rules, at: time)
        }
        guard Set(topic.shards).count >= needed else {
            let count = topic.shards.count
            return CoordinatorDecision(
                .refused(.tooFewPartitions(current: count, needed: max(needed, count + 1))))
        }
        return CoordinatorDecision(.found(topic))
    }

    private func create(
        _ name: String, _ change: TopicChange, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        // A gateway has looked at the name; what is reserved is not there for it.
        guard TopicRules.isOpen(name) else { return CoordinatorDecision(.refused(.noSuchTopic)) }
        guard topics.count < rules.topicsMax, nextID < UInt32.max else {
            return CoordinatorDecision(.refused(.tooManyTopics(limit: rules.topicsMax)))
        }
        var topic = Topic(
            id: nextID, name: name, settings: rules.defaults.settings.changed(by: change),
            shards: [], createdAt: time)
        guard topic.settings.partitions >= 1 else {
            return CoordinatorDecision(.refused(.fewerPartitions(current: 1)))
        }
        topic.spread(over: rules.shardCount)
        return CoordinatorDecision(.created(topic), .put(topic))
    }

    private func change(
        _ topic: Topic, _ change: TopicChange, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        var changed = topic
        changed.settings = topic.settings.changed(by: change)
        guard changed.settings.partitions >= topic.settings.partitions else {
            return CoordinatorDecision(
                .refused(.fewerPartitions(current: topic.settings.partitions)))
        }
        changed.spread(over: rules.shardCount)
        if changed == topic { return CoordinatorDecision(.changed(topic)) }
        changed.noteGrowth(from: topic, at: time)
        return CoordinatorDecision(.changed(changed), .put(changed))
    }
}

extension TopicSettings {
    /// These settings with what a change says; what it leaves out stays.
    func changed(by change: TopicChange) -> TopicSettings {
        var settings = self
        // Gateways have refused what is more.
        if let count = change.partitions {
            settings.partitions = min(count, TopicDefaults.partitionsMax)
        }
        if let retention = change.retention { settings.retention = retention }
        if let bytes = change.retentionBytes { settings.retentionBytes = bytes }
        if let size = change.messageSizeMax { settings.messageSizeMax = size }
        if let durability = change.durability { settings.durability = durability }
        if let compression = change.compression { settings.compression = compression }
        if let window = change.dedupWindow { settings.dedupWindow = window }
        if let backlog = change.backlogMax { settings.backlogMax = backlog }
        return settings.withoutNegatives
    }

    /// A gateway has refused them; the log has no place for them.
    private var withoutNegatives: TopicSettings {
        var settings = self
        settings.retention = retention.map { max(0, $0) }
        settings.retentionBytes = retentionBytes.map { max(0, $0) }
        settings.backlogMax = backlogMax.map { max(0, $0) }
        settings.messageSizeMax = max(0, messageSizeMax)
        settings.dedupWindow = max(0, dedupWindow)
        return settings
    }
}

extension Topic {
    /// Keeps what it grew from for as long as anybody may ask.
    fileprivate mutating func noteGrowth(from old: Topic, at time: Int) {
        growths.removeAll { $0.at + Int(TopicRules.growthAgeMax) < time }
        guard shards.count > old.shards.count else { return }
        if growths.count == TopicRules.growthsMax { growths.removeFirst() }
        growths.append(TopicGrowth(partitions: old.shards.count, at: time))
    }

    /// Gives each new partition a shard, one after another; the first one's moves on with the ids, so
    /// that topics of few partitions spread as well.
    fileprivate mutating func spread(over shardCount: Int) {
        for partition in shards.count..<max(shards.count, settings.partitions) {
            shards.append(UInt16((Int(id) + partition) % shardCount))
        }
    }
}
