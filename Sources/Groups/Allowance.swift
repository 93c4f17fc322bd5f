/// How many messages a group, and a consumer of it, may take at this moment: by what is out, and by a rate.
package struct Allowance: Sendable {
    private var pace = Pace()
    private var consumers: [String: Int] = [:]
    /// Messages that are out.
    package private(set) var inFlight = 0

    package init() {}

    package func inFlight(of consumer: String) -> Int { consumers[consumer] ?? 0 }

    /// What may be taken at `now`, by the machine's clock.
    package mutating func free(
        for consumer: String, _ settings: GroupSettings, at now: Int
    ) -> Int {
        var free = Int.max
        if let bound = settings.inFlightMax { free = min(free, bound - inFlight) }
        if let bound = settings.inFlightPerConsumerMax {
            free = min(free, bound - inFlight(of: consumer))
        }
        if let rate = settings.rateThousandths { free = min(free, pace.free(rate, at: now)) }
        return max(free, 0)
    }

    /// When the rate lets the next message go, if it is what holds it back.
    package func nextFree(_ settings: GroupSettings, at now: Int) -> Int? {
        settings.rateThousandths.flatMap { pace.next($0, at: now) }
    }

    package mutating func take(_ count: Int, for consumer: String, _ settings: GroupSettings) {
        guard count > 0 else { return }
        inFlight += count
        consumers[consumer, default: 0] += count
        if settings.rateThousandths != nil { pace.take(count) }
    }

    package mutating func give(back count: Int, of consumer: String) {
        inFlight -= count
        let left = (consumers[consumer] ?? 0) - count
        precondition(left >= 0 && inFlight >= 0, "what comes back was out")
        consumers[consumer] = left == 0 ? nil : left
    }
}
