/// How long answers took, by buckets that are at most a thirty-second part wide.
package struct Latencies: Equatable, Sendable {
    private static let parts = 32
    private static let partBits = 5

    private var counts = [UInt64](repeating: 0, count: 64 * parts)
    package private(set) var count: UInt64 = 0
    package private(set) var longest: UInt64 = 0

    package init() {}

    package mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    package mutating func add(_ other: Latencies) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        longest = max(longest, other.longest)
    }

    /// The time within which so many of a thousand were answered, rounded up to the end of a bucket;
    /// nothing where there were none.
    package func within(perMille: Int) -> UInt64? {
        precondition(0...1_000 ~= perMille, "a share of all")
        guard count > 0 else { return nil }
        let wanted = max(1, (count * UInt64(perMille) + 999) / 1_000)
        var seen: UInt64 = 0
        for (index, number) in counts.enumerated() {
            seen += number
            if seen >= wanted { return min(Self.end(of: index), longest) }
        }
        return longest
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(parts) else { return Int(value) }
        let shift = UInt64.bitWidth - 1 - value.leadingZeroBitCount - partBits
        return (shift + 1) * parts + Int(value >> UInt64(shift)) - parts
    }

    /// The greatest value of a bucket.
    private static func end(of bucket: Int) -> UInt64 {
        guard bucket >= parts else { return UInt64(bucket) }
        let shift = UInt64(bucket / parts - 1)
        let first = UInt64(bucket % parts + parts) << shift
        return first + ((1 << shift) - 1)
    }
}
