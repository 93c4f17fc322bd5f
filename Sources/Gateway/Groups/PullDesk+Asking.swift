import Bytes
import Reactor
import Records
import Wire

/// From a request to what shards grant.
extension PullDesk {
    /// Makes sure that the topics and the group are there, and asks for messages.
    mutating func begin(
        _ pull: Pull, _ topics: borrowing TopicMap, _ groups: borrowing GroupMap, at now: TurnTime
    ) {
        var known: [KnownTopic] = []
        var missing: [String] = []
        for topic in pull.order.topics {
            if let found = topics.find(topic.name) {
                known.append(found)
            } else {
                missing.append(topic.name)
            }
        }
        if !missing.isEmpty {
            for name in missing {
                inquire(pull, .find(name: name, mayCreate: settings.createsTopics), at: now)
            }
            return
        }
        let ids = known.map(\.topic.id)
        guard let group = groups.find(pull.name),
            ids.allSatisfy({ group.attachment(to: $0) != nil })
        else {
            let attach = GroupTableCall.attach(name: pull.name, topics: ids, mayCreate: true)
            return inquire(pull, .group(attach), at: now)
        }
        pull.group = group.id
        turn &+= 1
        pull.share(known, turn: turn & 0xFFFF)
        settleBefore(pull, topics, at: now)
        guard !pull.isGone else { return }
        pull.toAsk = pull.shards()
        pull.isProbing = pull.order.id != nil && pull.leases.isEmpty
        ask(pull, at: now)
    }

    private mutating func inquire(_ pull: Pull, _ call: CoordinatorCall, at now: TurnTime) {
        pull.awaited += 1
        pull.askedAt = now.tick
        let id = pending.insert(.inquiry(pull))
        calls.append(DeskCall(id, .coordinator(call)))
    }

