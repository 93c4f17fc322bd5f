// Numbers that one thread writes (or many, where the type says so) and the metrics route reads.
// Everything is relaxed: a reader wants a value that was true a moment ago, and nothing else is
// ordered by these.

import Synchronization

/// A number that only grows, written by one thread and read by any.
///
/// A load and a store cost less than a locked add; two writers would lose each other's steps.
package struct Counter: ~Copyable, Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package func add(_ step: UInt64 = 1) {
        count.store(count.load(ordering: .relaxed) &+ step, ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that only grows, written and read by any thread.
package struct SharedCounter: ~Copyable, Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package func add(_ step: UInt64 = 1) { count.wrappingAdd(step, ordering: .relaxed) }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A number that goes up and down, written by one thread and read by any.
package struct Gauge: ~Copyable, Sendable {
    private let level = Atomic<Int64>(0)

    package init() {}

    package func set(_ value: Int64) { level.store(value, ordering: .relaxed) }

    package func add(_ step: Int64) {
        level.store(level.load(ordering: .relaxed) &+ step, ordering: .relaxed)
    }

    package var value: Int64 { level.load(ordering: .relaxed) }
}

/// A row of counters for a label whose values are counted off, such as routes or status codes.
///
/// As with `Counter`, one thread writes.
package struct CounterRow<let width: Int>: ~Copyable, Sendable {
    private let counts = InlineArray<width, Atomic<UInt64>> { _ in Atomic(0) }

    package init() {}

    package func add(_ step: UInt64 = 1, at index: Int) {
        counts[index].store(
            counts[index].load(ordering: .relaxed) &+ step, ordering: .relaxed)
    }

    package subscript(index: Int) -> UInt64 { counts[index].load(ordering: .relaxed) }
}
