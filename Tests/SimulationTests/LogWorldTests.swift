import Simulation
import Testing

@Suite("A log on a disk that lies, from a seed")
struct LogWorldTests {
    private static let shareCount: UInt64 = 8

    @Test("loses, changes and reorders nothing acknowledged", arguments: 0..<shareCount)
    func keepsPromises(share: UInt64) {
        for seed in Seeds.all where seed % Self.shareCount == share {
            let (violations, _) = LogWorld(seed: seed).run(steps: 120)
            #expect(violations.isEmpty, "rerun with seed \(seed)")
        }
    }

    @Test("comes across everything that can happen")
    func coversTheWorld() {
        let tallies = (UInt64(1)...100).map { LogWorld(seed: $0).run(steps: 120).tally }
        func sum(_ part: (LogWorld.Tally) -> Int) -> Int { tallies.reduce(0) { $0 + part($1) } }
        #expect(sum(\.acknowledged) > 1_000)
        #expect(sum(\.powerLosses) > 100)
        #expect(sum(\.kills) > 20)
        #expect(sum(\.flushFailures) > 20)
        #expect(sum(\.tornTails) > 5)
        #expect(sum(\.cuts) > 5)
        #expect(sum(\.sealed) > 100)
        #expect(sum(\.recycled) > 0)
        #expect(sum(\.checkpoints) > 100)
        #expect(sum(\.damaged) > 20)
        #expect(sum(\.secondCrashes) > 20)
        #expect(sum(\.noSpace) > 5)
    }

    @Test("notices a mistake that was made on purpose", arguments: LogWorld.Mistake.allCases)
    func noticesMistakes(_ mistake: LogWorld.Mistake) {
        let isNoticed = (UInt64(1)...600).contains { seed in
            !LogWorld(seed: seed, mistake: mistake).run(steps: 120).violations.isEmpty
        }
        #expect(isNoticed, "\(mistake) goes unnoticed")
    }
}
