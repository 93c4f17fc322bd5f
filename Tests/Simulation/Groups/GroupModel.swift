// What must be true of a group, told as plainly as it can be: a list of messages, and what became of each.

import Groups

struct GroupModel {
    struct Message {
        var facts: RecordFacts
        /// Committed, and not to be delivered any more.
        var isOver = false
        var isDead = false
        /// A dead letter that holds back its key.
        var isBlocked = false
        var isRedriven = false
        /// The generations whose ack was accepted, since the last seek.
        var ackers: Set<LeaseGeneration> = []
        /// Those that gave it back, and may still say that they are through with it.
        var releasers: Set<LeaseGeneration> = []
        var failures = 0
        var due = 0
        /// The grant that it was part of last, and the one before.
        var last: Held?
        var before: Held?
    }

    struct Held {
        var generation: LeaseGeneration
        var deadline: Int
        /// The same by the clock of the log, which a start goes by.
        var deadlineLog: Int
        var epoch: UInt32
        /// Order counted when it was handed out.
        var isOrdered: Bool
        var isOut = true
        var hasFailed = false
        var isVanished = false
    }

    var messages: [GroupPlace: [Message]] = [:]
    /// Offsets of dead letters that have not gone back.
    var letters: [GroupPlace: Set<Int>] = [:]
    /// Those whose copy is still to be made.
    var owed: [GroupPlace: Set<Int>] = [:]
    /// Leases of older generations are over.
    var fences: [GroupPlace: LeaseGeneration] = [:]
    /// The first offset that is delivered since the last seek.
    var starts: [GroupPlace: Int] = [:]
    /// What the group has asked for; for what is out now it may have been something else.
    var ordering = GroupSettings.Ordering.none
    /// Where a seek is on its way into the log.
    var seeking: Set<GroupPlace> = []
    var attemptsMax = 1
    /// The term that the process is in.
    var epoch: UInt32 = 1
    private(set) var violation: String?
    var tally = GroupTally()

    mutating func fault(_ what: String) {
        if violation == nil { violation = what }
    }

    mutating func committed(_ records: [GroupPlace: [RecordFacts]]) {
        for (place, facts) in records {
            messages[place, default: []] += facts.map { Message(facts: $0) }
        }
    }

    /// The process died: what was out is nobody's, but where order counts it is still held.
    mutating func died() {
        epoch += 1
        seeking = []
        for place in messages.keys {
            for offset in messages[place, default: []].indices where ordering == .none {
                messages[place]?[offset].last?.isOut = false
            }
        }
    }

    func key(_ facts: RecordFacts) -> UInt32? {
        switch ordering {
        case .none: nil
        case .key: facts.key
        case .partition: 0
        }
    }

    /// Whether a message that is not over could still be delivered.
    func isOpen(_ message: Message, at now: GroupTime) -> Bool {
        !message.isOver && message.facts.isWanted && message.facts.expires > now.log
    }
}

/// What happened, to see that everything does.
package struct GroupTally {
    package var published = 0, granted = 0, acked = 0, lateAcked = 0, lost = 0, nacked = 0
    package var expired = 0, dead = 0, redriven = 0, released = 0, seeks = 0, kills = 0
    package var copied = 0
    package var repeats = 0, extended = 0, checkpoints = 0, settings = 0, repeatedAcks = 0
}
