import Groups

// What a grant may have in it.
extension GroupModel {
    mutating func granted(
        _ place: GroupPlace, _ grant: Grant, lease: Int, at now: GroupTime
    ) {
        var keys: Set<UInt32> = []
        for message in grant.messages {
            tally.granted += 1
            guard message.offset < messages[place, default: []].count else {
                return fault("\(message.offset) is handed out before it is committed")
            }
            check(place, message, at: now)
            let facts = messages[place, default: []][message.offset].facts
            if let key = key(facts), !keys.insert(key).inserted {
                fault("two messages of a key are handed out together")
            }
        }
        let held = Held(
            generation: grant.generation, deadline: grant.deadline,
            deadlineLog: now.log + lease, epoch: epoch, isOrdered: ordering != .none)
        for message in grant.messages {
            let before = messages[place, default: []][message.offset].last
            messages[place]?[message.offset].before = before
            messages[place]?[message.offset].last = held
        }
    }

    private mutating func check(
        _ place: GroupPlace, _ granted: Grant.Message, at now: GroupTime
    ) {
        let offset = granted.offset
        let message = messages[place, default: []][offset]
        if offset < starts[place] ?? 0 && !message.isRedriven {
            fault("\(offset) is before the start")
        }
        if message.isOver { fault("\(offset) is handed out after it was settled") }
        if message.isBlocked { fault("\(offset) is a dead letter") }
        if !message.facts.isWanted { fault("\(offset) is not for this group") }
        if message.facts.expires <= now.log { fault("\(offset) has expired") }
        if message.due > now.log { fault("\(offset) is handed out before its time") }
        if granted.attempt != message.failures + 1 {
            fault("\(offset) is told attempt \(granted.attempt) after \(message.failures) failures")
        }
        if isHeld(message, at: now) { fault("\(offset) has two holders") }
        if let key = key(message.facts) { check(place, offset, key, at: now) }
    }

    private func isHeld(_ message: Message, at now: GroupTime) -> Bool {
        guard let last = message.last, last.isOut, !message.isOver else { return false }
        if last.epoch == epoch { return last.deadline > now.boot }
        // Where order does not count, what was out is handed out again at once.
        return last.isOrdered && ordering != .none && last.deadlineLog > now.log
    }

    private mutating func check(
        _ place: GroupPlace, _ offset: Int, _ key: UInt32, at now: GroupTime
    ) {
        let list = messages[place, default: []]
        for other in list.indices where other != offset && self.key(list[other].facts) == key {
            let message = list[other]
            if isHeld(message, at: now) {
                fault("\(offset) is handed out while \(other) of its key is out")
            }
            let comesFirst = other < offset && other >= starts[place] ?? 0 && !message.isRedriven
            if comesFirst, isOpen(message, at: now),
                !messages[place, default: []][offset].isRedriven
            {
                fault("\(offset) is handed out before \(other) of its key is through")
            }
        }
    }
}
