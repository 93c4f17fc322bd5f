import Testing

@testable import Groups

@Suite("A rate")
struct PaceTests {
    @Test("lets so many go in each second, however often one asks", arguments: [1, 7, 50, 2_000])
    func isExact(rate: Int) {
        for step in [1, 3, 10, 70] {
            var pace = Pace()
            var taken = 0
            for now in stride(from: 0, through: 10_000, by: step) {
                let free = pace.free(Pace.thousandths(rate), at: now)
                pace.take(free)
                taken += free
            }
            let saved = max(rate / 10, 1)
            #expect((rate * 10 - rate...rate * 10 + saved).contains(taken), "\(rate), \(step)")
        }
    }

    @Test("says when the next may go, and is right about it", arguments: [1, 3, 999, 5_000])
    func next(rate: Int) {
        var pace = Pace()
        pace.take(pace.free(Pace.thousandths(rate), at: 100))
        let next = pace.next(Pace.thousandths(rate), at: 100)
        #expect(next != nil)
        guard let next else { return }
        let before = pace.free(Pace.thousandths(rate), at: next - 1)
        let then = pace.free(Pace.thousandths(rate), at: next)
        #expect(before == 0 && then >= 1)
    }

    @Test("can be a part of one a second")
    func parts() {
        var pace = Pace()
        var taken = 0
        for now in stride(from: 0, through: 100_000, by: 10) {
            let free = pace.free(250, at: now)
            pace.take(free)
            taken += free
        }
        #expect((24...26).contains(taken))
    }

    @Test("is no rate at zero, and none that overflows")
    func extremes() {
        var pace = Pace()
        _ = pace.free(0, at: 0)
        pace.take(1)
        let none = pace.free(0, at: Int.max)
        #expect(none == 0 && pace.next(0, at: 5) == nil)
        var fast = Pace()
        let much = [0, 1, Int.max].map { fast.free(Int.max, at: $0) }
        #expect(much.allSatisfy { $0 > 0 })
    }
}
