// What a pull would find, as far as that is known without looking: whoever waits is told by this, and so it
// never says more than a pull that follows would do something about.

package import Records

extension GroupShelf {
    package func has(_ group: UInt32) -> Bool { groups[group].map { !$0.isEnding } ?? false }

    /// Whether the group has begun in the partition, by the log.
    package func hasBegun(_ place: GroupPlace) -> Bool {
        work(at: place) != nil
    }

    package func settings(of group: UInt32) -> GroupSettings? { groups[group]?.settings }

    /// Those that the group has begun in.
    package func partitions(of group: UInt32) -> [PartitionID] {
        (groups[group]?.partitions.keys).map { Array($0) } ?? []
    }

    /// The first offset that nobody has looked at.
    package func cursor(of place: GroupPlace) -> Int {
        work(at: place)?.state.cursor ?? 0
    }

    package func mayLook(_ place: GroupPlace) -> Bool {
        work(at: place)?.look { $0.mayLook } ?? false
    }

    package func lag(of place: GroupPlace) -> Int {
        work(at: place)?.look { $0.lag } ?? 0
    }

    /// When somebody used it last, by the machine's clock.
    package func lastUse(of group: UInt32) -> Int? { groups[group]?.lastUse }

    /// Messages that are out.
    package func inFlight(of group: UInt32) -> Int { groups[group]?.allowance.inFlight ?? 0 }

    /// Somebody has pulled, waited or settled, whatever came of it.
    package func use(_ group: UInt32, at now: GroupTime) {
        groups[group]?.lastUse = now.boot
    }

    /// What a pull with this id got of the place, as far as it is still out.
    package func repeated(_ place: GroupPlace, _ pull: UInt64) -> Grant? {
        work(at: place)?.look { $0.repeated(pull) } ?? nil
    }

    /// A seek is on its way into the log.
    package func isMoving(_ place: GroupPlace) -> Bool {
        work(at: place)?.state.isMoving ?? false
    }

    package func redrive(of place: GroupPlace) -> Redrive? {
        work(at: place)?.state.progress.redrive
    }

    package func letterCount(of place: GroupPlace) -> Int {
        work(at: place)?.state.progress.letters.count ?? 0
    }

    /// When the next dead letters may go back, by the machine's clock.
    package func nextLetters(_ place: GroupPlace, at now: GroupTime) -> Int? {
        work(at: place)?.look { $0.nextLetters(at: now.boot) } ?? nil
    }

    /// The partition has committed, visible records below `end`.
    package func grew(_ place: GroupPlace, to end: Int) {
        work(at: place)?.state.grew(to: end)
    }

    /// How many messages a pull of `consumer` may find at most; 0 if it would find none.
    package func available(
        _ place: GroupPlace, for consumer: String, at now: GroupTime
    ) -> Int {
        guard let group = groups[place.group], !group.isEnding,
            let work = group.partitions[place.partition]
        else { return 0 }
        let free = group.allowance.free(for: consumer, group.settings, at: now.boot)
        return free > 0 ? min(free, work.look { $0.availableCount(at: now) }) : 0
    }

    /// When the rate of a group lets its next message go, by the machine's clock, if it is that which holds
    /// it back.
    package func nextAllowance(_ group: UInt32, at now: GroupTime) -> Int? {
        groups[group].flatMap { $0.allowance.nextFree($0.settings, at: now.boot) }
    }
}

extension GroupPartition {
    /// Messages that are not settled.
    package var lag: Int {
        let back = progress.retries.slots.count { slot in
            slot.failure.offset < progress.floor || progress.settled.contains(slot.failure.offset)
        }
        return max(max(end - progress.floor, 0) - progress.settled.count + back, 0)
    }

    /// Whether there are records that may be looked at.
    package var mayLook: Bool {
        cursor < end && hasRoom(at: cursor) && !(ordering == .partition && lines.isHeld(0))
    }

    /// How many messages a pull may find at most.
    package func availableCount(at now: GroupTime) -> Int {
        guard hasAvailable(at: now) else { return 0 }
        if ordering == .partition { return 1 }
        let retries = progress.retries.dueCount(at: now.log, upTo: limits.leaseMessagesMax)
        return ready.count + retries + (mayLook ? end - cursor : 0)
    }
}
