/// The bounds of the table of groups; gateways hold to the same, and refuse what is more.
package enum GroupRules {
    package static let groupsMax = 10_000
    /// Topics that one group works on.
    package static let attachmentsMax = 256
    package static let pausesMax = 32
    package static let filterSizeMax = 4 << 10
    package static let attemptsMax = 1_000
    /// Partitions of a cursor that a group begins at: as many as a topic has.
    package static let cursorPartitionsMax = TopicDefaults.partitionsMax
    /// How long a secret of receipts signs, in milliseconds: seven days.
    package static let secretAgeMax = 7 * 24 * 3_600_000
    /// How long a new secret is believed before it signs, so that all have heard of it.
    package static let secretNotice = 60_000
    /// The secrets that are believed: a receipt holds for as long as the last few sign.
    package static let secretsMax = 4
    /// Before a secret that found no room is tried again.
    package static let secretRetryPause = 10_000
}
