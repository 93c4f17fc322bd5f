// Numbers that one thread writes (or many, where the type says so) and the metrics route reads.
// Everything is relaxed: a reader wants a value that was true a moment ago, and nothing else is
// ordered by these.

public import Synchronization

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
/// As with `Counter`, one thread writes. It is public because the compiler specialises only public
/// generic types in other modules, and an unspecialised step would cost a hundred times as much.
public struct CounterRow<let width: Int>: ~Copyable, Sendable {
    @usableFromInline
    let counts: InlineArray<width, Atomic<UInt64>>

    @inlinable
    public init() { counts = InlineArray { _ in Atomic(0) } }

    @inlinable
    public func add(_ step: UInt64 = 1, at index: Int) {
        let count = counts[index].load(ordering: .relaxed)
        counts[index].store(count &+ step, ordering: .relaxed)
    }

    @inlinable
    public subscript(index: Int) -> UInt64 { counts[index].load(ordering: .relaxed) }
}
