import Glibc

/// Keeps a piece of work to a number of bytes a second, by sleeping in the thread that does it.
struct Pace {
    private let rate: Int
    private let start = BootClock.nanoseconds()

    /// A rate of 0 is no limit.
    init(rate: Int) {
        precondition(rate >= 0, "a rate is not negative")
        self.rate = rate
    }

    /// Sleeps until `done` bytes are not too many for the time that has passed.
    func wait(before done: Int) {
        if rate == 0 || done == 0 { return }
        let due = start + Self.nanoseconds(for: done, rate: rate)
        let now = BootClock.nanoseconds()
        if due > now { Self.sleep(nanoseconds: due - now) }
    }

    static func nanoseconds(for bytes: Int, rate: Int) -> UInt64 {
        let (seconds, rest) = bytes.quotientAndRemainder(dividingBy: rate)
        let part = Double(rest) / Double(rate) * 1e9
        return UInt64(seconds) * 1_000_000_000 + UInt64(part)
    }

    private static func sleep(nanoseconds: UInt64) {
        var rest = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while unsafe nanosleep(&rest, &left) != 0, errno == EINTR { rest = left }
    }
}
