import Reactor
import Records
import Wire

/// What one client settles in one call, until all shards have said what became of it.
final class SettleErrand {
    /// One receipt, and what is known of its messages.
    struct Result {
        let receipt: String
        var runs: [Run] = []
        /// Set where the receipt is none.
        var isUnknown = false
    }

    struct Run {
        let partition: PartitionID
        let run: SettledRun
    }

    /// Who asked; nothing where a pull did, whose answer has the results.
    let caller: Exchange?
    weak var pull: Pull?
    var results: [Result] = []
    /// Items that shards have not answered yet.
    var left = 0
    var error: WorkError?
    var timer: TimerID?
    var isGone = false

    init(for caller: Exchange?) { self.caller = caller }
}

/// Which receipt of which call an item is of; nothing for a release, which nobody waits for.
struct SettleReference {
    let settlement: SettleErrand?
    let index: Int
}

extension SettleErrand.Result {
    /// What its client reads: the worst that became of one of its messages, where they differ.
    var status: SettledRun.Verdict {
        if isUnknown || runs.isEmpty { return .unknown }
        let verdicts = runs.map(\.run.verdict)
        for verdict in [SettledRun.Verdict.lost, .unknown, .acked, .nacked, .extended]
        where verdicts.contains(verdict) {
            return verdict
        }
        return verdicts[0]
    }

    /// The messages that became something else.
    var exceptions: [SettleErrand.Run] {
        let status = status
        return runs.filter { $0.run.verdict != status }
    }
}

extension SettledRun.Verdict {
    /// As clients read it.
    var word: String {
        switch self {
        case .acked: "acked"
        case .alreadyAcked: "already_acked"
        case .nacked: "nacked"
        case .extended: "extended"
        case .released: "released"
        case .lost: "lost"
        case .unknown: "unknown"
        }
    }
}
