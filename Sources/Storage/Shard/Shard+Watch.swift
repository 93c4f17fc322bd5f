import CommitLog
import Delivery
import Groups
import Records
package import Wire

extension Shard {
    func take(_ watch: Watch, _ ticket: UInt64, _ caller: Caller) throws(ShardRefusal) {
        guard watch.parts.count <= limits.partsMax,
            watches.count + max(watch.parts.count, 1) <= limits.watchCountMax
        else { throw .overloaded }
        var isNews = false
        for part in watch.parts {
            _ = try topic(of: part.partition)
            if state.partitions[part.partition]?.end ?? 0 > part.offset { isNews = true }
        }
        if isNews { return answer(caller, ticket, .news) }
        watches.add(watch, key: WatchList.Key(caller: caller, ticket: ticket))
    }

    /// Takes over what the coordinator says of a topic.
    package func hear(_ news: TopicNews, at now: ShardTime) {
        advance(to: now)
        switch news {
        case .put(let topic):
            topics[topic.id] = topic
            topicNumbers[topic.name] = topic.id
            state.dedup.set(
                window: topic.settings.dedupWindow, of: topic.id, now: time.now)
            alignGroups(with: topic.id)
        case .deleted(let id, _): delete(id)
        }
        pace.nextBegin = min(pace.nextBegin ?? .max, now.boot + limits.retentionPause)
    }

    /// Notes that the coordinator has told all there is: what it has not named is gone.
    package func heardAll(at now: ShardTime) {
        advance(to: now)
        let kept = state.partitions.keys.map(\.topic) + state.held.records.keys.map(\.topic)
        for id in Set(kept).sorted() where topics[id] == nil { delete(id) }
        endUnknownGroups()
    }

    private func hasSomething(of topic: UInt32) -> Bool {
        state.partitions.keys.contains { $0.topic == topic }
            || state.held.records.keys.contains { $0.topic == topic }
            || appended.keys.contains { $0.topic == topic }
    }

    private func delete(_ id: UInt32) {
        if let gone = topics.removeValue(forKey: id), topicNumbers[gone.name] == id {
            topicNumbers[gone.name] = nil
            alignGroups(withLettersIn: gone.name)
        }
        recalledCounts[id] = nil
        for key in watches.wakeAll(topic: id) { answer(key.caller, key.ticket, .news) }
        endWatches(of: id)
        guard hasSomething(of: id) || groups.begun.contains(where: { $0.partition.topic == id })
        else { return }
        goneTopics.insert(id)
        leavingTopics.insert(id)
        sayGone()
    }
}
