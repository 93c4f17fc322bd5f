/// What a pull asks of a partition.
package struct PullTerms: Sendable {
    package var messagesMax: Int
    /// The first message may be larger.
    package var bytesMax: Int
    /// Milliseconds.
    package var lease: Int
    package var holder: Holder
    /// A hash of the pull's own id, if it has one: the same again has the same answer.
    package var pull: UInt64?

    package init(
        messagesMax: Int, bytesMax: Int = .max, lease: Int, holder: Holder, pull: UInt64? = nil
    ) {
        self.messagesMax = messagesMax
        self.bytesMax = bytesMax
        self.lease = lease
        self.holder = holder
        self.pull = pull
    }
}

/// Messages that were handed out together.
package struct Grant: Equatable, Sendable {
    package struct Message: Equatable, Sendable {
        package let offset: Int
        /// The first one is 1.
        package let attempt: Int
        /// Bytes, as they count for a pull.
        package let size: UInt32
    }

    package let generation: LeaseGeneration
    /// In the order of their offsets.
    package let messages: [Message]
    package let offsets: OffsetRanges
    /// Of the messages, as they count for a pull.
    package let bytes: Int
    /// By the machine's clock.
    package let deadline: Int

    package init(
        generation: LeaseGeneration, messages: [Message], offsets: OffsetRanges, bytes: Int,
        deadline: Int
    ) {
        self.generation = generation
        self.messages = messages
        self.offsets = offsets
        self.bytes = bytes
        self.deadline = deadline
    }
}

package enum GrantOutcome: Equatable, Sendable {
    case granted(Grant)
    case nothing(Pause)

    /// Why there was nothing.
    package enum Pause: Equatable, Sendable {
        /// There is nothing that could be handed out now.
        case empty
        /// There is more to look at, from `cursor` on.
        case lookFurther
        /// So much is out, or unsettled before what is settled, that something has to come back first.
        case gaps
        /// So many dead letters owe copies that these have to be made first.
        case debt
        /// The group or the consumer has as much as it may have.
        case allowance
        /// An entry has to be committed before.
        case log
        /// Leases of an earlier term may still be held, up to this date of the log.
        case quiet(until: Int)
    }

    package var grant: Grant? {
        if case .granted(let grant) = self { grant } else { nil }
    }
}
