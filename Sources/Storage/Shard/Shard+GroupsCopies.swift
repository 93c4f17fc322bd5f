// Dead letters become messages of their group's dead-letter topic, in a partition of this shard: the batch and
// the change that says so are in one frame, so that a crash leaves both or neither. Some are made a turn; a
// letter whose message cannot be read, or whose topic cannot take it, gets none and stays what it is.

import CommitLog
import Delivery
import Groups
import Records
import Wire

extension Shard {
    /// When copies can be made, by the boot-time clock, if there are some to make.
    var nextCopies: Int? {
        let isKnown = groups.shelf.owing.contains { groups.definitions[$0.group] != nil }
        // Entries go into the log in the order in which they were made.
        guard isKnown, groups.bodies.isEmpty else { return nil }
        return groups.copyRetryAt ?? now.boot
    }

    /// Makes copies of some of the letters that owe one.
    func copyLetters() {
        guard let due = nextCopies, due <= now.boot else { return }
        groups.copyRetryAt = nil
        var tray = CopyTray(
            countMax: limits.groupCopiesMax,
            sizeMax: min(limits.groupCopiesSizeMax, limits.log.payloadSizeMax / 2),
            readMax: limits.groupReadMax)
        for place in owingInTurn() where !tray.isFull {
            groups.copiedLast = place
            copy(place, into: &tray)
        }
        // Where there is no room the letters go on owing.
        if tray.isEmpty || !append(&tray) { groups.copyRetryAt = now.boot + limits.groupCopyPause }
    }

    /// Each turn begins behind the place that was last in the one before.
    private func owingInTurn() -> [GroupPlace] {
        let places = groups.shelf.owing.filter { groups.definitions[$0.group] != nil }.sorted()
        let start = groups.copiedLast.flatMap { last in places.firstIndex { $0 > last } } ?? 0
        return Array(places[start...] + places[..<start])
    }

    private func copy(_ place: GroupPlace, into tray: inout CopyTray) {
        guard let definition = groups.definitions[place.group] else { return }
        let letters = groups.shelf.owedLetters(of: place, upTo: tray.countLeft)
        let target = deadLetterTopic(of: definition)
        for letter in letters where !tray.isFull {
            guard let target, target.id != place.partition.topic,
                let partition = partition(for: letter, in: target),
                let draft = draft(letter, of: place, definition.name, &tray),
                hasRoom(for: draft, in: partition, of: target, tray)
            else {
                tray.leaveOff(letter.offset, of: place)
                continue
            }
            do throws(RecordsError) {
                try tray.add(draft, to: partition, of: letter.offset, in: place)
            } catch {
                tray.leaveOff(letter.offset, of: place)
            }
        }
    }

    /// The topic as it is now: one that was made anew under the name counts.
    func deadLetterTopic(of definition: GroupDefinition) -> Topic? {
        definition.options.deadLetterTopic.flatMap { topicNumbers[$0] }.flatMap { topics[$0] }
    }

    /// One of those on this shard: always the same for a key, while there are no more of them.
    private func partition(for letter: FailedMessage, in topic: Topic) -> PartitionID? {
        let own = topic.shards.indices.filter { topic.shards[$0] == number }
        guard !own.isEmpty else { return nil }
        let place =
            letter.key.map {
                Records.partition(ofHash: partitionHash(ofKeyHash: $0), of: own.count)
            }
            ?? letter.offset % own.count
        return PartitionID(topic: topic.id, partition: UInt32(own[place]))
    }

    /// Reads the message; nothing where that cannot be done.
    private func draft(
        _ letter: FailedMessage, of place: GroupPlace, _ group: String, _ tray: inout CopyTray
    ) -> RecordDraft? {
        guard let topic = topics[place.partition.topic] else { return nil }
        let origin = LetterOrigin(
            group: group, topic: topic.name, partition: place.partition.partition, letter: letter)
        do {
            if !tray.holds(letter.offset, of: place.partition) {
                let batch = try batch(with: letter.offset, of: place.partition)
                try tray.open(batch, of: place.partition)
            }
            return try tray.draft(letter.offset, from: origin, at: time.now)
        } catch {
            return nil
        }
    }

    /// Whether the topic's own bound leaves room.
    private func hasRoom(
        for draft: RecordDraft, in partition: PartitionID, of topic: Topic,
        _ tray: borrowing CopyTray
    ) -> Bool {
        guard let backlogMax = topic.settings.backlogMax else { return true }
        let held = state.held.bytes[partition] ?? 0
        let kept = held + (state.partitions[partition]?.bytes ?? 0)
        let coming = (appended[partition]?.bytes ?? 0) + tray.size(of: partition)
        return kept + coming + draft.body.count <= backlogMax / topic.shards.count
    }
}

// MARK: Into the log
extension Shard {
    /// Puts the copies and what is said of their letters into one frame; false where there is no room.
    private func append(_ tray: inout CopyTray) -> Bool {
        if tray.hasCopies, disk >= .full { return false }
        let body = tray.body
        let topics = topics
        let batches = tray.takeBatches { topics[$0]?.settings.compression ?? .none }
        var entries = batches.map { partition, count, bytes in
            let head = EntryHead(
                type: EntryType.batch.rawValue, flags: EntryHead.indexed, partition: partition,
                baseOffset: end(of: partition), count: UInt32(count))
            return EntryDraft(head, body: bytes)
        }
        entries.append(EntryDraft(.groups, body: body))
        do {
            let size = entries.reduce(0) { $0 + $1.size }
            guard try batches.isEmpty || hasRoom(for: size) else { return false }
            try append(entries)
        } catch {
            return false
        }
        noteCopies(tray, Array(entries.dropLast()))
        counts.groupEntries += 1
        counts.groupBytes += LogFormat.entryHeadSize + body.count
        return true
    }

    private func append(_ entries: [EntryDraft]) throws(LogError) {
        let logTime = time.now
        try log.append(together: entries) { number, place, bytes in
            let head = entries[number].head
            guard head.type == EntryType.batch.rawValue else { return }
            BatchHeader.place(
                batchAt: place, in: &bytes, topicID: head.partition.topic,
                partition: head.partition.partition, baseOffset: UInt64(head.baseOffset),
                logTime: UInt64(logTime))
        }
    }

    private func noteCopies(_ tray: borrowing CopyTray, _ batches: [EntryDraft]) {
        for entry in batches { note(entry) }
        if !batches.isEmpty {
            let parts = batches.map {
                PlacedPart(place: .offset($0.head.baseOffset), logTime: time.now)
            }
            // Committed in the order of the log, as all batches are; nobody waits for it.
            _ = publishes.add(
                PublishQueue.Waiting(.shard(number), 0, parts, isAwaited: false, keys: []))
        }
        groups.made += 1
        for (place, fates) in tray.fates {
            for fate in fates { groups.shelf.noteCopies(of: place, fate.letters) }
        }
        counts.copiedLetters += tray.count - tray.leftOff
        counts.uncopiedLetters += tray.leftOff
    }
}

extension EntryHead {
    /// Of changes of groups, which belong to no partition.
    static var groups: EntryHead {
        EntryHead(
            type: EntryType.groups.rawValue, flags: 0,
            partition: PartitionID(topic: 0, partition: 0), baseOffset: 0, count: 0)
    }
}
