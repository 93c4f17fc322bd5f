// Control records: what the shard itself says in its log.

import CommitLog
import Delivery
import Records
import Wire

extension Shard {
    /// Puts a control record into the log; what finds no room is tried again by whoever wants it.
    func append(
        _ type: EntryType, _ partition: PartitionID, offset: Int = 0, count: UInt32 = 0
    ) -> Bool {
        if isReadOnly || isPoisoned { return false }
        let head = EntryHead(
            type: type.rawValue, flags: 0, partition: partition, baseOffset: offset, count: count)
        do throws(LogError) {
            try log.append(head, body: [])
            return true
        } catch {
            return false
        }
    }

    /// Says in the log which topics are gone.
    func sayGone() {
        for topic in goneTopics.sorted()
        where append(.topicGone, PartitionID(topic: topic, partition: 0)) {
            goneTopics.remove(topic)
        }
    }

    /// Lets partitions begin later, by the rules of their topics; sets when to look again.
    func begin() {
        var next: Int?
        var begins: [(PartitionID, Int)] = []
        for (partition, kept) in state.partitions where !kept.runs.isEmpty {
            guard let topic = topics[partition.topic] else { continue }
            let rule = topic.retentionRule
            let begin = Retention.begin(
                of: kept.runs.lazy.map(\.run), holding: kept.bytes, rule, now: time.now)
            if let begin { begins.append((partition, begin)) }
            guard let ageMax = rule.ageMax else { continue }
            let oldest = kept.runs.first { $0.run.endOffset > begin ?? 0 }
            guard let oldest else { continue }
            // A rule may be longer than anybody lives.
            let left = oldest.run.maxTime.addingReportingOverflow(ageMax)
            if !left.overflow { next = min(next ?? .max, left.partialValue + 1 - time.now) }
        }
        for (partition, offset) in begins.sorted(by: { $0.0 < $1.0 }) {
            if !begin(partition, at: offset) { next = 0 }
        }
        pace.nextBegin = next.map { now.boot + max($0, limits.retentionPause) }
    }

    /// Says in the log where a partition begins; false if there was no room.
    private func begin(_ partition: PartitionID, at offset: Int) -> Bool {
        guard offset > appended[partition]?.begin ?? 0 else { return true }
        guard append(.begin, partition, offset: offset) else { return false }
        var next = appended[partition] ?? Appended(end: end(of: partition))
        next.begin = offset
        appended[partition] = next
        return true
    }
}

extension Topic {
    /// What each of its partitions may keep.
    fileprivate var retentionRule: RetentionRule {
        let share = max(shards.count, 1)
        return RetentionRule(
            ageMax: settings.retention,
            bytesMax: settings.retentionBytes.map { ($0 + share - 1) / share })
    }
}
