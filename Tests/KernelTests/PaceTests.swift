import Testing

@testable import Kernel

@Suite("A pace")
struct PaceTests {
    @Test(
        "is a time for a number of bytes",
        arguments: [
            (0, 1, 0), (1, 1, 1_000_000_000), (1 << 20, 1 << 20, 1_000_000_000),
            (512, 1_024, 500_000_000), (3 << 30, 1 << 30, 3_000_000_000),
            (1 << 40, 1 << 30, 1_024_000_000_000), (1, 1_000_000_000, 1),
            (Int.max, Int.max, 1_000_000_000),
        ] as [(Int, Int, UInt64)])
    func takesTime(bytes: Int, rate: Int, nanoseconds: UInt64) {
        #expect(Pace.nanoseconds(for: bytes, rate: rate) == nanoseconds)
    }

    @Test("does not wait without a rate, nor before the first byte")
    func doesNotWait() {
        Pace(rate: 0).wait(before: Int.max)
        Pace(rate: 1).wait(before: 0)
    }
}
