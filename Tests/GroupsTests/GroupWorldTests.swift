import Simulation
import Testing

@Suite("A group from a seed")
struct GroupWorldTests {
    private static let shareCount: UInt64 = 8

    @Test(
        "keeps every promise, whatever clients, clocks and processes do", arguments: 0..<shareCount)
    func keepsPromises(share: UInt64) {
        for seed in UInt64(1)...160 where seed % Self.shareCount == share {
            var world = GroupWorld(seed: seed)
            #expect(world.run().violation == nil, "rerun with seed \(seed)")
        }
    }

    @Test("comes across everything that can happen")
    func coversTheWorld() {
        let tallies = (UInt64(1)...40).map { seed in
            var world = GroupWorld(seed: seed)
            return world.run().tally
        }
        func sum(_ part: (GroupTally) -> Int) -> Int { tallies.reduce(0) { $0 + part($1) } }
        #expect(sum(\.published) > 5_000)
        #expect(sum(\.granted) > 4_000)
        #expect(sum(\.acked) > 3_000)
        #expect(sum(\.lateAcked) > 20)
        #expect(sum(\.repeatedAcks) > 20)
        #expect(sum(\.lost) > 50)
        #expect(sum(\.nacked) > 50)
        #expect(sum(\.extended) > 20)
        #expect(sum(\.expired) > 200)
        #expect(sum(\.dead) > 50)
        #expect(sum(\.redriven) > 20)
        #expect(sum(\.copied) > 50)
        #expect(sum(\.released) > 50)
        #expect(sum(\.repeats) > 50)
        #expect(sum(\.seeks) > 20)
        #expect(sum(\.kills) > 20)
        #expect(sum(\.checkpoints) > 20)
        #expect(sum(\.settings) > 40)
    }

    @Test("notices a mistake that was made on purpose", arguments: GroupMistake.allCases)
    func noticesMistakes(_ mistake: GroupMistake) {
        let isNoticed = (UInt64(1)...300).contains { seed in
            var world = GroupWorld(seed: seed, mistake: mistake)
            return world.run().violation != nil
        }
        #expect(isNoticed, "\(mistake) goes unnoticed")
    }
}
