// Looking at what nobody has looked at: each record is handed out, waits behind its key, or is passed.

extension GroupPartition {
    /// Whether a message at `offset` may be looked at: what is settled ahead of what is not is bounded.
    ///
    /// Below the last settled one there are only gaps to fill.
    func hasRoom(at offset: Int) -> Bool {
        if offset < progress.settled.end ?? progress.floor { return true }
        return offset - progress.floor < limits.spanMax
            && progress.settled.runs.count < limits.rangesMax
    }

    mutating func takeFresh(
        from supply: RecordSupply, into basket: inout Basket, at now: GroupTime
    ) {
        // The cursor goes back when another order is adopted.
        guard supply.range.lowerBound <= cursor else { return }
        for facts in supply.facts where facts.offset >= cursor {
            guard facts.offset < end, hasRoom(at: facts.offset) else { return }
            pass(cursor..<facts.offset)
            cursor = facts.offset
            guard take(facts, into: &basket, at: now) else { return }
            cursor += 1
        }
        let end = min(end, supply.range.upperBound)
        guard cursor < end else { return }
        pass(cursor..<end)
        cursor = end
    }

    /// Finds a place for a record; false if there is none yet.
    private mutating func take(
        _ facts: RecordFacts, into basket: inout Basket, at now: GroupTime
    ) -> Bool {
        let offset = facts.offset
        // Acked late, in an entry that is on its way: its key is not free before that is committed.
        if closing[offset] != nil { return false }
        if progress.isSettled(offset) { return true }
        if let failure = progress.retries[offset] {
            // Where order does not count it has been waiting for its time since the start.
            if ordering == .partition, lines.isHeld(0), lines.current(of: 0) != offset {
                return false
            }
            if ordering != .none { queue(failure) }
            return true
        }
        guard facts.isWanted else {
            pass(offset..<offset + 1)
            return true
        }
        let message = Waiting(
            offset: offset, expires: facts.expires, size: facts.size, key: facts.key)
        if facts.expires <= now.log {
            guard mayExpire else { return false }
            expire(message, at: now)
            return true
        }
        return take(message, into: &basket)
    }

    private mutating func take(_ message: Waiting, into basket: inout Basket) -> Bool {
        guard let key = lineKey(message.key) else {
            guard basket.hasRoom(for: message) else { return false }
            basket.add(message)
            return true
        }
        if lines.isHeld(key) {
            // All of the partition would queue up behind the one.
            if ordering == .partition { return false }
            _ = lines.enter(message, key: key)
            return true
        }
        guard basket.hasRoom(for: message) else { return false }
        _ = lines.enter(message, key: key)
        basket.add(message)
        return true
    }

    /// Nothing in the range is for this group.
    private mutating func pass(_ range: Range<Int>) {
        guard !range.isEmpty, range.upperBound > progress.floor,
            !progress.settled.contains(range)
        else { return }
        draft.settled.insert(range)
    }
}
