/// What reading on a loop is told from outside; times are milliseconds.
package struct ReadSettings: Sendable {
    /// The wait of a read that names none, and the longest there is.
    package var waitDefault: UInt64 = 20_000
    package var waitMax: UInt64 = 25_000
    /// How long storage has to answer.
    package var timeout: UInt64 = 10_000
    package var messagesDefault = 100
    package var messagesMax = 1_000
    package var bytesDefault = 1 << 20
    package var bytesMax = 8 << 20
    /// Reads that wait on one loop, and for one topic there.
    package var parkedMax = 50_000
    package var parkedPerTopicMax = 50_000
    /// Between two comments on a stream that has nothing to say.
    package var heartbeat: UInt64 = 15_000
    /// Whether the first read of a topic makes it.
    package var createsTopics = true
    /// Of this loop alone: it spreads the ends of waits.
    package var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }
}
