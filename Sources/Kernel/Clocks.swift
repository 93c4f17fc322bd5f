import Glibc

/// Time for durations: it never jumps, and it counts while a virtual machine is suspended.
package enum BootClock {
    package static func nanoseconds() -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Time for dates, which may jump: never used to decide when something is due.
package enum WallClock {
    /// Returns Unix milliseconds, true to a few of them: the kernel's own tick.
    package static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
