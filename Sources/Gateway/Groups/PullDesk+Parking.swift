import Bytes
import Wire

// Where pulls wait. Each watches all shards of its partitions; a shard that could give something
// already says so at once, so nothing falls between the look that found nothing and the watch. Shards
// tell no more waiters than there are messages, whoever waits longest first.
extension PullDesk {
    /// All were asked: the pull is answered, or waits.
    mutating func rest(_ pull: Pull, at now: TurnTime) {
        if pull.count >= pull.order.messagesMin || pull.isFull && pull.count > 0 {
            return finish(pull, pull.isFull ? .limit : .data, at: now)
        }
        if pull.count > 0 {
            let end = pull.lingerEnd ?? min(now.tick + pull.order.linger, max(pull.due, now.tick))
            pull.lingerEnd = end
            if now.tick >= end || !mayPark(pull) { return finish(pull, .data, at: now) }
            setTimer(of: pull, at: end)
        } else if !mayPark(pull) || now.tick >= pull.due {
            return finish(pull, drainEnd == nil ? .timeout : .drain, at: now)
        }
        guard takePlace(pull) else {
            return refuse(pull, .work(.tooManyWaiting(limit: settings.parkedMax)))
        }
        pull.isParked = true
        watch(pull, at: now)
    }

    private func mayPark(_ pull: Pull) -> Bool {
        drainEnd == nil && pull.order.wait > 0 && !pull.isInputEnded
    }

    private mutating func watch(_ pull: Pull, at now: TurnTime) {
        for (shard, parts) in pull.shares where !pull.watches.contains(where: { $0.shard == shard })
        {
            if pull.order.id != nil, pull.givers.contains(shard) { continue }
            let id = pending.insert(.watch(pull, shard))
            pull.watches.append((id, shard))
            let content = GroupWatch(
                group: pull.group, partitions: parts.map(\.partition),
                consumer: pull.order.consumer, waited: Int(now.tick - pull.arrived))
            calls.append(DeskCall(id, .shard(shard, .group(.watch(content)))))
        }
    }

    /// Takes what became of a watch.
    mutating func hear(
        _ answer: ShardAnswer, of pull: Pull, _ shard: UInt16, _ id: SlabID, at now: TurnTime
    ) {
        pull.watches.removeAll { $0.id == id }
        if pull.isGone { return }
        switch answer {
        case .group(.news), .news:
            counts.wakeUps += 1
            pull.rounds = min(pull.rounds, 1)
            pull.toAsk.append(shard)
            guard pull.isParked else { return }
            pull.isParked = false
            ask(pull, at: now)
        case .group(.refused(let refusal)): trouble(pull, .group(refusal), at: now)
        case .refused(.noSuchTopic): trouble(pull, .group(.notAttached), at: now)
        case .refused(let refusal):
            refuse(pull, .work(.storage(refusal, mayHaveChanged: false)))
        default: refuse(pull, .work(.storage(.failed, mayHaveChanged: false)))
        }
    }

    /// Takes back its watches.
    mutating func withdraw(_ pull: Pull) {
        for (id, shard) in pull.watches {
            guard pending.remove(id) != nil else { continue }
            calls.append(DeskCall(id, .shard(shard, .unwatch(ticket: id.raw))))
        }
        pull.watches = []
    }

    // MARK: Room

    /// Counts a pull among those that wait, once; false if there are too many.
    private mutating func takePlace(_ pull: Pull) -> Bool {
        if pull.holdsPlace { return true }
        let ofGroup = waitingByGroup[pull.group, default: 0]
        guard counts.parked < settings.parkedMax, ofGroup < settings.parkedPerGroupMax else {
            return false
        }
        pull.holdsPlace = true
        waitingByGroup[pull.group] = ofGroup + 1
        counts.parked += 1
        return true
    }

    mutating func leavePlace(_ pull: Pull) {
        guard pull.holdsPlace, let count = waitingByGroup[pull.group] else { return }
        pull.holdsPlace = false
        waitingByGroup[pull.group] = count == 1 ? nil : count - 1
        counts.parked -= 1
    }
}
