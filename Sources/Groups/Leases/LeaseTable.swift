// What is out, only in the primary's memory; what follows from a lease is in the log. What was leased
// together stands together, and each message knows where that is.

/// A message that somebody has.
struct Lease: Sendable {
    let generation: LeaseGeneration
    /// By the machine's clock.
    let deadline: Int
    let waiting: Waiting
}

struct LeaseTable: Sendable {
    private struct Alarm: Sendable {
        let deadline: Int
        let generation: LeaseGeneration
    }

    /// Of each message the number of its lease.
    private var out = OffsetPages()
    /// By their numbers less 1.
    private var leases: [LeasedTogether?] = []
    private var vacant: [UInt32] = []
    private var numbers: [LeaseGeneration: UInt32] = [:]
    private var pulls: [UInt64: LeaseGeneration] = [:]
    /// One for each that was leased together, and stale ones.
    private var alarms = SmallestFirst<Alarm> { $0.deadline < $1.deadline }
    /// Slots that came free since somebody asked, for each consumer; those of the last one stand apart,
    /// since many in a row are of one.
    private var freed: [String: Int] = [:]
    private var freedLast = (consumer: "", count: 0)

    init() {}

    var count: Int { out.count }
    func count(_ isMatch: (Int) -> Bool) -> Int {
        leases.reduce(0) { sum, together in
            sum + (together?.messages.count { self[$0.offset] != nil && isMatch($0.offset) } ?? 0)
        }
    }
    var nextDeadline: Int? { alarms.first?.deadline }

    subscript(offset: Int) -> Lease? {
        guard let together = together(out[offset]),
            let message = together.message(at: offset)
        else { return nil }
        return Lease(
            generation: together.generation, deadline: together.deadline(of: offset),
            waiting: message)
    }

    private func together(_ number: UInt32) -> LeasedTogether? {
        number == 0 ? nil : leases[Int(number) - 1]
    }

    /// The lease of a pull that was asked for before.
    func generation(ofPull pull: UInt64) -> LeaseGeneration? { pulls[pull] }

    /// Those of a lease that are still out.
    func messages(of generation: LeaseGeneration) -> [Waiting] {
        guard let number = numbers[generation], let together = together(number) else { return [] }
        return together.messages.filter { out[$0.offset] == number }
    }

    /// How much of the front of a run is out by a lease.
    func front(of run: Range<Int>, heldBy generation: LeaseGeneration) -> Range<Int> {
        guard let number = numbers[generation] else { return run.lowerBound..<run.lowerBound }
        return out.front(of: run, with: number)
    }

    // MARK: Giving and ending

    /// Notes who has messages, which are in the order of their offsets, and these in runs.
    mutating func add(
        _ messages: [Waiting], _ offsets: OffsetRanges, generation: LeaseGeneration, deadline: Int,
        holder: Holder, pull: UInt64?
    ) {
        let together = LeasedTogether(
            generation: generation, messages: messages, holder: holder, pull: pull,
            deadline: deadline, count: messages.count)
        let number = vacant.popLast() ?? UInt32(leases.count + 1)
        if number > leases.count { leases.append(together) }
        leases[Int(number) - 1] = together
        let before = out.count
        for run in offsets.runs { out.set(run, to: number) }
        precondition(out.count - before == messages.count, "a message has one holder")
        numbers[generation] = number
        if let pull { pulls[pull] = generation }
        alarms.insert(Alarm(deadline: deadline, generation: generation))
        if alarms.count > 2 * numbers.count + 64 { forgetStaleAlarms() }
    }

    // What was settled long before its time would otherwise wait for it here.
    private mutating func forgetStaleAlarms() {
        var kept = SmallestFirst<Alarm> { $0.deadline < $1.deadline }
        while let alarm = alarms.popFirst() {
            if numbers[alarm.generation] != nil { kept.insert(alarm) }
        }
        alarms = kept
    }

    /// Somebody is through with a message; returns the lease and who had it.
    mutating func end(_ offset: Int) -> (lease: Lease, holder: Holder)? {
        guard let lease = self[offset], let holder = together(out[offset])?.holder else {
            return nil
        }
        end(offset..<offset + 1, of: lease.generation)
        return (lease, holder)
    }

    /// Somebody is through with messages in a row, all of which are out by this lease.
    mutating func end(_ run: Range<Int>, of generation: LeaseGeneration) {
        guard let number = numbers[generation], !run.isEmpty else { return }
        out.set(run, to: 0)
        leases[Int(number) - 1]?.count -= run.count
        guard let together = together(number) else { return }
        free(run.count, of: together.holder.consumer)
        guard together.count == 0 else { return }
        numbers[generation] = nil
        if let pull = together.pull, pulls[pull] == generation { pulls[pull] = nil }
        leases[Int(number) - 1] = nil
        vacant.append(number)
    }

    /// Ends all of them.
    mutating func endAll() {
        for generation in Array(numbers.keys) {
            for message in messages(of: generation) { _ = end(message.offset) }
        }
        alarms = SmallestFirst { $0.deadline < $1.deadline }
    }

    // MARK: Slots

    private mutating func free(_ count: Int, of consumer: String) {
        if freedLast.consumer != consumer {
            addFreedLast()
            freedLast.consumer = consumer
        }
        freedLast.count += count
    }

    private mutating func addFreedLast() {
        guard freedLast.count > 0 else { return }
        freed[freedLast.consumer, default: 0] += freedLast.count
        freedLast.count = 0
    }

    mutating func giveFreed(back allowance: inout Allowance) {
        if freedLast.count > 0 {
            allowance.give(back: freedLast.count, of: freedLast.consumer)
            freedLast.count = 0
        }
        if freed.isEmpty { return }
        for (consumer, count) in freed { allowance.give(back: count, of: consumer) }
        freed = [:]
    }

    // MARK: Time

    mutating func extend(_ offset: Int, to deadline: Int) {
        let number = out[offset]
        guard let together = together(number), together.deadline(of: offset) < deadline else {
            return
        }
        leases[Int(number) - 1]?.extended[offset] = deadline
    }

    /// The messages whose lease is over by `now`, which are still out.
    mutating func expired(at now: Int) -> [Int] {
        var expired: [Int] = []
        while let alarm = alarms.first, alarm.deadline <= now {
            _ = alarms.popFirst()
            var next: Int?
            for message in messages(of: alarm.generation) {
                guard let deadline = self[message.offset]?.deadline else { continue }
                if deadline <= now {
                    expired.append(message.offset)
                } else {
                    next = min(next ?? deadline, deadline)
                }
            }
            // What was extended is looked at again then.
            if let next { alarms.insert(Alarm(deadline: next, generation: alarm.generation)) }
        }
        return expired
    }
}
