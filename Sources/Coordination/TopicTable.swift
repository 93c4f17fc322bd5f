// All topics there are. Decisions are pure: a call and the table give an answer, and at most one record.
// Whoever keeps the records, in a log of this process or in another service, applies them in order.

import CommitLog
package import Wire

package struct TopicTable: Equatable, Sendable {
    package private(set) var topics: [String: Topic] = [:]
    /// Counts all topics there ever were, so that no id comes twice.
    package private(set) var nextID: UInt32 = 1

    package init() {}

    init(topics: [Topic], nextID: UInt32) throws(LogError) {
        self.topics.reserveCapacity(topics.count)
        for topic in topics {
            guard topic.id < nextID, self.topics.updateValue(topic, forKey: topic.name) == nil
            else { throw .damaged(.checkpoint) }
        }
        self.nextID = nextID
    }

    /// Does what a record says; the same records in the same order make the same table.
    package mutating func apply(_ record: TopicRecord) {
        switch record {
        case .identity: break
        case .put(let topic):
            topics[topic.name] = topic
            nextID = max(nextID, topic.id &+ 1)
        case .deleted(let id, let name):
            if topics[name]?.id == id { topics[name] = nil }
        }
    }
}

/// What comes of a call: the answer, once the record is safe, if there is one.
package struct TopicDecision: Equatable, Sendable {
    package let answer: CoordinatorAnswer
    package let record: TopicRecord?

    init(_ answer: CoordinatorAnswer, _ record: TopicRecord? = nil) {
        self.answer = answer
        self.record = record
    }
}

extension TopicTable {
    /// Decides a call at a date; the table changes only when the record is applied.
    package func decide(
        _ call: CoordinatorCall, _ rules: TopicRules, at time: Int
    ) -> TopicDecision {
        switch call {
        case .find(let name, let mayCreate):
            if let topic = topics[name] { return TopicDecision(.found(topic)) }
            guard mayCreate else { return TopicDecision(.refused(.noSuchTopic)) }
            return create(name, TopicChange(), rules, at: time)
        case .put(let name, let change):
            guard let topic = topics[name] else { return create(name, change, rules, at: time) }
            return self.change(topic, change, rules, at: time)
        case .delete(let name):
            guard let topic = topics[name] else { return TopicDecision(.refused(.noSuchTopic)) }
            return TopicDecision(.deleted, .deleted(id: topic.id, name: name))
        }
    }

    private func create(
        _ name: String, _ change: TopicChange, _ rules: TopicRules, at time: Int
    ) -> TopicDecision {
        // A gateway has looked at the name; what is reserved is not there for it.
        guard Self.isOpen(name) else { return TopicDecision(.refused(.noSuchTopic)) }
        guard topics.count < rules.topicsMax, nextID < UInt32.max else {
            return TopicDecision(.refused(.tooManyTopics(limit: rules.topicsMax)))
        }
        var topic = Topic(
            id: nextID, name: name, settings: rules.defaults.settings.changed(by: change),
            shards: [], createdAt: time)
        guard topic.settings.partitions >= 1 else {
            return TopicDecision(.refused(.fewerPartitions(current: 1)))
        }
        topic.spread(over: rules.shardCount)
        return TopicDecision(.created(topic), .put(topic))
    }

    private func change(
        _ topic: Topic, _ change: TopicChange, _ rules: TopicRules, at time: Int
    ) -> TopicDecision {
        var changed = topic
        changed.settings = topic.settings.changed(by: change)
        guard changed.settings.partitions >= topic.settings.partitions else {
            return TopicDecision(.refused(.fewerPartitions(current: topic.settings.partitions)))
        }
        changed.spread(over: rules.shardCount)
        if changed == topic { return TopicDecision(.changed(topic)) }
        changed.noteGrowth(from: topic, at: time)
        return TopicDecision(.changed(changed), .put(changed))
    }

    private static func isOpen(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= TopicRules.nameSizeMax else {
            return false
        }
        return first != UInt8(ascii: "_") && first != UInt8(ascii: ".")
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
