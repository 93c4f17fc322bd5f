/// The bounds of what a shard keeps of a group and a partition, which tests make small.
///
/// Beyond one nothing is forgotten: no new message is handed out until what is out has come back.
package struct GroupLimits: Equatable, Sendable {
    /// Messages of a partition that are out, or whose settling is on its way into the log.
    package var inFlightMax = 20_000
    /// Ranges that are settled ahead of the first message that is not.
    package var rangesMax = 10_000
    /// Offsets between the first message that is not settled and the last one that was looked at.
    package var spanMax = 1_000_000
    /// Messages of one lease.
    package var leaseMessagesMax = 1_000
    /// Ranges of offsets in one lease, since its receipt names them all.
    package var leaseRunsMax = 32
    /// Different reasons, consumers and addresses that a partition remembers of its failures.
    package var labelsMax = 4_096
    /// Dead letters of a partition that can go back; beyond it the oldest are forgotten.
    package var lettersMax = 10_000
    /// Dead letters of a partition whose copies are still to be made, beyond which nothing is handed out.
    package var owedMax = 1_000
    /// Acks that are remembered, so that a late one hears whether it was the client's own.
    package var acksRememberedMax = 1_024
    /// Milliseconds; a longer lease, or extension, is this long.
    package var leaseMax = 12 * 3_600_000

    /// Messages in one change of failures, and bytes of an entry that takes no more changes.
    package static let changeMessagesMax = 1_000
    package static let entrySizeTarget = 1 << 20
    /// Bytes of a consumer's label, an address or a reason; what is longer is cut.
    package static let labelSizeMax = 200
    /// Reasons of a message that are remembered, the last ones.
    package static let reasonsMax = 4
    /// Steps of a table of pauses.
    package static let backoffStepsMax = 32
    /// More would not fit where attempts are kept.
    package static let attemptsMax = 1_000

    package init() {}
}
