package import Bytes

/// What pulling on a loop is told from outside; times are milliseconds.
package struct PullSettings: Sendable {
    /// The wait of a pull that names none, and the longest there is.
    package var waitDefault: UInt64 = 20_000
    package var waitMax: UInt64 = 25_000
    /// How long storage has to answer.
    package var timeout: UInt64 = 10_000
    package var messagesDefault = 100
    package var messagesMax = 1_000
    package var bytesDefault = 1 << 20
    package var bytesMax = 8 << 20
    /// Pulls that wait on one loop, and for one group there.
    package var parkedMax = 50_000
    package var parkedPerGroupMax = 50_000
    /// Whether the first pull from a topic makes it.
    package var createsTopics = true
    /// Hashes the ids that clients give their pulls: the same on all loops.
    package var hashKey: SipKey
    /// Of this loop alone: it spreads the ends of waits.
    package var seed: UInt64

    package init(hashKey: SipKey, seed: UInt64) {
        self.hashKey = hashKey
        self.seed = seed
    }
}
