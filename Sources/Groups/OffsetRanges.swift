/// Offsets as ranges in order, never empty, with something missing between any two.
package struct OffsetRanges: Equatable, Sendable {
    package private(set) var runs: [Range<Int>] = []
    /// The offsets in all of them.
    package private(set) var count = 0

    package init() {}

    package init(_ run: Range<Int>) {
        insert(run)
    }

    package init(_ offsets: [Int]) {
        for offset in offsets { insert(offset..<offset + 1) }
    }

    package var isEmpty: Bool { runs.isEmpty }
    package var first: Int? { runs.first?.lowerBound }
    package var end: Int? { runs.last?.upperBound }

    package func contains(_ offset: Int) -> Bool {
        let place = firstPlace(endingAt: offset + 1)
        return place < runs.count && runs[place].lowerBound <= offset
    }

    package func contains(_ range: Range<Int>) -> Bool {
        let place = firstPlace(endingAt: range.upperBound)
        return place < runs.count && runs[place].lowerBound <= range.lowerBound
    }

    package mutating func insert(_ run: Range<Int>) {
        guard !run.isEmpty else { return }
        if let last = runs.last, last.upperBound <= run.lowerBound { return append(run) }
        let first = firstPlace(endingAt: run.lowerBound)
        var (lower, upper) = (run.lowerBound, run.upperBound)
        var end = first
        while end < runs.count, runs[end].lowerBound <= run.upperBound {
            lower = min(lower, runs[end].lowerBound)
            upper = max(upper, runs[end].upperBound)
            count -= runs[end].count
            end += 1
        }
        count += upper - lower
        runs.replaceSubrange(first..<end, with: CollectionOfOne(lower..<upper))
    }

    package mutating func insert(_ ranges: OffsetRanges) {
        for run in ranges.runs { insert(run) }
    }

    /// Removes what is below `offset`.
    package mutating func remove(below offset: Int) {
        let place = firstPlace(endingAt: offset + 1)
        for run in runs[..<place] { count -= run.count }
        runs.removeFirst(place)
        guard let first = runs.first, first.lowerBound < offset else { return }
        count -= offset - first.lowerBound
        runs[0] = offset..<first.upperBound
    }

    /// How many runs there would be with `offset`, which is not in one, as well.
    package func runCount(with offset: Int) -> Int {
        let place = firstPlace(endingAt: offset)
        guard place < runs.count else { return runs.count + 1 }
        let joinsLower = runs[place].upperBound == offset
        let next = joinsLower ? place + 1 : place
        let joinsUpper = next < runs.count && runs[next].lowerBound == offset + 1
        return runs.count + 1 - (joinsLower ? 1 : 0) - (joinsUpper ? 1 : 0)
    }

    /// Appends what begins where the last run ends, or behind it.
    private mutating func append(_ run: Range<Int>) {
        count += run.count
        if let last = runs.last, last.upperBound == run.lowerBound {
            runs[runs.count - 1] = last.lowerBound..<run.upperBound
        } else {
            runs.append(run)
        }
    }

    /// The first run that ends at `offset` or later.
    private func firstPlace(endingAt offset: Int) -> Int {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound >= offset { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
