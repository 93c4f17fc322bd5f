import Synchronization
import Testing

@testable import Telemetry

@Suite("Counters")
struct CounterTests {
    @Test("A counter adds what its one thread says")
    func counter() {
        let counter = Counter()
        counter.add()
        counter.add(41)
        #expect(counter.value == 42)
    }

    @Test("A shared counter loses nothing to a race")
    func shared() async {
        final class Box: Sendable { let counter = SharedCounter() }
        let box = Box()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<10_000 { box.counter.add() } } }
        }
        #expect(box.counter.value == 80_000)
    }

    @Test("A gauge goes up, down and below zero")
    func gauge() {
        let gauge = Gauge()
        gauge.add(2)
        gauge.add(-5)
        #expect(gauge.value == -3)
        gauge.set(.max)
        #expect(gauge.value == .max)
    }

    @Test("A row of counters keeps them apart")
    func row() {
        let row = CounterRow<3>()
        row.add(at: 0)
        row.add(5, at: 2)
        #expect((0..<3).map { row[$0] } == [1, 0, 5])
    }
}

@Suite("Histograms")
struct HistogramTests {
    @Test(
        "A value goes to the first bucket whose end it does not pass",
        arguments: [
            (0, 0), (1_000, 0), (1_001, 1), (5_000, 1), (5_001, 2), (.max, 2),
        ] as [(UInt64, Int)])
    func buckets(_ nanoseconds: UInt64, _ index: Int) {
        let histogram = Histogram(HistogramBounds(microseconds: [1, 5]))
        histogram.record(nanoseconds: nanoseconds)
        var sum = HistogramSum(histogram.bounds)
        sum.add(histogram)
        #expect(sum.counts.indices.filter { sum.counts[$0] > 0 } == [index])
        #expect(sum.nanoseconds == nanoseconds)
    }

    @Test("As many buckets as there may be")
    func most() {
        let bounds = HistogramBounds(nanoseconds: (1...24).map { UInt64($0) })
        let histogram = Histogram(bounds)
        for value in UInt64(1)...25 { histogram.record(nanoseconds: value) }
        var sum = HistogramSum(bounds)
        sum.add(histogram)
        #expect(sum.counts == [UInt64](repeating: 1, count: 25))
    }

    @Test("The histograms of several threads add up")
    func sums() {
        let one = Histogram(.work)
        let other = Histogram(.work)
        one.record(nanoseconds: 1)
        other.record(nanoseconds: 2)
        other.record(nanoseconds: 5_000_000_000)
        var sum = HistogramSum(.work)
        sum.add(one)
        sum.add(other)
        #expect(sum.count == 3)
        #expect(sum.nanoseconds == 5_000_000_003)
        #expect(sum.counts.first == 2)
        #expect(sum.counts.last == 1)
    }
}
