import Records

/// What a topic may be set to.
///
/// The coordinator holds to the same; a test compares the two.
package enum TopicBounds {
    package static let partitionsMax = 256
    package static let messageSizeMax = RecordLimits.bodySizeMax
    /// A second and a hundred years, in milliseconds.
    package static let retentionMin = 1_000
    package static let retentionMax = 36_500 * 86_400_000
    /// A day, in milliseconds.
    package static let dedupWindowMax = 86_400_000
    package static let sizeMax = 1 << 60
}
