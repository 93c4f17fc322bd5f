import Groups
import Records

// What clients may be told, and what committed entries may say.
extension GroupModel {
    /// The core has decided; the client hears of it later.
    mutating func decided(_ answer: GroupAnswer) {
        let (place, offset) = (answer.place, answer.offset)
        let message = messages[place, default: []][offset]
        let isLast = message.last?.generation == answer.generation
        let hasReleased = message.releasers.contains(answer.generation)
        let isFenced = fences[place].map { answer.generation < $0 } ?? false
        switch answer.status {
        case .acked:
            if isFenced { fault("an ack from before a seek is honoured") }
            // What became of a lease is in memory only, if it was not through.
            if !isLast, !hasReleased, message.last?.epoch == epoch {
                fault("a late ack of \(offset) is honoured though another got it")
            }
            if message.last?.isOut == false { tally.lateAcked += 1 }
            messages[place]?[offset].ackers.insert(answer.generation)
            messages[place]?[offset].last?.isOut = false
        case .nacked:
            if !isLast { fault("a nack of \(offset) counts though another has it") }
            messages[place]?[offset].last?.isOut = false
            messages[place]?[offset].last?.hasFailed = true
        case .released:
            messages[place]?[offset].releasers.insert(answer.generation)
            released(place, offset)
        case .extended:
            if !isLast { fault("\(offset) is extended for the wrong client") }
            extended(answer)
        case .alreadyAcked:
            let isOthers = message.ackers.isEmpty && message.last?.epoch == epoch
            if isOthers { fault("\(offset) is said to be acked, and is not") }
        case .lost: checkLost(answer, message, isLast: isLast, isFenced: isFenced)
        case .unknown: fault("a receipt of \(offset) is unknown")
        }
    }

    private mutating func checkLost(
        _ answer: GroupAnswer, _ message: Message, isLast: Bool, isFenced: Bool
    ) {
        tally.lost += 1
        let isGone = message.isDead || message.isBlocked || message.isRedriven
        let hasExpired = message.facts.expires != .max
        let isOthers = message.ackers.contains { $0 != answer.generation }
        if answer.settling == .ack, isLast, !isOthers, !isFenced, !isGone, !hasExpired,
            !seeking.contains(answer.place)
        {
            let deadline = message.last?.deadline ?? 0
            let isEnding = message.last?.hasFailed == true || deadline <= answer.time.boot
            if isEnding, isDying(message) { return }
            fault("an ack of \(answer.offset) is lost though nobody else got it")
        }
    }

    /// Its next failure, which may be on its way into the log, is its last.
    private func isDying(_ message: Message) -> Bool { message.failures + 1 >= attemptsMax }

    private mutating func extended(_ answer: GroupAnswer) {
        guard case .extend(let by) = answer.settling else { return }
        let known = messages[answer.place, default: []][answer.offset].last?.deadline ?? 0
        messages[answer.place]?[answer.offset].last?.deadline = max(known, answer.time.boot + by)
    }

    /// From here on the client counts on it, whatever becomes of the process.
    private mutating func toldExtended(_ answer: GroupAnswer) {
        guard case .extend(let by) = answer.settling else { return }
        tally.extended += 1
        let last = messages[answer.place, default: []][answer.offset].last
        guard let last, last.generation == answer.generation else { return }
        messages[answer.place]?[answer.offset].last?.deadlineLog = max(
            last.deadlineLog, answer.time.log + by)
    }

    /// It comes back as if it had not been out.
    mutating func released(_ place: GroupPlace, _ offset: Int) {
        messages[place]?[offset].last?.isOut = false
        let before = messages[place, default: []][offset].before
        messages[place]?[offset].last = before
    }