    /// Takes what the coordinator says to a call of this desk.
    mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into topics: inout TopicMap,
        _ groups: inout GroupMap, at now: TurnTime
    ) {
        switch answer {
        case .found(let topic), .created(let topic), .changed(let topic): topics.learn(topic)
        case .group(.found(let group)), .group(.created(let group)), .group(.changed(let group)):
            groups.learn(group)
        case .deleted, .group(.deleted), .refused: break
        }
        switch pending.remove(id) {
        case .inquiry(let pull): take(answer, for: pull, topics, groups, at: now)
        case .lookup(let settlement, let order, let name):
            take(answer, for: settlement, order, name, topics, at: now)
        case .pull, .watch, .settle, nil: break
        }
    }

    private mutating func take(
        _ answer: CoordinatorAnswer, for pull: Pull, _ topics: borrowing TopicMap,
        _ groups: borrowing GroupMap, at now: TurnTime
    ) {
        pull.awaited -= 1
        if pull.isGone { return }
        if case .refused(let refusal) = answer { return refuse(pull, refusal.ofPull) }
        if let group = answer.group, groups.find(id: group.id) == nil {
            // It was deleted between that answer and now.
            return refuse(pull, .group(.noSuchGroup(group.name)))
        }
        if pull.awaited > 0 { return }
        pull.retries += 1
        guard pull.retries <= Self.retriesMax else {
            return refuse(pull, .work(.group(.notAttached)))
        }
        begin(pull, topics, groups, at: now)
    }

    // MARK: Waves

    /// Asks the first shard for all that is wanted, and then the others for what is left, each for its
    /// share of that.
    mutating func ask(_ pull: Pull, at now: TurnTime) {
        if pull.isProbing { return probe(pull, at: now) }
        if pull.order.id != nil { pull.toAsk.removeAll { pull.givers.contains($0) } }
        guard !pull.toAsk.isEmpty, !pull.isFull, pull.rounds < Self.roundsMax else {
            pull.toAsk = []
            return rest(pull, at: now)
        }
        let isFirst = pull.rounds == 0
        let width = isFirst ? 1 : min(pull.toAsk.count, pull.messagesLeft)
        let bytes = max(pull.order.bytesMax - pull.size, width)
        let wave = pull.toAsk.prefix(width)
        pull.toAsk.removeFirst(width)
        pull.rounds += 1
        let messages = pull.messagesLeft
        for (index, shard) in wave.enumerated() {
            let share = messages / width + (index < messages % width ? 1 : 0)
            ask(pull, shard, messages: share, bytes: bytes / width, at: now)
        }
    }

    /// Asks all shards what is still out of the same pull, which takes nothing else.
    private mutating func probe(_ pull: Pull, at now: TurnTime) {
        for shard in pull.toAsk { ask(pull, shard, messages: 0, bytes: 0, at: now) }
    }

    private mutating func ask(
        _ pull: Pull, _ shard: UInt16, messages: Int, bytes: Int, at now: TurnTime
    ) {
        guard let parts = pull.shares[shard] else { return }
        pull.awaited += 1
        pull.askedAt = now.tick
        counts.calls += 1
        let id = pending.insert(.pull(pull, shard))
        let content = GroupPull(
            group: pull.group, parts: parts, consumer: pull.order.consumer, address: pull.address,
            messagesMax: messages, bytesMax: bytes, lease: pull.order.lease, id: pull.order.id)
        calls.append(DeskCall(id, .shard(shard, .group(.pull(content)))))
    }

    // MARK: Answers of shards

    /// Takes what a shard says to a call of this desk.
    mutating func take(_ id: SlabID, _ answer: ShardAnswer, at now: TurnTime) {
        guard let waiting = pending.remove(id) else { return }
        switch waiting {
        case .inquiry, .lookup: preconditionFailure("the coordinator answers for topics and groups")
        case .watch(let pull, let shard): hear(answer, of: pull, shard, id, at: now)
        case .settle(let references, let items, let shard):
            take(answer, to: references, items, shard, at: now)
        case .pull(let pull, let shard):
            pull.awaited -= 1
            switch answer {
            case .group(.granted(let grant)): take(grant, from: shard, for: pull)
            case .group(.refused(let refusal)): trouble(pull, .group(refusal), at: now)
            case .refused(.noSuchTopic): trouble(pull, .group(.notAttached), at: now)
            case .refused(let refusal):
                refuse(pull, .work(.storage(refusal, mayHaveChanged: false)))
            default: refuse(pull, .work(.storage(.failed, mayHaveChanged: false)))
            }
            if pull.isGone || pull.awaited > 0 { return }
            go(on: pull, at: now)
        }
    }

    private mutating func take(_ grant: GroupGrant, from shard: UInt16, for pull: Pull) {
        guard !pull.isGone else { return giveBack(grant.leases, of: pull.group, in: pull.topics) }
        pull.note(lag: grant.lag, of: shard)
        if grant.leases.isEmpty {
            if grant.pause == .more { pull.toAsk.append(shard) }
            return
        }
        if pull.isInputEnded, pull.order.wait > 0 {
            // It looks as if its client had given up waiting; whoever has not asks again.
            pull.toAsk = []
            return giveBack(grant.leases, of: pull.group, in: pull.topics)
        }
        pull.givers.insert(shard)
        for lease in grant.leases {
            pull.leases.append(lease)
            pull.count += lease.messages.count
            pull.size += lease.size
        }
    }

    private mutating func go(on pull: Pull, at now: TurnTime) {
        if pull.isWaitingToRetry { return }
        if pull.isProbing {
            pull.isProbing = false
            if pull.count > 0 {
                pull.toAsk = []
                return finish(pull, .data, at: now)
            }
        }
        ask(pull, at: now)
    }

    /// A shard has not heard yet of what the coordinator has told this loop, or has heard more.
    mutating func trouble(_ pull: Pull, _ error: WorkError, at now: TurnTime) {
        if pull.isGone || pull.isWaitingToRetry { return }
        guard pull.retries < Self.retriesMax else { return refuse(pull, .work(error)) }
        withdraw(pull)
        pull.isParked = false
        pull.isWaitingToRetry = true
        let pause = Self.retryPause << UInt64(pull.retries)
        pull.retries += 1
        _ = timers.insert(.retry(pull), at: now.tick + pause)
    }
}

extension CoordinatorAnswer {
    /// The group that it is about, as it was then.
    fileprivate var group: GroupDefinition? {
        switch self {
        case .group(.found(let group)), .group(.created(let group)), .group(.changed(let group)):
            group
        case .found, .created, .changed, .deleted, .group(.deleted), .refused: nil
        }
    }
}

extension CoordinatorRefusal {
    /// What a pull hears: nothing that was made for it is anything to its client.
    fileprivate var ofPull: GatewayError {
        switch self {
        case .noSuchTopic: .topic(.refused(.noSuchTopic))
        case .noSuchGroup, .tooManyTopics, .tooManyGroups, .tooManyAttachments, .fewerPartitions,
            .tooFewPartitions, .noSpace, .failed, .unavailable:
            .group(.refused(ifNothingChanges))
        }
    }
}
