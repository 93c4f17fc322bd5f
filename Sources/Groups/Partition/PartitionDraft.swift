/// What was decided since the last entry, on its way into the next: one change of a kind, however many
/// clients it comes from.
struct PartitionDraft: Sendable {
    var horizon: Int?
    var failed: [FailedMessage] = []
    var dead: [FailedMessage] = []
    var settled = OffsetRanges()
    var redriven: [FailedMessage] = []
    var letters = 0
    var redriving: Redrive?
    var moved: (offset: Int, fence: UInt64)?

    init() {}

    var isEmpty: Bool {
        horizon == nil && failed.isEmpty && dead.isEmpty && settled.isEmpty && letters == 0
            && moved == nil && redriving == nil
    }

    /// In an order that is right whatever came first: an ack may come after a failure and never before
    /// one, and after a seek nothing is decided until it is committed.
    var changes: [GroupChange] {
        var changes: [GroupChange] = []
        if let horizon { changes.append(.horizon(horizon)) }
        if let redriving { changes.append(.redriving(redriving)) }
        if letters > 0 { changes.append(.redriven(Self.inOrder(redriven), letters: letters)) }
        if !failed.isEmpty { changes.append(.failed(Self.inOrder(failed))) }
        if !dead.isEmpty { changes.append(.dead(Self.inOrder(dead))) }
        if !settled.isEmpty { changes.append(.settled(settled)) }
        if let moved { changes.append(.moved(to: moved.offset, fence: moved.fence)) }
        return changes
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
