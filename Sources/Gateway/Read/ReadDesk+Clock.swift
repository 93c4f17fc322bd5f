import Reactor

/// What time and clients do to readers.
extension ReadDesk {
    /// When `expire` has to be called at the latest.
    package var nextDeadline: UInt64? { timers.nextDue }

    /// Ends the waits that are over.
    package mutating func expire(at now: TurnTime) {
        var due: [Reader] = []
        timers.advance(to: now.tick, into: &due)
        for reader in due where !reader.isGone {
            reader.timer = nil
            expire(reader, at: now)
        }
    }

    private mutating func expire(_ reader: Reader, at now: TurnTime) {
        let isOver = now.tick >= reader.arrived + settings.timeout
        if reader.hasBegun {
            if drainEnd == nil { beat(reader, at: now) } else { endStream(reader) }
        } else if reader.hasLooked, let reading = reader.reading {
            giveNothing(reader, of: reading)
        } else if isOver {
            refuse(reader, .read(.unanswered))
        } else {
            // Storage has not said yet that there is nothing.
            reader.timer = timers.insert(reader, at: reader.arrived + settings.timeout)
        }
    }

    /// The process is about to end: those who wait are answered one after another until then.
    package mutating func drain(until end: UInt64, at now: TurnTime) {
        guard drainEnd == nil else { return }
        drainEnd = max(end, now.tick)
        let window = end > now.tick ? end - now.tick : 0
        for reader in readers.values.sorted(by: { $0.arrived < $1.arrived })
        where reader.placeTopic != nil {
            if let timer = reader.timer { timers.cancel(timer) }
            let due = now.tick + spread.next(below: window + 1)
            // Nobody's wait becomes longer by that.
            reader.timer = timers.insert(reader, at: reader.isStream ? due : min(due, reader.due))
        }
    }

    /// The client says that it will send no more: it gets what there is, at once.
    package mutating func inputEnded(_ caller: Exchange, at now: TurnTime) {
        guard let reader = readers[caller] else { return }
        if reader.hasBegun { return endStream(reader) }
        reader.due = now.tick
        if reader.hasLooked, let reading = reader.reading, reading.isParked {
            giveNothing(reader, of: reading)
        }
    }

    /// The client is gone.
    package mutating func forget(_ caller: Exchange) {
        if let reader = readers[caller] { release(reader) }
    }
}
