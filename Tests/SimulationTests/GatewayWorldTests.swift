import Simulation
import Testing

@Suite("A gateway and its clients from a seed")
struct GatewayWorldTests {
    private static let shareCount: UInt64 = 8

    @Test(
        "keep every promise, whatever the network and the clients do", arguments: 0..<shareCount)
    func keepsPromises(share: UInt64) throws {
        for seed in Seeds.all where seed % Self.shareCount == share {
            try GatewayWorld(seed: seed).run()
        }
    }

    @Test("notice a mistake that was made on purpose", arguments: GatewayWorld.Mistake.allCases)
    func noticesMistakes(_ mistake: GatewayWorld.Mistake) {
        let isNoticed = (UInt64(1)...400).contains { seed in
            do {
                try GatewayWorld(seed: seed, mistake: mistake).run()
                return false
            } catch {
                return true
            }
        }
        #expect(isNoticed, "\(mistake) goes unnoticed")
    }
}
