import Simulation
import Testing

@testable import Groups

@Suite("Ranges of offsets")
struct OffsetRangesTests {
    @Test(
        "join what touches",
        arguments: [
            ([0..<1, 1..<2], [0..<2]), ([0..<1, 2..<3], [0..<1, 2..<3]),
            ([0..<1, 2..<3, 1..<2], [0..<3]), ([5..<9, 0..<20], [0..<20]),
            ([5..<5], []), ([3..<6, 4..<5], [3..<6]), ([10..<12, 0..<10], [0..<12]),
        ])
    func join(inserted: [Range<Int>], runs: [Range<Int>]) {
        var ranges = OffsetRanges()
        for run in inserted { ranges.insert(run) }
        #expect(ranges.runs == runs)
        #expect(ranges.count == runs.reduce(0) { $0 + $1.count })
    }

    @Test("are a set of offsets", arguments: UInt64(1)...60)
    func matchesSet(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var ranges = OffsetRanges()
        var set: Set<Int> = []
        for _ in 0..<200 {
            let first = random.number(in: 0...100)
            let run = first..<first + random.number(in: 0...5)
            if random.oneIn(10) {
                ranges.remove(below: first)
                set = set.filter { $0 >= first }
            } else {
                if !ranges.contains(first) {
                    let next = OffsetRanges(Array(set) + [first])
                    #expect(ranges.runCount(with: first) == next.runs.count, "seed \(seed)")
                }
                ranges.insert(run)
                set.formUnion(run)
            }
            #expect(Set(ranges.runs.joined()) == set && ranges.count == set.count, "seed \(seed)")
            let isWhole = run.isEmpty || run.allSatisfy { set.contains($0) }
            #expect(run.isEmpty || ranges.contains(run) == isWhole, "seed \(seed)")
        }
    }
}
