import Simulation
import Testing

@Suite("A shard on a disk that loses power, from a seed")
struct ShardWorldTests {
    @Test("keeps every answered publish once, in order, and invents nothing", arguments: 0..<4)
    func keepsPromises(share: Int) throws {
        for seed in UInt64(1)...40 where Int(seed) % 4 == share {
            let (violations, _) = try ShardWorld(seed: seed).run(steps: 400)
            #expect(violations.isEmpty, "rerun with seed \(seed)")
        }
    }

    @Test("comes across everything that can happen")
    func coversTheWorld() throws {
        let tallies = try (UInt64(1)...16).map { try ShardWorld(seed: $0).run(steps: 400).tally }
        func sum(_ part: (ShardWorld.Tally) -> Int) -> Int { tallies.reduce(0) { $0 + part($1) } }
        #expect(sum(\.answered) > 500)
        #expect(sum(\.refused) > 10)
        #expect(sum(\.crashes) > 20)
        #expect(sum(\.poisonings) > 5)
        #expect(sum(\.restarts) > 20)
        #expect(sum(\.begins) > 20)
        #expect(sum(\.deletions) > 20)
        #expect(sum(\.rewritten) > 10)
        #expect(sum(\.reads) > 100)
        #expect(sum(\.shown) > 100)
        #expect(sum(\.repeats) > 100)
        #expect(sum(\.pendingRepeats) > 5)
        #expect(sum(\.checkedEntries) > 1_000)
    }
}
