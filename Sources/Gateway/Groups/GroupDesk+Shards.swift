package import Bytes
import HTTP
import Records
package import Wire

/// What errands ask of shards, and what they make of it.
extension GroupDesk {
    /// Finds the topic of a seek or a redrive, and then the group.
    mutating func goOn(
        _ errand: GroupErrand, _ topics: borrowing TopicMap
    ) throws(GatewayError) {
        guard let topic = errand.topicName else { return }
        guard let known = topics.find(topic) else {
            guard !errand.hasAskedForTopic else { throw .topic(.noSuchTopic(topic)) }
            errand.hasAskedForTopic = true
            return try send(errand, .find(name: topic, mayCreate: false))
        }
        errand.known = known
        switch errand.kind {
        case .seek:
            // Who moves a group before it has pulled lets it know the topic by that.
            let ids = [known.topic.id]
            try send(
                errand, .group(.attach(name: errand.name, topics: ids, mayCreate: false)))
        case .put, .show, .delete, .redrive, .letters:
            try send(errand, .group(.find(name: errand.name)))
        }
    }

    /// Goes on once the group is known.
    mutating func use(
        _ group: GroupDefinition, for errand: GroupErrand, _ topics: borrowing TopicMap
    ) throws(GatewayError) {
        errand.group = group
        switch errand.kind {
        case .put, .show, .delete: try describe(group, for: errand, topics)
        case .seek(let order): try seek(order, group, errand)
        case .redrive:
            guard let known = errand.known, group.attachment(to: known.topic.id) != nil else {
                throw .work(.notAttached)
            }
            try describe([known], of: group, for: errand)
        case .letters(let order): try showLetters(order, of: group, for: errand, topics)
        }
        if errand.left == 0 { finish(errand, topics) }
    }

    private mutating func showLetters(
        _ order: LetterOrder, of group: GroupDefinition, for errand: GroupErrand,
        _ topics: borrowing TopicMap
    ) throws(GatewayError) {
        if let known = errand.known, group.attachment(to: known.topic.id) == nil {
            throw .work(.notAttached)
        }
        try askForLetters(order, of: group, among: attached(to: group, topics), for: errand)
    }

    private mutating func describe(
        _ group: GroupDefinition, for errand: GroupErrand, _ topics: borrowing TopicMap
    ) throws(GatewayError) {
        try describe(attached(to: group, topics), of: group, for: errand)
    }

    /// The topics that a group works on.
    private func attached(
        to group: GroupDefinition, _ topics: borrowing TopicMap
    ) -> [KnownTopic] {
        var known: [KnownTopic] = []
        for attachment in group.attachments {
            if let found = topics.find(id: attachment.topic) { known.append(found) }
        }
        return known
    }

    private mutating func describe(
        _ topics: [KnownTopic], of group: GroupDefinition, for errand: GroupErrand
    ) throws(GatewayError) {
        var partitions: [UInt16: [PartitionID]] = [:]
        for known in topics {
            for (number, shard) in known.topic.shards.enumerated() {
                partitions[shard, default: []].append(
                    PartitionID(topic: known.topic.id, partition: UInt32(number)))
            }
        }
        try ask(partitions.map { ($0, .describe(group: group.id, $1)) }, for: errand)
    }

    private mutating func seek(
        _ order: SeekOrder, _ group: GroupDefinition, _ errand: GroupErrand
    ) throws(GatewayError) {
        guard let known = errand.known, let parts = order.parts(of: known) else {
            throw .work(.otherTopic)
        }
        var seeks: [UInt16: GroupSeek] = [:]
        for (shard, part) in parts {
            seeks[shard, default: GroupSeek(group: group.id, parts: [])].parts.append(part)
        }
        errand.hasActed = true
        try ask(seeks.map { ($0, .seek($1)) }, for: errand)
    }

