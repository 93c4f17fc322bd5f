/// How large the parts of a batch may be, as docs/log-format.md lists it.
package enum RecordLimits {
    package static let recordCountMax = 1_000
    /// The records of a batch of two and more, before compression.
    package static let rawSizeMax = 1 << 20
    /// The most that a topic may allow.
    package static let bodySizeMax = 8 << 20
    /// A body with everything around it.
    package static let recordSizeMax = bodySizeMax + 128 << 10
    package static let keySizeMax = 1 << 10
    package static let contentTypeSizeMax = 1 << 10
    package static let attributeCountMax = 100
    package static let attributeNameSizeMax = 200
    /// All names and values of one record.
    package static let attributesSizeMax = 64 << 10
    /// Offsets and dates are below it.
    static let numberEnd: UInt64 = 1 << 62
}
