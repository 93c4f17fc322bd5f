import Testing

@testable import Storage

@Suite("How slow a disk is")
struct FlushGaugeTests {
    private func gauge(after flushes: [UInt64]) -> FlushGauge {
        var gauge = FlushGauge()
        for microseconds in flushes { gauge.note(nanoseconds: microseconds * 1_000) }
        return gauge
    }

    private func many(_ microseconds: UInt64, _ count: Int) -> [UInt64] {
        [UInt64](repeating: microseconds, count: count)
    }

    @Test("a disk is fast until most of its latest flushes took long")
    func becomesSlow() {
        #expect(!gauge(after: many(2_000, 32)).isSlow)
        #expect(gauge(after: many(2_000, 33)).isSlow)
        let half = (0..<1_000).map { $0 % 2 == 0 ? UInt64(2_000) : 100 }
        #expect(!gauge(after: half).isSlow)
        // What was long ago does not count.
        #expect(!gauge(after: many(2_000, 32) + many(100, 64) + many(2_000, 32)).isSlow)
    }

    @Test("one that stalls is slow at once, and fast again when most flushes are quick")
    func stalls() {
        #expect(gauge(after: [20_000]).isSlow)
        #expect(gauge(after: [20_000] + many(100, 32)).isSlow)
        #expect(!gauge(after: [20_000] + many(100, 33)).isSlow)
    }

    @Test("between slow and fast it stays what it was")
    func holds() {
        #expect(!gauge(after: many(800, 1_000)).isSlow)
        #expect(gauge(after: many(2_000, 33) + many(800, 1_000)).isSlow)
    }
}
