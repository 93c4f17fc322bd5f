import HTTP
import Simulation
import Testing

@Suite("A request made from a seed")
struct RequestPropertyTests {
    @Test(
        "is found to say what its maker put into it, whatever the cuts", arguments: UInt64(1)...300)
    func findsAll(seed: UInt64) {
        var maker = RequestMaker(seed: seed)
        for _ in 0..<10 {
            let made = maker.make()
            let cuts = maker.cuts(made.wire.count)
            guard case .head(let head) = RequestVerdict(made.wire, cuts: cuts) else {
                Issue.record("seed \(seed): \(String(decoding: made.wire, as: UTF8.self))")
                continue
            }
            func text(_ range: Range<Int>) -> String {
                String(decoding: made.wire[range], as: UTF8.self)
            }
            #expect(text(head.methodRange) == made.method, "seed \(seed)")
            #expect(text(head.target) == made.target, "seed \(seed)")
            #expect(head.version == made.version, "seed \(seed)")
            #expect(head.framing == made.framing, "seed \(seed)")
            #expect(head.keepsAlive == made.keepsAlive, "seed \(seed)")
            #expect(head.size == made.headSize, "seed \(seed)")
            #expect(head.fields.map { text($0.fieldName) } == made.fields.map(\.name))
            #expect(head.fields.map { text($0.value) } == made.fields.map(\.value))
        }
    }

    @Test("and broken after that gets one verdict, whatever the cuts", arguments: UInt64(1)...300)
    func oneVerdict(seed: UInt64) {
        var maker = RequestMaker(seed: seed)
        for _ in 0..<20 {
            let made = maker.make()
            let wire = maker.mutate(made.wire)
            let verdict = RequestVerdict(wire)
            let all = RequestVerdict(wire, cuts: Array(wire.indices))
            #expect(all == verdict, "seed \(seed)")
            #expect(RequestVerdict(wire, cuts: maker.cuts(wire.count)) == verdict, "seed \(seed)")
        }
    }
}
