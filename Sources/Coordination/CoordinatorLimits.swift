package import CommitLog

/// The bounds of the coordinator's log, and its paces in milliseconds; tests make them small.
package struct CoordinatorLimits: Sendable {
    package var log = LogLimits()
    package var segmentCapacity = 4 << 20
    /// Calls that wait for the round before theirs.
    package var callsMax = 65_536
    /// How long the log is idle before it says that its last frame is committed.
    package var markPause = 50
    /// Before what found no room is tried again.
    package var retryPause = 1_000

    package init() {
        log.payloadSizeMax = 1 << 20
        log.roundSizeTarget = 256 << 10
        log.waitingSizeMax = 1 << 20
    }
}
