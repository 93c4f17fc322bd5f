package import Bytes

/// What publishing on a loop is told from outside.
package struct PublishSettings: Sendable {
    /// How long a publish waits for its confirmation, in milliseconds; then nobody knows.
    package var timeout: UInt64 = 10_000
    /// Whether the first publish to a topic makes it.
    package var createsTopics = true
    /// The same on every gateway: it hashes the Idempotency-Keys.
    package var hashKey: SipKey
    /// Of this loop alone: it names the batches that span shards.
    package var seed: UInt64

    package init(hashKey: SipKey, seed: UInt64) {
        self.hashKey = hashKey
        self.seed = seed
    }
}
