/// What the tables of topics and groups go by; a value given to them at the start.
package struct TopicRules: Equatable, Sendable {
    package static let topicsMax = 100_000
    package static let nameSizeMax = 255
    /// Moments that are kept at which a topic got more partitions.
    package static let growthsMax = 16
    /// How long they are kept: more than an Idempotency-Key is ever known, in milliseconds.
    package static let growthAgeMax: UInt64 = 25 * 3_600_000

    package var defaults: TopicDefaults
    package var topicsMax = Self.topicsMax
    package var groupsMax = GroupRules.groupsMax
    /// New partitions are spread over so many.
    package var shardCount: Int

    package init(defaults: TopicDefaults, shardCount: Int) {
        precondition(shardCount > 0 && shardCount <= Int(UInt16.max), "somebody keeps the messages")
        self.defaults = defaults
        self.shardCount = shardCount
    }

    /// Whether a client may use the name; the others are kept for us.
    static func isOpen(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= nameSizeMax else { return false }
        return first != UInt8(ascii: "_") && first != UInt8(ascii: ".")
    }
}
