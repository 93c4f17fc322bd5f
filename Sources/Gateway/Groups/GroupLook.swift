import Wire

/// What the shards of a group say when they are asked whether anybody uses it, and what follows.
struct GroupLook {
    enum Verdict: Equatable {
        /// Nobody has used the group in its lifetime.
        case end
        /// It cannot be over before so many milliseconds, or nobody knows.
        case lookAgain(after: UInt64)
    }

    /// For how long nobody has used it, in the shard where that was last.
    private var idle: Int
    private var inFlight = 0
    private var isWhole = true

    /// Begins with what is known without asking.
    init(idle: Int = .max) { self.idle = idle }

    /// Takes what a shard says; nothing, if it did not say.
    mutating func take(_ usage: GroupUsage?) {
        guard let usage else { return isWhole = false }
        idle = min(idle, usage.idle)
        inFlight += usage.inFlight
    }

    func verdict(lifetime: Int) -> Verdict {
        if isWhole, idle < lifetime { return .lookAgain(after: UInt64(lifetime - max(idle, 0))) }
        if isWhole, inFlight == 0 { return .end }
        let pause = UInt64(max(lifetime, 0) / 4)
        return .lookAgain(after: min(max(pause, GroupSweep.pauseMin), GroupSweep.pauseMax))
    }
}
