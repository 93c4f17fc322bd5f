import Reactor
import Wire

/// What time, clients and the coordinator do to pulls.
extension PullDesk {
    /// When `expire` has to be called at the latest.
    var nextDeadline: UInt64? { timers.nextDue }

    mutating func setTimer(of pull: Pull, at due: UInt64) {
        if let timer = pull.timer { timers.cancel(timer) }
        pull.timer = timers.insert(.pull(pull), at: due)
    }

    /// Ends the waits that are over.
    mutating func expire(
        in topics: borrowing TopicMap, _ groups: borrowing GroupMap, at now: TurnTime
    ) {
        var due: [Timed] = []
        timers.advance(to: now.tick, into: &due)
        for timed in due {
            switch timed {
            case .pull(let pull) where !pull.isGone:
                pull.timer = nil
                expire(pull, at: now)
            case .settlement(let settlement) where !settlement.isGone:
                settlement.timer = nil
                settlement.error = .unanswered(mayHaveChanged: true)
                conclude(settlement, at: now)
            case .retry(let pull) where !pull.isGone:
                pull.isWaitingToRetry = false
                pull.toAsk = []
                if pull.awaited == 0 { begin(pull, topics, groups, at: now) }
            case .pull, .settlement, .retry: break
            }
        }
    }

    private mutating func expire(_ pull: Pull, at now: TurnTime) {
        if pull.isParked {
            let ending: ReadEnding = drainEnd == nil ? .timeout : .drain
            return finish(pull, pull.count > 0 ? .data : ending, at: now)
        }
        // Storage has not said yet what there is.
        let end = pull.askedAt + settings.timeout
        if now.tick < end { return setTimer(of: pull, at: end) }
        refuse(
            pull, .work(.unanswered(mayHaveChanged: pull.settlement.map { $0.left > 0 } ?? false)))
    }

    /// The process is about to end: those who wait are answered one after another until then.
    mutating func drain(until end: UInt64, at now: TurnTime) {
        guard drainEnd == nil else { return }
        drainEnd = max(end, now.tick)
        let window = end > now.tick ? end - now.tick : 0
        for pull in pulls.values.sorted(by: { $0.arrived < $1.arrived }) where pull.holdsPlace {
            let due = now.tick + spread.next(below: window + 1)
            // Nobody's wait becomes longer by that.
            setTimer(of: pull, at: min(due, max(pull.due, now.tick)))
        }
    }

    /// The client says that it will send no more: it gets what there is, at once.
    mutating func inputEnded(_ caller: Exchange, at now: TurnTime) {
        guard let pull = pulls[caller] else { return }
        pull.isInputEnded = true
        pull.due = now.tick
        if pull.isParked { expire(pull, at: now) }
    }

    /// The client is gone.
    mutating func forget(_ caller: Exchange) {
        if let pull = pulls[caller] { release(pull) }
        if let settlement = settlements.removeValue(forKey: caller) {
            settlement.isGone = true
            if let timer = settlement.timer { timers.cancel(timer) }
        }
    }

    // MARK: News

    /// Hears of a change of groups: nobody waits for one that is gone.
    mutating func hear(_ news: GroupNews) {
        guard case .deleted(let id, let name) = news else { return }
        for pull in pulls.values where pull.group == id {
            refuse(pull, .group(.noSuchGroup(name)))
        }
    }

    /// Hears of a change of topics: nobody misses new partitions, and nobody waits for what is gone.
    ///
    /// The map has to have heard of it before.
    mutating func hear(_ news: TopicNews, in topics: borrowing TopicMap, at now: TurnTime) {
        if pulls.isEmpty { return }
        switch news {
        case .deleted(let id, let name):
            for pull in pulls.values where pull.known(id) != nil {
                refuse(pull, .topic(.noSuchTopic(name)))
            }
        case .put(let topic):
            for pull in pulls.values {
                guard let known = pull.known(topic.id),
                    known.topic.shards.count < topic.shards.count
                else { continue }
                // Those whose calls are out go on with all of them; those who retry look again anyway.
                pull.share(pull.topics.map { topics.find(id: $0.topic.id) ?? $0 }, turn: pull.turn)
                pull.toAsk = pull.shards()
                guard pull.isParked else { continue }
                withdraw(pull)
                pull.isParked = false
                pull.rounds = min(pull.rounds, 1)
                ask(pull, at: now)
            }
        }
    }
}
