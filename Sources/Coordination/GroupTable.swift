// All groups there are, and the topics they work on. Decisions are pure, as those about topics.

import CommitLog
package import Wire

package struct GroupTable: Equatable, Sendable {
    package private(set) var groups: [String: GroupDefinition] = [:]
    /// Counts all groups there ever were, so that no id comes twice.
    package private(set) var nextID: UInt32 = 1

    package init() {}

    init(groups: [GroupDefinition], nextID: UInt32) throws(LogError) {
        self.groups.reserveCapacity(groups.count)
        for group in groups {
            guard group.id < nextID, self.groups.updateValue(group, forKey: group.name) == nil
            else { throw .damaged(.checkpoint) }
        }
        self.nextID = nextID
    }

    /// Does what a record says; the same records in the same order make the same table.
    package mutating func apply(_ record: CoordinatorRecord) {
        switch record {
        case .identity, .put, .secret: break
        case .group(let group):
            groups[group.name] = group
            nextID = max(nextID, group.id &+ 1)
        case .groupDeleted(let id, let name):
            if groups[name]?.id == id { groups[name] = nil }
        case .deleted(let topic, _): detach(topic)
        }
    }

    private mutating func detach(_ topic: UInt32) {
        for (name, group) in groups where group.attachment(to: topic) != nil {
            groups[name]?.attachments.removeAll { $0.topic == topic }
        }
    }
}

extension GroupTable {
    /// Decides a call at a date; the table changes only when the record is applied.
    func decide(
        _ call: GroupTableCall, among topics: TopicTable, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        switch call {
        case .find(let name):
            guard let group = groups[name] else {
                return CoordinatorDecision(.refused(.noSuchGroup))
            }
            return CoordinatorDecision(.group(.found(group)))
        case .put(let name, let edit):
            guard let group = groups[name] else { return create(name, edit, rules, at: time) }
            var changed = group
            changed.options = group.options.changed(by: edit)
            if changed == group { return CoordinatorDecision(.group(.changed(group))) }
            return CoordinatorDecision(.group(.changed(changed)), .group(changed))
        case .delete(let name):
            guard let group = groups[name] else {
                return CoordinatorDecision(.refused(.noSuchGroup))
            }
            return CoordinatorDecision(.group(.deleted), .groupDeleted(id: group.id, name: name))
        case .retire(let known): return retire(known)
        case .attach(let name, let ids, let mayCreate):
            return attach(ids, to: name, mayCreate, among: topics, rules, at: time)
        }
    }

    /// Somebody who has pulled from a topic since, or has changed the lifetime, needs the group.
    private func retire(_ known: GroupDefinition) -> CoordinatorDecision {
        guard let group = groups[known.name], group.id == known.id else {
            return CoordinatorDecision(.refused(.noSuchGroup))
        }
        let isSame =
            group.options.lifetime == known.options.lifetime
            && group.attachments.allSatisfy { known.attachments.contains($0) }
        guard isSame, group.options.lifetime != nil else {
            return CoordinatorDecision(.group(.found(group)))
        }
        return CoordinatorDecision(
            .group(.deleted), .groupDeleted(id: group.id, name: group.name))
    }

    private func create(
        _ name: String, _ edit: GroupEdit, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        do throws(CoordinatorRefusal) {
            let group = try new(name, edit, rules, at: time)
            return CoordinatorDecision(.group(.created(group)), .group(group))
        } catch {
            return CoordinatorDecision(.refused(error))
        }
    }

    private func new(
        _ name: String, _ edit: GroupEdit, _ rules: TopicRules, at time: Int
    ) throws(CoordinatorRefusal) -> GroupDefinition {
        // A gateway has looked at the name; what is reserved is not there for it.
        guard TopicRules.isOpen(name) else { throw .noSuchGroup }
        guard groups.count < rules.groupsMax, nextID < UInt32.max else {
            throw .tooManyGroups(limit: rules.groupsMax)
        }
        return GroupDefinition(
            id: nextID, name: name, options: GroupOptions().changed(by: edit), createdAt: time)
    }

    private func attach(
        _ ids: [UInt32], to name: String, _ mayCreate: Bool, among topics: TopicTable,
        _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        do throws(CoordinatorRefusal) {
            let known = groups[name]
            guard known != nil || mayCreate else { throw .noSuchGroup }
            var group =
                if let known { known } else { try new(name, GroupEdit(), rules, at: time) }
            for id in ids {
                guard topics.has(id) else { throw .noSuchTopic }
                if group.attachment(to: id) != nil { continue }
                let start = group.options.start.inTopic(id)
                group.attachments.append(GroupAttachment(topic: id, since: time, start: start))
            }
            guard group.attachments.count <= GroupRules.attachmentsMax else {
                throw .tooManyAttachments(limit: GroupRules.attachmentsMax)
            }
            if group == known { return CoordinatorDecision(.group(.found(group))) }
            let answer: GroupTableAnswer = known == nil ? .created(group) : .changed(group)
            return CoordinatorDecision(.group(answer), .group(group))
        } catch {
            return CoordinatorDecision(.refused(error))
        }
    }
}

extension GroupStart {
    /// What this means in one topic: a cursor of another one says nothing about it.
    fileprivate func inTopic(_ topic: UInt32) -> GroupStart {
        if case .cursor(let cursor) = self, cursor.topic != topic { return .earliest }
        return self
    }
}

extension GroupOptions {
    /// These settings with what an edit says; what it leaves out stays.
    func changed(by edit: GroupEdit) -> GroupOptions {
        var options = self
        if let start = edit.start { options.start = start }
        if let lease = edit.lease { options.lease = max(0, lease) }
        if let attempts = edit.attemptsMax {
            options.attemptsMax = min(max(1, attempts), GroupRules.attemptsMax)
        }
        if let backoff = edit.backoff {
            options.backoff = backoff.prefix(GroupRules.pausesMax).map { max(0, $0) }
        }
        if let ordering = edit.ordering { options.ordering = ordering }
        if let onDead = edit.onDead { options.onDead = onDead }
        if let expired = edit.expired { options.expired = expired }
        if let topic = edit.deadLetterTopic {
            options.deadLetterTopic = topic.flatMap { TopicRules.isOpen($0) ? $0 : nil }
        }
        if let bound = edit.inFlightMax { options.inFlightMax = bound.map { max(0, $0) } }
        if let bound = edit.inFlightPerConsumerMax {
            options.inFlightPerConsumerMax = bound.map { max(0, $0) }
        }
        if let filter = edit.filter, filter.utf8.count <= GroupRules.filterSizeMax {
            options.filter = filter
        }
        if let rate = edit.rate { options.rate = rate.map { max(0, $0) } }
        if let lifetime = edit.lifetime { options.lifetime = lifetime.map { max(0, $0) } }
        return options
    }
}
