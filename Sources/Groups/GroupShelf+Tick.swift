// What happens because time passes: leases end, retries fall due.

extension GroupShelf {
    /// Does what is due; returns where a pull may find something by now.
    package func tick(at now: GroupTime) -> Set<GroupPlace> {
        for place in deadlines.due(at: now.boot) {
            change(place, at: now) { _ = $0.expire(at: now) }
        }
        var available: Set<GroupPlace> = []
        for place in dues.due(at: now.log) {
            if work(at: place)?.look({ $0.hasAvailable(at: now) }) ?? false {
                available.insert(place)
            }
        }
        return available
    }

    /// When `tick` has something to do next, by the machine's clock and by that of the log.
    package var nextTick: (boot: Int?, log: Int?) { (deadlines.next, dues.next) }

    func watch(_ place: GroupPlace, _ work: PartitionWork, at now: GroupTime) {
        // After a seek nothing falls due until it is committed, and then this is asked again.
        if work.state.isMoving { return }
        if let deadline = work.state.nextDeadline { deadlines.set(place, at: deadline) }
        if let due = work.look({ $0.nextDue(at: now) }), due > now.log {
            dues.set(place, at: due)
        }
    }
}
