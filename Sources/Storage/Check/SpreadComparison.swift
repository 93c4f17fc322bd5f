import Wire

/// Holds what the shards say of spread batches against each other: each is shown by all of them, or by none.
struct SpreadComparison {
    private var traces: [UInt16: SpreadTrace] = [:]

    mutating func add(_ trace: SpreadTrace, of shard: UInt16) { traces[shard] = trace }

    /// Parts that wait for a decision.
    var waitingCount: Int { traces.values.reduce(0) { $0 + $1.waiting.count } }

    /// What contradicts itself; `isServed` tells the topics that there are.
    func findings(isServed: (UInt32) -> Bool) -> [CheckFinding] {
        // Where frames are lost, nobody knows what they said.
        if traces.values.contains(where: \.isBlind) { return [] }
        var findings: [CheckFinding] = []
        for (shard, trace) in traces.sorted(by: { $0.key < $1.key }) {
            let early = trace.shown.count { spread, judge in
                judge != shard && traces[judge]?.hasNotShown(spread) == true
            }
            if early > 0 { findings.append(.early(early, in: shard)) }
            let missing = trace.unsettled.count { spread, others in
                others.contains { traces[$0]?.dropped[spread].map(isServed) == true }
            }
            if missing > 0 { findings.append(.missing(missing, in: shard)) }
        }
        return findings
    }
}

extension SpreadTrace {
    /// Whether this judge certainly has not decided to show it.
    fileprivate func hasNotShown(_ spread: SpreadID) -> Bool {
        decisions[spread] == false || waiting[spread] != nil
    }
}

extension CheckFinding {
    fileprivate static func early(_ count: Int, in shard: UInt16) -> CheckFinding {
        CheckFinding(
            .shard(shard), "spread",
            "it shows its parts of \(count) batches that another shard has not decided to show")
    }

    fileprivate static func missing(_ count: Int, in shard: UInt16) -> CheckFinding {
        CheckFinding(
            .shard(shard), "spread",
            "it shows its parts of \(count) batches of which another shard dropped the rest")
    }
}
