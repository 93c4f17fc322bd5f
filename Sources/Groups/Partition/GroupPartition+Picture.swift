/// How a group stands in a partition, for people and for watches.
package struct PartitionPicture: Equatable, Sendable {
    /// The first offset that is not settled.
    package let committed: Int
    package let end: Int
    /// Messages that are not settled, wherever they are.
    package let lag: Int
    package let inFlight: Int
    /// Those that failed and wait for their time, or are held back by a dead one.
    package let retrying: Int
    package let waitingForKey: Int
    package let dead: Int
    package let last: Holder?
}

/// Where a message is: each is in exactly one of these.
package enum Standing: Equatable, Sendable {
    case settled
    case out
    /// A decision about it is on its way into the log.
    case closing
    case retrying(due: Int)
    /// A dead letter that holds back what comes behind it.
    case blocked
    /// Looked at, and first of its key.
    case ready
    case waitingForKey
    /// Nobody has looked at it.
    case unseen
}

extension GroupPartition {
    package var picture: PartitionPicture {
        PartitionPicture(
            committed: progress.floor, end: end, lag: lag, inFlight: leases.count,
            retrying: progress.retries.count - leases.count { progress.retries.has($0) },
            waitingForKey: lines.waitingCount, dead: progress.letters.count, last: last)
    }

    package func standing(of offset: Int) -> Standing {
        if leases[offset] != nil { return .out }
        if closing[offset] != nil { return .closing }
        if progress.isSettled(offset) { return .settled }
        if let failure = progress.retries[offset] {
            if failure.isBlocked { return .blocked }
            return progress.retries.isArmed(offset) ? .retrying(due: failure.due) : .waitingForKey
        }
        if offset >= cursor { return .unseen }
        return ready.contains { $0.offset == offset } ? .ready : .waitingForKey
    }

    /// Whether a pull may find something, as far as that is known without looking.
    package func hasAvailable(at now: GroupTime) -> Bool {
        if isMoving || isInDebt || (ordering != .none && quietUntil > now.log) { return false }
        // Another order waits until nothing is out.
        if ordering != settings.ordering, inFlight > 0 { return false }
        if inFlight >= limits.inFlightMax { return false }
        if ready.count > 0 { return true }
        if let next = progress.retries.next, next.due <= now.log { return true }
        return mayLook
    }

    /// When a lease is over, by the machine's clock.
    package var nextDeadline: Int? { leases.nextDeadline }

    /// When something becomes available by itself, by the clock of the log.
    package func nextDue(at now: GroupTime) -> Int? {
        let quiet = ordering != .none && quietUntil > now.log ? quietUntil : nil
        let retry = progress.retries.next?.due
        guard let quiet else { return retry }
        return max(quiet, retry ?? quiet)
    }
}
