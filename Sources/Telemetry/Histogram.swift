// How long things took, sorted into buckets as they happen. A histogram belongs to one thread; the
// metrics route adds up the histograms of all of them in a `HistogramSum`.

import Synchronization

/// The upper ends of the buckets of a histogram, in nanoseconds and growing.
package struct HistogramBounds: Equatable, Sendable {
    package static let countMax = 24

    package let nanoseconds: [UInt64]

    package init(nanoseconds: [UInt64]) {
        precondition(nanoseconds.count <= Self.countMax, "too many histogram buckets")
        precondition(
            zip(nanoseconds, nanoseconds.dropFirst()).allSatisfy(<), "bucket bounds must grow")
        self.nanoseconds = nanoseconds
    }

    package init(microseconds: [UInt64]) {
        self.init(nanoseconds: microseconds.map { $0 * 1_000 })
    }

    /// From 100 µs to 60 s: a publish within one machine up to a long poll behind slow proxies.
    package static let requests = HistogramBounds(microseconds: [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 60_000_000,
    ])

    /// From 1 µs to 1 s: the turns of a loop and other work that is never waited for.
    package static let work = HistogramBounds(microseconds: [
        1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 1_000_000,
    ])
}

/// Durations by bucket, written by one thread and read by any.
package struct Histogram: ~Copyable, Sendable {
    package let bounds: HistogramBounds
    /// One more than there can be bounds: the last one used holds what is above all of them.
    private let counts = InlineArray<25, Atomic<UInt64>> { _ in Atomic(0) }
    private let sum = Atomic<UInt64>(0)

    package init(_ bounds: HistogramBounds) { self.bounds = bounds }

    package func record(nanoseconds: UInt64) {
        let index = bucket(of: nanoseconds)
        counts[index].store(counts[index].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        sum.store(sum.load(ordering: .relaxed) &+ nanoseconds, ordering: .relaxed)
    }

    /// Most values are small, so walking up from the bottom beats halving the range.
    private func bucket(of nanoseconds: UInt64) -> Int {
        let ends = bounds.nanoseconds
        var index = 0
        while index < ends.count, ends[index] < nanoseconds { index &+= 1 }
        return index
    }

    fileprivate func add(to total: inout HistogramSum) {
        for index in total.counts.indices {
            total.counts[index] &+= counts[index].load(ordering: .relaxed)
        }
        total.nanoseconds &+= sum.load(ordering: .relaxed)
    }
}

/// The histograms of several threads added up.
///
/// The number of values is the sum of the buckets and not a counter of its own, so that `+Inf`
/// and `_count` agree however the reads fell between the writes.
package struct HistogramSum: Sendable {
    package let bounds: HistogramBounds
    package fileprivate(set) var counts: [UInt64]
    package fileprivate(set) var nanoseconds: UInt64 = 0

    package init(_ bounds: HistogramBounds) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.nanoseconds.count + 1)
    }

    package mutating func add(_ histogram: borrowing Histogram) {
        precondition(histogram.bounds == bounds, "only equal buckets add up")
        histogram.add(to: &self)
    }

    package var count: UInt64 { counts.reduce(0, &+) }
}
