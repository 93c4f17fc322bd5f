/// Dates for the log, which never fall and which one bad step of the wall clock cannot carry away.
///
/// All times are milliseconds. Expiry, delays and retention go by log time, so a wall clock that
/// jumps an hour ahead would expire everything at once; log time then follows the boot-time clock.
package struct LogTime: Equatable, Sendable {
    /// The last time given out.
    package private(set) var now: Int
    /// The wall clock has run ahead; an operator accepts that, or mends the clock.
    package private(set) var isHeldBack = false
    /// Where both clocks stood together the last time, at most a window ago.
    private var anchorTime: Int
    private var anchorBoot: Int
    private var lastBoot: Int

    package static let aheadMax = 10_000
    package static let window = 60_000

    /// Goes on after the log time that recovery found.
    ///
    /// What time has passed since is only known by the wall clock, which is believed once.
    package init(after last: Int, wall: Int, boot: Int) {
        now = max(last, wall)
        anchorTime = now
        anchorBoot = boot
        lastBoot = boot
    }

    /// Returns log time as of these clocks.
    package mutating func advance(wall: Int, boot: Int) -> Int {
        precondition(boot >= lastBoot, "the boot-time clock never falls")
        let expected = anchorTime + (boot - anchorBoot)
        isHeldBack = wall - expected > Self.aheadMax
        now = isHeldBack ? max(now, now + (boot - lastBoot)) : max(now, wall)
        lastBoot = boot
        // While log time stands still, the anchor stays: the way back is not a jump ahead.
        if !isHeldBack, wall >= now, boot - anchorBoot >= Self.window {
            (anchorTime, anchorBoot) = (now, boot)
        }
        return now
    }

    /// Takes over the wall clock as it is: an operator says that it is right.
    package mutating func accept(wall: Int, boot: Int) {
        self = LogTime(after: now, wall: wall, boot: boot)
    }
}
