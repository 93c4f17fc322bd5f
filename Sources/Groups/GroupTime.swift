/// Now, by both clocks, in milliseconds.
///
/// Leases are durations and go by the machine's clock. What has to mean the same after a restart, or on
/// another machine, goes by the clock of the log.
package struct GroupTime: Equatable, Sendable {
    /// Since 1970; never falls, and may stand still.
    package var log: Int
    /// Since the machine started; never falls while the process lives.
    package var boot: Int

    package init(log: Int, boot: Int) {
        self.log = log
        self.boot = boot
    }
}
