// What happens because time passes: leases end, retries fall due.

extension GroupShelf {
    /// Does what is due; returns where a pull may find something by now.
    package mutating func tick(at now: GroupTime) -> Set<GroupPlace> {
        for place in deadlines.due(at: now.boot) {
            _ = groups[place.group]?.partitions[place.partition]?.expire(at: now)
            touch(place, at: now)
        }
        var available: Set<GroupPlace> = []
        for place in dues.due(at: now.log) {
            if self[place]?.hasAvailable(at: now) ?? false { available.insert(place) }
        }
        return available
    }

    /// When `tick` has something to do next, by the machine's clock and by that of the log.
    package var nextTick: (boot: Int?, log: Int?) { (deadlines.next, dues.next) }

    mutating func watch(_ place: GroupPlace, at now: GroupTime) {
        // After a seek nothing falls due until it is committed, and then this is asked again.
        guard let group = groups[place.group]?.partitions[place.partition], !group.isMoving
        else { return }
        if let deadline = group.nextDeadline { deadlines.set(place, at: deadline) }
        if let due = group.nextDue(at: now), due > now.log { dues.set(place, at: due) }
    }
}