    mutating func told(_ answer: GroupAnswer) {
        switch answer.status {
        case .acked:
            tally.acked += 1
            if messages[answer.place, default: []][answer.offset].isOver { return }
            let isMoved = fences[answer.place].map { answer.generation < $0 } ?? false
            if !isMoved { fault("\(answer.offset) is said to be acked before it is committed") }
        case .nacked: tally.nacked += 1
        case .extended: toldExtended(answer)
        case .alreadyAcked: tally.repeatedAcks += 1
        case .lost, .released, .unknown: break
        }
    }

    /// An entry is committed.
    mutating func committed(_ placed: PlacedChange, at now: GroupTime) {
        guard let partition = placed.partition else { return }
        let place = GroupPlace(group: placed.group, partition: partition)
        switch placed.change {
        case .moved(let offset, let fence): moved(place, to: offset, fence)
        case .settled(let ranges):
            for offset in ranges.runs.joined() { settled(place, offset, at: now) }
        case .failed(let failed):
            for message in failed { self.failed(place, message, at: now) }
        case .dead(let dead): for message in dead { died(place, message, at: now) }
        case .redriven(let back, _): for message in back { redriven(place, message) }
        case .set, .gone, .horizon, .letters, .redriving, .copied: break
        }
    }

    private mutating func moved(_ place: GroupPlace, to offset: Int, _ fence: UInt64) {
        fences[place] = LeaseGeneration(raw: fence)
        seeking.remove(place)
        starts[place] = offset
        for offset in messages[place, default: []].indices {
            let facts = messages[place, default: []][offset].facts
            messages[place]?[offset] = Message(facts: facts)
        }
    }

    private mutating func settled(_ place: GroupPlace, _ offset: Int, at now: GroupTime) {
        guard offset < messages[place, default: []].count else {
            return fault("\(offset) is settled before it is committed")
        }
        let message = messages[place, default: []][offset]
        if isOpen(message, at: now), message.ackers.isEmpty, !message.isDead {
            fault("\(offset) is settled, and nobody did it")
        }
        messages[place]?[offset].isOver = true
        messages[place]?[offset].isRedriven = false
    }

    private mutating func failed(
        _ place: GroupPlace, _ failed: FailedMessage, at now: GroupTime
    ) {
        guard let last = messages[place, default: []][failed.offset].last else {
            return fault("\(failed.offset) has failed, and nobody had it")
        }
        if last.isVanished { fault("an attempt of \(failed.offset) counts that never came about") }
        if !last.hasFailed {
            tally.expired += 1
            if last.deadline > now.boot { fault("a lease of \(failed.offset) ended too early") }
        }
        messages[place]?[failed.offset].last?.isOut = false
        messages[place]?[failed.offset].last?.hasFailed = true
        messages[place]?[failed.offset].failures += 1
        messages[place]?[failed.offset].due = failed.due
    }

    private mutating func died(
        _ place: GroupPlace, _ dead: FailedMessage, at now: GroupTime
    ) {
        tally.dead += 1
        letters[place, default: []].insert(dead.offset)
        died(place, owing: dead)
        let hasExpired = dead.reasons.split(separator: "\n").last == "expired"
        if !hasExpired { failed(place, dead, at: now) }
        messages[place]?[dead.offset].isDead = true
        messages[place]?[dead.offset].isBlocked = dead.isBlocked
        if !dead.isBlocked { messages[place]?[dead.offset].isOver = true }
    }

    private mutating func redriven(_ place: GroupPlace, _ back: FailedMessage) {
        tally.redriven += 1
        if letters[place]?.remove(back.offset) == nil {
            fault("\(back.offset) goes back, and is no dead letter")
        }
        if owed[place]?.contains(back.offset) ?? false {
            fault("\(back.offset) goes back before its copy is made")
        }
        let message = messages[place, default: []][back.offset]
        // A seek may have brought it back before.
        let isBefore = back.offset < starts[place] ?? 0
        guard message.isOver || message.isBlocked || isBefore else { return }
        messages[place]?[back.offset] = Message(facts: message.facts)
        messages[place]?[back.offset].isRedriven = true
    }
}
