// What happens to a group, as the log has it: state is the fold of these. docs/groups.md lays them out.

package import Records

package enum GroupChange: Equatable, Sendable {
    /// From here on the group is there, and has these settings.
    case set(GroupSettings)
    /// The group is gone, with all it has.
    case gone
    /// The group goes on at `offset` of the partition, whatever it did there before: it begins, or a
    /// seek. Leases with a generation below `fence` are over.
    case moved(to: Int, fence: UInt64)
    /// Acked, or never to be delivered to this group.
    case settled(OffsetRanges)
    case failed([FailedMessage])
    /// The same, and from now on dead letters.
    case dead([FailedMessage])
    /// The dead letters of these offsets go back; the messages that are listed can be delivered again.
    case redriven([FailedMessage], letters: OffsetRanges)
    /// These dead letters owe no copy any more: they are in `topic` by entries beside this one, or
    /// nowhere where that is 0.
    case copied(OffsetRanges, topic: UInt32)
    /// No lease of the partition lasts beyond this date of the log.
    case horizon(Int)
    /// So many dead letters are to go back, or all there are, so many a second.
    case redriving(Redrive)
    /// Only in a checkpoint: the dead letters that have not gone back.
    case letters([FailedMessage])

    /// As in an entry's bytes.
    package enum Kind: UInt8, CaseIterable, Sendable {
        case set = 1, gone, moved, settled, failed, dead, redriven, horizon, letters, redriving,
            copied
    }

    package var kind: Kind {
        switch self {
        case .set: .set
        case .gone: .gone
        case .moved: .moved
        case .settled: .settled
        case .failed: .failed
        case .dead: .dead
        case .redriven: .redriven
        case .horizon: .horizon
        case .letters: .letters
        case .redriving: .redriving
        case .copied: .copied
        }
    }
}

/// A change, and whose it is.
package struct PlacedChange: Equatable, Sendable {
    package var group: UInt32
    /// Nil where the whole group changes.
    package var partition: PartitionID?
    package var change: GroupChange

    package init(group: UInt32, partition: PartitionID?, _ change: GroupChange) {
        self.group = group
        self.partition = partition
        self.change = change
    }
}

/// A message that failed, with all that is kept and shown of that.
package struct FailedMessage: Equatable, Sendable {
    package var offset: Int
    package var attempts: Int
    /// When it may be handed out again, by the clock of the log; of a dead letter, when it died.
    package var due: Int
    /// By the same clock; `.max` for never.
    package var expires: Int
    package var key: UInt32?
    package var size: UInt32
    /// Of the lease that had it last; 0 for none.
    package var mark: UInt32
    /// A dead letter that holds back what comes behind it.
    package var isBlocked: Bool
    /// A dead letter whose copy is still to be made.
    package var owesCopy: Bool
    /// The last few, the oldest first, each in a line.
    package var reasons: String
    package var consumer: String
    package var address: String

    package init(
        offset: Int, attempts: Int, due: Int, expires: Int = .max, key: UInt32? = nil,
        size: UInt32 = 0, mark: UInt32 = 0, isBlocked: Bool = false, owesCopy: Bool = false,
        reasons: String = "", consumer: String = "", address: String = ""
    ) {
        self.offset = offset
        self.attempts = attempts
        self.due = due
        self.expires = expires
        self.key = key
        self.size = size
        self.mark = mark
        self.isBlocked = isBlocked
        self.owesCopy = owesCopy
        self.reasons = reasons
        self.consumer = consumer
        self.address = address
    }

    /// The reasons with one more, the oldest gone if they are too many.
    package static func reasons(_ known: String, and reason: String) -> String {
        let line = LabelTable.cut(reason).map { $0.isNewline ? " " : $0 }
        let kept = known.split(separator: "\n").suffix(GroupLimits.reasonsMax - 1)
        return (kept.map(String.init) + [String(line)]).filter { !$0.isEmpty }
            .joined(separator: "\n")
    }
}
