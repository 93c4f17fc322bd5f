/// What can be done wrong on purpose in a world of the whole broker, to see that somebody notices.
package enum BrokerMistake: CaseIterable, Sendable {
    /// The driver says that a round is flushed, and did not flush it.
    case acknowledgesBeforeFlush
    /// A start believes the bytes of a frame unseen.
    case skipsPayloadCRC
    /// News of a shard do not reach who waits for them.
    case forgetsWakeUp
    /// A start gives the newest offsets again.
    case reusesOffsets
    /// An answer goes to another client's request.
    case answersTheWrong
    /// Parts of a batch that spans shards are shown before the decision is flushed.
    case showsUndecided
}
