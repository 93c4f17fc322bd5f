import Bytes

// The small parts of a desk for reads.

/// What a loop has read, for the numbers.
package struct ReadCounts: Equatable, Sendable {
    /// Those that wait at this moment.
    package var parked = 0
    package var wakeUps: UInt64 = 0
    package var fetches: UInt64 = 0
    /// Messages and bytes that were given out, once for each reader.
    package var messages: UInt64 = 0
    package var bytes: UInt64 = 0

    package init() {}
}

/// Numbers that need not be good, only spread.
struct Spread {
    private var numbers: SplitMix

    init(seed: UInt64) { numbers = SplitMix(seed: seed) }

    /// A number below `bound`.
    mutating func next(below bound: UInt64) -> UInt64 {
        let number = numbers.next()
        return bound == 0 ? 0 : number % bound
    }
}

/// Readings in order of arrival.
struct ReadingLine {
    private var readings: [Reading] = []
    private var next = 0

    mutating func append(_ reading: Reading) { readings.append(reading) }

    mutating func take() -> Reading? {
        guard next < readings.count else { return nil }
        defer {
            next += 1
            if next == readings.count {
                readings.removeAll(keepingCapacity: true)
                next = 0
            }
        }
        return readings[next]
    }
}

/// A read whose topic has to be found first.
struct ReadRequest {
    let reader: Reader
    let kind: Reading.Kind
    let options: ReadOptions
}
