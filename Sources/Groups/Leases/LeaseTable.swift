// What is out: a lease for each message, and what was leased together. Only in the primary's memory; what
// follows from a lease is in the log.

/// A message that somebody has.
struct Lease: Sendable {
    let generation: LeaseGeneration
    /// By the machine's clock.
    var deadline: Int
    let waiting: Waiting
}

struct LeaseTable: Sendable {
    struct Together: Sendable {
        let offsets: OffsetRanges
        let holder: Holder
        let pull: UInt64?
        /// Those that are still out.
        var count: Int
    }

    private struct Alarm: Sendable {
        let deadline: Int
        let generation: LeaseGeneration
    }

    private var leases: [Int: Lease] = [:]
    private var groups: [LeaseGeneration: Together] = [:]
    private var pulls: [UInt64: LeaseGeneration] = [:]
    /// One for each that was leased together, and stale ones.
    private var alarms = SmallestFirst<Alarm> { $0.deadline < $1.deadline }
    /// Slots that came free since somebody asked, for each consumer; those of the last one stand apart,
    /// since many in a row are of one.
    private var freed: [String: Int] = [:]
    private var freedLast = (consumer: "", count: 0)

    init() {}

    var count: Int { leases.count }
    func count(_ isMatch: (Int) -> Bool) -> Int { leases.keys.count { isMatch($0) } }
    var nextDeadline: Int? { alarms.first?.deadline }
    subscript(offset: Int) -> Lease? { leases[offset] }
    func together(_ generation: LeaseGeneration) -> Together? { groups[generation] }

    /// The lease of a pull that was asked for before.
    func generation(ofPull pull: UInt64) -> LeaseGeneration? { pulls[pull] }

    /// Those of a lease that are still out.
    func offsets(of generation: LeaseGeneration) -> [Int] {
        guard let together = groups[generation] else { return [] }
        return together.offsets.runs.flatMap { run in
            run.filter { leases[$0]?.generation == generation }
        }
    }

    mutating func add(
        _ messages: [Waiting], generation: LeaseGeneration, deadline: Int, holder: Holder,
        pull: UInt64?
    ) -> OffsetRanges {
        let offsets = OffsetRanges(messages.map(\.offset))
        for message in messages {
            precondition(leases[message.offset] == nil, "a message has one holder")
            leases[message.offset] = Lease(
                generation: generation, deadline: deadline, waiting: message)
        }
        groups[generation] = Together(
            offsets: offsets, holder: holder, pull: pull, count: messages.count)
        if let pull { pulls[pull] = generation }
        alarms.insert(Alarm(deadline: deadline, generation: generation))
        if alarms.count > 2 * groups.count + 64 { forgetStaleAlarms() }
        return offsets
    }

    // What was settled long before its time would otherwise wait for it here.
    private mutating func forgetStaleAlarms() {
        var kept = SmallestFirst<Alarm> { $0.deadline < $1.deadline }
        while let alarm = alarms.popFirst() {
            if groups[alarm.generation] != nil { kept.insert(alarm) }
        }
        alarms = kept
    }

    /// Somebody is through with a message; returns the lease and who had it.
    mutating func end(_ offset: Int) -> (lease: Lease, holder: Holder)? {
        guard let lease = leases.removeValue(forKey: offset),
            let place = groups.index(forKey: lease.generation)
        else { return nil }
        let holder = groups.values[place].holder
        groups.values[place].count -= 1
        if groups.values[place].count == 0 { forget(lease.generation, groups.values[place]) }
        free(holder.consumer)
        return (lease, holder)
    }

    private mutating func free(_ consumer: String) {
        if freedLast.consumer != consumer {
            addFreedLast()
            freedLast.consumer = consumer
        }
        freedLast.count += 1
    }

    private mutating func addFreedLast() {
        guard freedLast.count > 0 else { return }
        freed[freedLast.consumer, default: 0] += freedLast.count
        freedLast.count = 0
    }

    private mutating func forget(_ generation: LeaseGeneration, _ together: Together) {
        groups[generation] = nil
        if let pull = together.pull, pulls[pull] == generation { pulls[pull] = nil }
    }

    mutating func extend(_ offset: Int, to deadline: Int) {
        guard let lease = leases[offset], lease.deadline < deadline else { return }
        leases[offset]?.deadline = deadline
    }

    /// The messages whose lease is over by `now`, which are still out.
    mutating func expired(at now: Int) -> [Int] {
        var expired: [Int] = []
        while let alarm = alarms.first, alarm.deadline <= now {
            _ = alarms.popFirst()
            var next: Int?
            for offset in offsets(of: alarm.generation) {
                guard let deadline = leases[offset]?.deadline else { continue }
                if deadline <= now {
                    expired.append(offset)
                } else {
                    next = min(next ?? deadline, deadline)
                }
            }
            // What was extended is looked at again then.
            if let next { alarms.insert(Alarm(deadline: next, generation: alarm.generation)) }
        }
        return expired
    }

    /// Ends all of them.
    mutating func endAll() {
        for offset in Array(leases.keys) { _ = end(offset) }
        alarms = SmallestFirst { $0.deadline < $1.deadline }
    }

    mutating func takeFreed() -> [String: Int] {
        addFreedLast()
        defer { freed = [:] }
        return freed
    }
}
