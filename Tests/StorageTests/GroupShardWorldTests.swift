import Simulation
import Testing

@Suite("A group on a shard whose disk loses power, from a seed")
struct GroupShardWorldTests {
    @Test("loses no message, invents none, and gives none to two", arguments: 0..<4)
    func keepsPromises(share: Int) throws {
        for seed in UInt64(1)...20 where Int(seed) % 4 == share {
            #expect(try GroupShardWorld(seed: seed).run() == nil, "rerun with seed \(seed)")
        }
    }

    @Test("comes across everything that can happen")
    func coversTheWorld() throws {
        var tallies: [GroupShardWorld.Tally] = []
        for seed in UInt64(1)...16 {
            let world = try GroupShardWorld(seed: seed)
            _ = world.run()
            tallies.append(world.tally)
        }
        func sum(_ part: (GroupShardWorld.Tally) -> Int) -> Int {
            tallies.reduce(0) { $0 + part($1) }
        }
        #expect(sum(\.published) > 1_000)
        #expect(sum(\.granted) > 1_000)
        #expect(sum(\.acked) > 500)
        #expect(sum(\.failed) > 20)
        #expect(sum(\.lost) > 20)
        #expect(sum(\.expired) > 20)
        #expect(sum(\.released) > 10)
        #expect(sum(\.told) > 50)
        #expect(sum(\.seeks) > 3)
        #expect(sum(\.redrives) > 10)
        #expect(sum(\.copied) > 25)
        #expect(sum(\.settledInPulls) > 50)
        #expect(sum(\.crashes) > 10)
        #expect(sum(\.restarts) > 10)
        #expect(sum(\.comparisons) > 5)
    }

    @Test("finds whatever is done wrong", arguments: GroupShardMistake.allCases)
    func findsMistakes(mistake: GroupShardMistake) throws {
        for seed in UInt64(1)...40 {
            if try GroupShardWorld(seed: seed, mistake: mistake).run() != nil { return }
        }
        Issue.record("nobody notices")
    }
}
