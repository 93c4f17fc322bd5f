// What was published before is not stored again: a key is looked up among those that are stored, and
// among those that are on their way there.

import CommitLog
import Delivery
import Records
import Wire

/// A record of a call that has a key.
struct StatedKey {
    let part: Int
    let topic: UInt32
    let key: DedupKey

    var pending: PendingKeys.Key { PendingKeys.Key(topic: topic, hash: key.hash) }
}

/// A repeat of something that is not committed yet.
struct WaitingRepeat {
    let caller: Caller
    let ticket: UInt64
    let keys: [StatedKey]
    /// The number of the last publish that it repeats.
    let original: Int
}

extension Shard {
    /// The keys of a call that count, as its topics are set.
    func keys(of publish: Publish, _ batches: [CheckedBatch]) -> [StatedKey] {
        var keys: [StatedKey] = []
        for (part, batch) in batches.enumerated() where !batch.keys.isEmpty {
            let topic = publish.parts[part].partition.topic
            guard topics[topic]?.settings.dedupWindow ?? 0 > 0 else { continue }
            keys += batch.keys.map { StatedKey(part: part, topic: topic, key: $0) }
        }
        return keys
    }

    /// Says what is known of the keys of a publish that belongs elsewhere by now.
    ///
    /// What comes later and was still placed by fewer partitions would be stored beside its repeat.
    func recall(
        _ publish: Publish, _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) {
        guard publish.parts.count <= limits.partsMax else { throw .overloaded }
        var batches: [CheckedBatch] = []
        for part in publish.parts {
            batches.append(try CheckedBatch(part.batch))
            let topic = part.partition.topic
            guard topics[topic] != nil else { throw .noSuchTopic }
            let count = max(recalledCounts[topic] ?? 0, publish.partitionCount ?? 0)
            recalledCounts[topic] = count
        }
        if try !isRepeat(keys(of: publish, batches), ticket, caller) {
            answer(caller, ticket, .repeated([]))
        }
    }

    /// Refuses keys that were placed by fewer partitions than somebody who asked for them knew.
    func checkCount(_ publish: Publish) throws(ShardRefusal) {
        guard let count = publish.partitionCount, !recalledCounts.isEmpty else { return }
        for part in publish.parts where count < recalledCounts[part.partition.topic] ?? 0 {
            throw .outdated
        }
    }

    /// Whether something of a call came before; then it is answered, now or once that is committed.
    func isRepeat(
        _ keys: [StatedKey], _ ticket: UInt64, _ caller: Caller
    ) throws(ShardRefusal) -> Bool {
        // Which of two in one call is the first is for the gateway to say.
        guard Set(keys.map { $0.pending }).count == keys.count else { throw .badBatch }
        // What becomes of a part that waits for a decision, and where it goes, nobody knows yet.
        if keys.contains(where: isUndecided) { throw .overloaded }
        if let original = keys.compactMap({ pendingKeys.publish(of: $0.pending) }).max() {
            guard repeats.count < limits.repeatsMax else { throw .overloaded }
            let waiting = WaitingRepeat(
                caller: caller, ticket: ticket, keys: keys, original: original)
            repeats.append(waiting)
            return true
        }
        let known = known(keys)
        guard !known.isEmpty else { return false }
        counts.repeats += 1
        answer(caller, ticket, .repeated(known))
        return true
    }

    private func isUndecided(_ stated: StatedKey) -> Bool {
        acts.hasKey(stated.pending) || state.spreads.hasKey(stated.key.hash, of: stated.topic)
    }

    /// Those that are stored, and what there is to say about them.
    private func known(_ keys: [StatedKey]) -> [RepeatedRecord] {
        keys.compactMap { stated in
            let known = state.dedup.find(stated.key.hash, of: stated.topic, now: time.now)
            return known.map {
                RepeatedRecord(
                    part: stated.part, record: stated.key.record,
                    verdict: $0.verdict(on: stated.key.fingerprint))
            }
        }
    }

    /// Notes that a publish is committed: its keys are known now, and told to whoever repeats them.
    func settleKeys(of done: PublishQueue.Waiting) {
        for key in done.keys { pendingKeys.remove(key) }
        guard repeats.contains(where: { $0.original <= done.number }) else { return }
        let ready = repeats.filter { $0.original <= done.number }
        repeats.removeAll { $0.original <= done.number }
        for waiting in ready {
            let known = known(waiting.keys)
            counts.repeats += 1
            // Forgotten at once, where the topic is gone or its window was closed meanwhile.
            answer(
                waiting.caller, waiting.ticket,
                known.isEmpty ? .refused(.overloaded) : .repeated(known))
        }
    }

    func failRepeats() {
        for waiting in repeats { answer(waiting.caller, waiting.ticket, .refused(.failed)) }
        repeats = []
        pendingKeys.removeAll()
    }
}
