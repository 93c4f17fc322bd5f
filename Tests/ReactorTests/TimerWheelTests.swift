import Reactor
import Testing

/// What a wheel has to do, done the slow way.
private struct SlowTimers {
    var waiting: [(owner: Int, due: Tick)] = []

    mutating func advance(to tick: Tick) -> Set<Int> {
        let due = waiting.filter { $0.due <= tick }
        waiting.removeAll { $0.due <= tick }
        return Set(due.map(\.owner))
    }
}

struct TimerWheelTests {
    @Test(
        "A timer fires at its tick and not before, however far ahead it was set",
        arguments: [1, 2, 63, 64, 65, 4_095, 4_096, 4_097, 75_000, 1 << 24, 1 << 36, 1 << 45])
    func firesOnTime(_ delay: Tick) {
        for start in [0, 1, 63, 64, 1 << 36 - 1, 1 << 40 + 12_345] as [Tick] {
            var wheel = TimerWheel<String>(now: start)
            var expired: [String] = []
            _ = wheel.insert("a", at: start + delay)
            wheel.advance(to: start + delay - 1, into: &expired)
            #expect(expired.isEmpty)
            wheel.advance(to: start + delay, into: &expired)
            #expect(expired == ["a"])
            #expect(wheel.count == 0)
            #expect(wheel.nextDue == nil)
        }
    }

    @Test("A deadline that has passed fires at the next tick")
    func pastDeadline() {
        var wheel = TimerWheel<Int>(now: 100)
        var expired: [Int] = []
        _ = wheel.insert(1, at: 7)
        #expect(wheel.nextDue == 101)
        wheel.advance(to: 101, into: &expired)
        #expect(expired == [1])
    }

    @Test("A cancelled timer never fires, and its id stays harmless when its place is used again")
    func cancel() {
        var wheel = TimerWheel<Int>(now: 0)
        var expired: [Int] = []
        let first = wheel.insert(1, at: 10)
        wheel.cancel(first)
        let second = wheel.insert(2, at: 10)
        wheel.cancel(first)
        #expect(wheel.count == 1)
        wheel.advance(to: 10, into: &expired)
        #expect(expired == [2])
        wheel.cancel(second)
        #expect(wheel.count == 0)
    }

    @Test("Nothing is due while nothing is set")
    func idle() {
        var wheel = TimerWheel<Int>(now: 5)
        var expired: [Int] = []
        wheel.advance(to: 1 << 50, into: &expired)
        #expect(wheel.nextDue == nil && expired.isEmpty && wheel.now == 1 << 50)
    }

    @Test("The next due tick is never after the first timer, so no sleep is too long")
    func nextDueIsALowerBound() {
        var wheel = TimerWheel<Int>(now: 1_000)
        _ = wheel.insert(1, at: 80_000)
        _ = wheel.insert(2, at: 5_000)
        var wakes = 0
        var expired: [Int] = []
        while let due = wheel.nextDue {
            #expect(expired.isEmpty ? due <= 5_000 : due <= 80_000)
            wheel.advance(to: due, into: &expired)
            wakes += 1
        }
        #expect(expired == [2, 1])
        #expect(wakes <= 8, "a timer moves down a few wheels, it does not tick")
    }

    @Test("A wheel does what a list would do", arguments: UInt64(1)...60)
    func againstAList(seed: UInt64) {
        var random = SplitMix(seed)
        let start = random.next() >> random.below(30) + 8
        var wheel = TimerWheel<Int>(now: start)
        var list = SlowTimers()
        var ids: [Int: TimerID] = [:]
        for owner in 0..<400 {
            switch random.below(4) {
            case 0...1:
                let due = wheel.now + 1 + random.next() >> (34 + random.below(29))
                ids[owner] = wheel.insert(owner, at: due)
                list.waiting.append((owner, max(due, wheel.now + 1)))
            case 2:
                guard let (cancelled, id) = ids.randomElement(using: &random) else { continue }
                wheel.cancel(id)
                ids[cancelled] = nil
                list.waiting.removeAll { $0.owner == cancelled }
            default:
                let tick = wheel.now + random.next() >> (36 + random.below(27))
                var expired: [Int] = []
                wheel.advance(to: tick, into: &expired)
                #expect(Set(expired) == list.advance(to: tick), "seed \(seed)")
                for owner in expired { ids[owner] = nil }
            }
            #expect(wheel.count == list.waiting.count, "seed \(seed)")
        }
    }
}

private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
}
