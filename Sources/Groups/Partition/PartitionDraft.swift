/// What was decided since the last entry, on its way into the next: one change of a kind, however many
/// clients it comes from.
struct PartitionDraft: Sendable {
    var horizon: Int?
    var failed: [FailedMessage] = []
    var dead: [FailedMessage] = []
    var settled = OffsetRanges()
    var redriven: [FailedMessage] = []
    var letters = OffsetRanges()
    var redriving: Redrive?
    var moved: (offset: Int, fence: UInt64)?

    init() {}

    var isEmpty: Bool {
        horizon == nil && failed.isEmpty && dead.isEmpty && settled.isEmpty && letters.isEmpty
            && moved == nil && redriving == nil
    }

    /// In an order that is right whatever came first: an ack may come after a failure and never before
    /// one, and after a seek nothing is decided until it is committed.
    var changes: [GroupChange] {
        var changes: [GroupChange] = []
        if let horizon { changes.append(.horizon(horizon)) }
        if let redriving { changes.append(.redriving(redriving)) }
        if !letters.isEmpty {
            changes.append(.redriven(Self.inOrder(redriven), letters: letters))
        }
        for part in Self.parts(failed) { changes.append(.failed(part)) }
        for part in Self.parts(dead) { changes.append(.dead(part)) }
        if !settled.isEmpty { changes.append(.settled(settled)) }
        if let moved { changes.append(.moved(to: moved.offset, fence: moved.fence)) }
        return changes
    }

    /// In pieces, so that no change is too large for an entry.
    private static func parts(_ messages: [FailedMessage]) -> [[FailedMessage]] {
        var rest = inOrder(messages)[...]
        var parts: [[FailedMessage]] = []
        while !rest.isEmpty {
            parts.append(Array(rest.prefix(GroupLimits.changeMessagesMax)))
            rest = rest.dropFirst(GroupLimits.changeMessagesMax)
        }
        return parts
    }

    /// Each message once: one that died twice, with a seek between, may go back twice.
    private static func inOrder(_ messages: [FailedMessage]) -> [FailedMessage] {
        var ordered: [FailedMessage] = []
        for message in messages.sorted(by: { $0.offset < $1.offset })
        where ordered.last?.offset != message.offset {
            ordered.append(message)
        }
        return ordered
    }
}
