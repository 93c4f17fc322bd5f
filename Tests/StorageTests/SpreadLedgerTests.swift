import Records
import Testing
import Wire

@testable import Delivery

@Suite("A batch that spans shards, as a shard knows it")
struct SpreadLedgerTests {
    private let spread = SpreadID(high: 1, low: 2)

    private func part(_ position: Int, topic: UInt32 = 1) -> SpreadLedger.Part {
        SpreadLedger.Part(
            position: position, partition: PartitionID(topic: topic, partition: 0), count: 2,
            keys: [])
    }

    @Test("is shown by its judge once all of its parts are there, and only once")
    func shows() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        #expect(ledger.ruling(on: spread) == .tooLate(isNew: true))
        for position in [100, 200] { ledger.prepared(spread, judge: 0, part(position)) }
        #expect(ledger.ruling(on: spread) == .show([part(100), part(200)]))
        ledger.decided(spread, isShown: true, others: [1, 2])
        let ended = [100, 200, 100].map { ledger.ended(at: $0)?.position }
        #expect(ended == [100, 200, nil])
        #expect(ledger.ruling(on: spread) == .isShown && ledger.word(on: spread) == .shown)
        let isOver = [1, 2].map { ledger.done(spread, by: $0) }
        #expect(isOver == [false, true])
        ledger.settled(spread)
        #expect(ledger.count == 0)
    }

    @Test("is refused for good by a judge that is asked about what it does not know")
    func refuses() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        #expect(ledger.word(on: spread) == .refused(isNew: true))
        ledger.decided(spread, isShown: false, others: [])
        #expect(ledger.word(on: spread) == .refused(isNew: false))
        #expect(ledger.ruling(on: spread) == .tooLate(isNew: false))
        #expect(!ledger.takes(spread))
    }

    @Test("is remembered as refused, the last so many")
    func refusedMax() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        for low in UInt64(0)...100 {
            ledger.decided(SpreadID(high: 0, low: low), isShown: false, others: [])
        }
        #expect(!ledger.isRefused(SpreadID(high: 0, low: 0)))
        #expect(ledger.isRefused(SpreadID(high: 0, low: 1)))
    }

    @Test("that waits is asked about after a pause, and again after each")
    func duties() {
        var ledger = SpreadLedger(of: 1, refusedMax: 100)
        ledger.prepared(spread, judge: 0, part(100))
        let early = [10, 59].flatMap { ledger.duties(at: $0, pause: 50) }
        #expect(early.isEmpty && ledger.nextDuty(at: 59, pause: 50) == 60)
        let asked = [60, 110].map { ledger.duties(at: $0, pause: 50) }
        #expect(asked == [[.ask(spread, judge: 0)], [.ask(spread, judge: 0)]])
        ledger.hurry(at: 120)
        let hurried = ledger.duties(at: 120, pause: 50)
        #expect(hurried == [.ask(spread, judge: 0)])
        _ = ledger.ended(at: 100)
        #expect(ledger.nextDuty(at: 500, pause: 50) == nil)
    }

    @Test(
        "that nobody decides is refused by its judge, and one that is shown is told to the others")
    func judgesDuties() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        ledger.prepared(spread, judge: 0, part(100))
        ledger.hurry(at: 0)
        let first = ledger.duties(at: 0, pause: 50)
        #expect(first == [.refuse(spread)])
        ledger.decided(spread, isShown: true, others: [2, 1])
        _ = ledger.ended(at: 100)
        _ = ledger.done(spread, by: 2)
        ledger.hurry(at: 100)
        let second = ledger.duties(at: 100, pause: 50)
        #expect(second == [.tell(spread, [1])])
    }

    @Test("goes with its topic")
    func topicGone() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        ledger.prepared(spread, judge: 1, part(100))
        ledger.prepared(SpreadID(high: 9, low: 9), judge: 1, part(300, topic: 2))
        ledger.forget(topic: 1)
        #expect(ledger.parts(of: spread).isEmpty && ledger.count == 1)
    }

    @Test(
        "is shown by all shards or by none, whoever dies, and nothing waits for ever",
        arguments: 0..<4)
    func allOrNothing(share: Int) {
        var (acknowledged, refused) = (0, 0)
        for seed in UInt64(1)...80 where Int(seed) % 4 == share {
            var world = SpreadWorld(seed: seed)
            world.run(steps: 500)
            #expect(world.violations.isEmpty, "rerun with seed \(seed)")
            acknowledged += world.acknowledged.count
            refused += world.refusals
        }
        #expect(acknowledged > 20)
        #expect(refused > 20)
    }
}
