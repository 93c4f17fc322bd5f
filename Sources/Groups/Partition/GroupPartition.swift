// A group at work in a partition, on the primary: how far it is (the fold), and in memory only what is
// out, what can be handed out again, and what waits behind its key.
//
// Decisions go into a draft. Who called hears of one when the draft's entry is committed, and only then the
// fold has it (GroupPartition+Commit.swift). Until then a message is *closing*: in nobody's hands, and not
// handed out. What becomes available by a commit is handed out after it, never before.

package struct GroupPartition: Sendable {
    let limits: GroupLimits
    /// The topic that it is a partition of.
    private let topic: UInt32
    package internal(set) var settings: GroupSettings
    package internal(set) var progress: Progress
    /// The order that messages are handed out by; it follows the settings once nothing is out.
    var ordering: GroupSettings.Ordering
    /// Of the partition: what is committed and visible.
    package internal(set) var end = 0
    /// The first offset that nobody has looked at in this term.
    package internal(set) var cursor = 0
    /// Without a failure, looked at, and first in line where there is one.
    var ready = SmallestFirst<Waiting> { $0.offset < $1.offset }
    var lines = KeyLines()
    var leases = LeaseTable()
    var closing = ClosingTable()
    var acks: AckMemory
    var draft = PartitionDraft()
    /// The last one that was given.
    var generation: LeaseGeneration
    /// A seek is on its way into the log.
    var isMoving = false
    /// The farthest horizon that is in the log or on its way.
    var horizonAsked: Int
    /// Where order counts, nothing is handed out before: leases of an earlier term may be held.
    let quietUntil: Int
    /// Dead letters whose return is on its way into the log, by their offsets.
    var lettersAsked: Set<Int> = []
    /// Dead letters whose copies are on their way into the log, by their offsets.
    var copiesAsked: Set<Int> = []
    /// Who got something last.
    var last: Holder?
    /// What a redrive may send back, by its rate.
    var redrivePace = Pace()

    /// Goes on with what is committed, in a term of its own.
    package init(
        _ progress: Progress, _ settings: GroupSettings, epoch: UInt32,
        _ limits: GroupLimits = GroupLimits(), of topic: UInt32 = 0
    ) {
        self.limits = limits
        self.topic = topic
        self.settings = settings
        self.progress = progress
        ordering = settings.ordering
        acks = AckMemory(countMax: limits.acksRememberedMax)
        generation = LeaseGeneration(epoch: epoch)
        horizonAsked = progress.horizon
        quietUntil = progress.horizon
        rebuild()
    }

    /// The partition has committed, visible records below `end`.
    package mutating func grew(to end: Int) {
        self.end = max(self.end, end)
    }

    /// Messages that are out, or whose settling is on its way.
    package var inFlight: Int { leases.count + closing.count }
    /// What dies is copied into another topic.
    var copiesLetters: Bool { settings.copiesLetters(of: topic) }
    /// So many copies are still to be made that no more is handed out.
    var isInDebt: Bool { progress.owedCount >= limits.owedMax }

    /// What came back since somebody asked may be taken by others.
    package mutating func giveFreed(back allowance: inout Allowance) {
        leases.giveFreed(back: &allowance)
    }

    /// Forgets who waits for whom, and finds it again in what is committed.
    ///
    /// Where order counts, a failure above the floor gets in line when the records before it have: by
    /// then one of its key may be found that nobody has had yet.
    mutating func rebuild() {
        ready = SmallestFirst { $0.offset < $1.offset }
        lines = KeyLines()
        cursor = progress.floor
        progress.retries.disarmAll()
        for failure in progress.retries.all
        where ordering == .none || failure.offset < progress.floor {
            queue(failure)
        }
    }

    /// A failure that is in nobody's hands waits for its time, or for its key.
    mutating func queue(_ failure: Failure) {
        if let key = lineKey(failure.key), lines.current(of: key) != failure.offset {
            guard lines.enter(Waiting(failure), key: key) else { return }
        }
        if !failure.isBlocked { progress.retries.arm(failure.offset) }
    }

    /// The line that a message with this key stands in, if order counts.
    func lineKey(_ key: UInt32?) -> UInt32? {
        switch ordering {
        case .none: nil
        case .key: key
        case .partition: 0
        }
    }

    /// A message is settled; the next of its key becomes current, and can be handed out.
    mutating func leaveLine(_ offset: Int, key: UInt32?) {
        guard let key = lineKey(key) else { return }
        var left = offset
        while let next = lines.leave(left, key: key) {
            if let failure = progress.retries[next.offset] {
                let isFree =
                    !failure.isBlocked && closing[next.offset] == nil
                    && leases[next.offset] == nil
                return isFree ? progress.retries.arm(next.offset) : ()
            }
            guard progress.isSettled(next.offset) else { return ready.insert(next) }
            left = next.offset
        }
    }

    /// A message comes back at its old place, as if it had not been out.
    mutating func putBack(_ message: Waiting) {
        if progress.retries.has(message.offset) {
            progress.retries.arm(message.offset)
        } else {
            ready.insert(message)
        }
    }
}

extension Waiting {
    init(_ failure: Failure) {
        self.init(
            offset: failure.offset, expires: failure.expires, size: failure.size,
            key: failure.key)
    }
}
