import Groups
import Wire

/// What a pull has got so far.
struct GrantHand {
    let pull: GroupPull
    private(set) var leases: [GroupGrant.Lease] = []
    private(set) var batchBytes = 0
    private var messagesLeft: Int
    private var bytesLeft: Int
    /// Of the share of those before, what they did not take.
    private var spare = 0
    private var taken = 0
    private var pause: GroupGrant.Pause?
    /// An entry has to be committed before there can be more.
    private(set) var waits = false

    init(_ pull: GroupPull) {
        self.pull = pull
        messagesLeft = min(max(pull.messagesMax, 0), GrantShares.messagesMax)
        bytesLeft = max(pull.bytesMax, 0)
    }

    var isFull: Bool { messagesLeft == 0 || !leases.isEmpty && bytesLeft == 0 }

    mutating func terms(share: Int, _ settings: GroupSettings?) -> PullTerms {
        PullTerms(
            messagesMax: min(messagesLeft, share + spare), bytesMax: bytesLeft,
            lease: pull.lease ?? settings?.lease ?? 0,
            holder: Holder(consumer: pull.consumer, address: pull.address), pull: pull.id)
    }

    mutating func add(_ lease: GroupGrant.Lease, batchBytes: Int) {
        leases.append(lease)
        messagesLeft = max(messagesLeft - lease.messages.count, 0)
        taken += lease.messages.count
        bytesLeft = max(bytesLeft - lease.size, 0)
        self.batchBytes += batchBytes
    }

    /// Leaves what the last partition did not take of its share to the others.
    mutating func pass(_ share: Int) {
        spare = max(spare + share - taken, 0)
        taken = 0
    }

    /// Notes why a partition gave nothing; what is worth another pull counts most.
    mutating func note(_ reason: GrantOutcome.Pause) {
        let known = pause.map(Self.rank) ?? -1
        let next: GroupGrant.Pause
        switch reason {
        case .empty: next = .empty
        case .lookFurther: next = .more
        case .gaps: next = .gaps
        case .debt: next = .debt
        case .allowance: next = .allowance
        case .quiet(let until): next = .quiet(until)
        case .log:
            waits = true
            next = .empty
        }
        if Self.rank(next) > known { pause = next }
    }

    private static func rank(_ pause: GroupGrant.Pause) -> Int {
        switch pause {
        case .empty: 0
        case .gaps: 1
        case .debt: 2
        case .allowance: 3
        case .quiet: 4
        case .more: 5
        }
    }

    /// The answer, at a date of the log.
    func grant(at logTime: Int, lag: Int, settled: [[SettledRun]]) -> GroupGrant {
        var why = leases.isEmpty ? pause ?? .empty : nil
        if case .quiet(let until) = why { why = .quiet(max(until - logTime, 0)) }
        return GroupGrant(leases: leases, pause: why, lag: lag, settled: settled)
    }
}
