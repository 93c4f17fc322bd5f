/// What a group may be set to; durations are milliseconds.
///
/// The coordinator and the shards hold to the same; tests compare them.
package enum GroupBounds {
    package static let leaseMin = 100
    /// Twelve hours.
    package static let leaseMax = 12 * 3_600_000
    package static let attemptsMax = 1_000
    package static let pausesMax = 32
    /// Seven days.
    package static let pauseMax = 7 * 86_400_000
    package static let inFlightMax = 1_000_000
    package static let rateMax = 1_000_000
    /// How long a group may live without use: from a second to thirty days.
    package static let lifetimeMin = 1_000
    package static let lifetimeMax = 30 * 86_400_000
    /// Partitions of a cursor that a group begins at.
    package static let cursorPartitionsMax = 256
}
