import Records
package import Wire

/// What a topic is where nobody said otherwise.
package struct TopicDefaults: Equatable, Sendable {
    package static let partitionsMax = 256
    package static let messageSizeMax = 1 << 20
    /// 15 minutes, in milliseconds.
    package static let dedupWindow = 15 * 60_000
    /// A day, in milliseconds.
    package static let dedupWindowMax = 24 * 3_600_000
    /// Seven days, in milliseconds.
    package static let retention = 7 * 24 * 3_600_000

    package var settings: TopicSettings

    package init(partitions: Int) {
        settings = TopicSettings(
            partitions: partitions, retention: Self.retention, retentionBytes: nil,
            messageSizeMax: Self.messageSizeMax, durability: .replicated, compression: .auto,
            dedupWindow: Self.dedupWindow, backlogMax: nil)
    }
}