    /// Sends letters back, partition by partition, until there are as many as were asked for.
    private mutating func redrive(
        _ order: RedriveOrder, _ group: GroupDefinition, _ errand: GroupErrand
    ) throws(GatewayError) {
        guard let known = errand.known else { throw .work(.notAttached) }
        let dead = errand.statuses.filter { $0.value.dead > 0 }.sorted {
            $0.key.partition < $1.key.partition
        }
        var left = order.max ?? Int.max
        var redrives: [(UInt16, GroupCall)] = []
        for (partition, status) in dead where left > 0 {
            let count = min(status.dead, left)
            left -= count
            let rate = order.rate.map { max(1, $0 / dead.count) }
            let redrive = GroupRedrive(
                group: group.id, partitions: [partition], max: count, rate: rate)
            errand.numbers[partition.partition] = count
            redrives.append((known.topic.shards[Int(partition.partition)], .redrive(redrive)))
        }
        errand.statuses = [:]
        errand.hasActed = true
        try ask(redrives, for: errand)
    }

    mutating func ask(
        _ content: [(shard: UInt16, call: GroupCall)], for errand: GroupErrand
    ) throws(GatewayError) {
        try checkRoom(for: content.count)
        for (shard, call) in content {
            errand.left += 1
            add(.shard(errand, shard, call), .shard(shard, .group(call)))
        }
    }

    // MARK: Answers

    /// Takes what a shard says.
    package mutating func take(
        _ id: SlabID, _ answer: ShardAnswer, in topics: borrowing TopicMap, at now: TurnTime
    ) {
        guard case .shard(let errand, let shard, let call) = waiting.remove(id) else { return }
        switch (answer, call) {
        case (.group(.described(let statuses)), .describe(_, let partitions)):
            for (partition, status) in zip(partitions, statuses) {
                errand.statuses[partition] = status
            }
        case (.group(.moved(let offsets)), .seek(let seek)):
            for (part, offset) in zip(seek.parts, offsets) {
                errand.numbers[part.partition.partition] = offset
            }
        case (.group(.redriving), _): break
        case (.group(.letters(let letters)), _): errand.letters += letters
        case (.group(.refused(let refusal)), _):
            if errand.retries < Self.retriesMax {
                errand.retries += 1
                let pause = PullDesk.retryPause << UInt64(errand.retries)
                return add(.pause(errand, shard, call, until: now.tick + pause), nil)
            }
            errand.error = .group(refusal)
        case (.refused(let refusal), _):
            errand.error = .storage(refusal, mayHaveChanged: errand.hasActed)
        default: errand.error = .storage(.failed, mayHaveChanged: errand.hasActed)
        }
        finishOne(errand, topics)
    }

    /// Hears of a change of groups: shards know nothing of one that is gone, so nobody waits for them.
    mutating func hear(_ news: GroupNews, in topics: borrowing TopicMap) {
        guard case .deleted(let group, _) = news, !waiting.isEmpty else { return }
        for (id, element) in waiting.pairs() where element.errand.group?.id == group {
            _ = waiting.remove(id)
            element.errand.isGroupGone = true
            finishOne(element.errand, topics)
        }
    }

    mutating func finishOne(_ errand: GroupErrand, _ topics: borrowing TopicMap) {
        errand.left -= 1
        if errand.left == 0 { finish(errand, topics) }
    }

    private mutating func finish(_ errand: GroupErrand, _ topics: borrowing TopicMap) {
        guard let group = errand.group else { return }
        if errand.isGroupGone, errand.needsGroup {
            return refuse(errand, .group(.noSuchGroup(errand.name)))
        }
        switch errand.kind {
        case .put, .show, .delete:
            // The group is there, whatever its shards are at.
            let page = GroupPage.write(group, errand.statuses, in: topics)
            answer(errand, page)
        case .redrive(let order) where !errand.hasActed && errand.error == nil:
            do throws(GatewayError) {
                try redrive(order, group, errand)
            } catch {
                return refuse(errand, error)
            }
            if errand.left == 0 { finish(errand, topics) }
        case .seek, .redrive:
            if let error = errand.error { return refuse(errand, .work(error)) }
            answer(errand, GroupPage.writeOutcome(of: errand))
        case .letters(let order):
            if let error = errand.error { return refuse(errand, .work(error)) }
            answer(errand, GroupPage.writeLetters(of: errand, order))
        }
    }

    private mutating func answer(_ errand: GroupErrand, _ page: [UInt8]) {
        answers.append(DeskAnswer(errand.caller, .response(.json(errand.status, page))))
    }
}
