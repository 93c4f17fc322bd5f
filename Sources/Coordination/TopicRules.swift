/// What the table of topics goes by; a value given to it at its start.
package struct TopicRules: Equatable, Sendable {
    package static let topicsMax = 100_000
    package static let nameSizeMax = 255
    /// Moments that are kept at which a topic got more partitions.
    package static let growthsMax = 16
    /// How long they are kept: more than an Idempotency-Key is ever known, in milliseconds.
    package static let growthAgeMax: UInt64 = 25 * 3_600_000

    package var defaults: TopicDefaults
    package var topicsMax = Self.topicsMax
    /// New partitions are spread over so many.
    package var shardCount: Int

    package init(defaults: TopicDefaults, shardCount: Int) {
        precondition(shardCount > 0 && shardCount <= Int(UInt16.max), "somebody keeps the messages")
        self.defaults = defaults
        self.shardCount = shardCount
    }
}
