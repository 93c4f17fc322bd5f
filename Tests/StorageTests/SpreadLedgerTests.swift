import CommitLog
import Records
import Testing
import Wire

@testable import Delivery

@Suite("A batch that spans shards, as a shard knows it")
struct SpreadLedgerTests {
    private let spread = SpreadID(high: 1, low: 2)

    private func part(_ position: Int, topic: UInt32 = 1) -> SpreadPart {
        SpreadPart(
            position: position, partition: PartitionID(topic: topic, partition: 0), count: 2,
            keys: [])
    }

    @Test("is shown by its judge once all of its parts are there, and only once")
    func shows() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        #expect(ledger.ruling(on: spread) == .tooLate(isNew: true))
        for position in [100, 200] { ledger.prepared(spread, judge: 0, part(position)) }
        #expect(ledger.ruling(on: spread) == .show([part(100), part(200)]))
        ledger.decided(spread, isShown: true, others: [1, 2], logTime: 0)
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
        ledger.decided(spread, isShown: false, others: [], logTime: 0)
        #expect(ledger.word(on: spread) == .refused(isNew: false))
        #expect(ledger.ruling(on: spread) == .tooLate(isNew: false))
        #expect(!ledger.takes(spread))
    }

    @Test("is remembered as refused, the last so many")
    func refusedMax() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        for low in UInt64(0)...100 {
            ledger.decided(SpreadID(high: 0, low: low), isShown: false, others: [], logTime: 0)
        }
        #expect(!ledger.isRefused(SpreadID(high: 0, low: 0)))
        #expect(ledger.isRefused(SpreadID(high: 0, low: 1)))
    }

    @Test("that waits is asked about after a pause, and again after each")
    func duties() {
        var ledger = SpreadLedger(of: 1, refusedMax: 100)
        ledger.prepared(spread, judge: 0, part(100))
        ledger.wait(for: spread, until: 60)
        let early = [10, 59].flatMap { ledger.duties(at: $0, pause: 50) }
        #expect(early.isEmpty && ledger.nextDuty == 60)
        let asked = [60, 110].map { ledger.duties(at: $0, pause: 50) }
        #expect(asked == [[.ask(spread, judge: 0)], [.ask(spread, judge: 0)]])
        ledger.hurry(at: 120)
        let hurried = ledger.duties(at: 120, pause: 50)
        #expect(hurried == [.ask(spread, judge: 0)])
        _ = ledger.ended(at: 100)
        let after = ledger.duties(at: 500, pause: 50)
        #expect(after.isEmpty && ledger.nextDuty == nil)
    }

    @Test(
        "that nobody decides is refused by its judge, and one that is shown is told to the others")
    func judgesDuties() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        ledger.prepared(spread, judge: 0, part(100))
        ledger.hurry(at: 0)
        let first = ledger.duties(at: 0, pause: 50)
        #expect(first == [.refuse(spread)])
        ledger.decided(spread, isShown: true, others: [2, 1], logTime: 0)
        _ = ledger.ended(at: 100)
        _ = ledger.done(spread, by: 2)
        ledger.hurry(at: 100)
        let second = ledger.duties(at: 100, pause: 50)
        #expect(second == [.tell(spread, [1])])
        _ = ledger.done(spread, by: 1)
        let third = ledger.duties(at: 150, pause: 50)
        #expect(third == [.settle(spread)])
        ledger.settled(spread)
        let fourth = ledger.duties(at: 200, pause: 50)
        #expect(fourth.isEmpty && ledger.count == 0)
    }

    @Test("is not refused while that would make a refusal be forgotten that is young")
    func keepsRefusals() {
        var ledger = SpreadLedger(of: 0, refusedMax: 2)
        for low in UInt64(1)...2 {
            #expect(ledger.mayRefuse(at: 1_000, age: 500))
            let other = SpreadID(high: 0, low: low)
            ledger.decided(other, isShown: false, others: [], logTime: 1_000)
        }
        #expect(!ledger.mayRefuse(at: 1_499, age: 500) && ledger.mayRefuse(at: 1_500, age: 500))
    }

    @Test("is counted and known by its keys while it waits")
    func counts() {
        var ledger = SpreadLedger(of: 0, refusedMax: 100)
        let orders = PartitionID(topic: 1, partition: 3)
        let key = DedupKey(record: 1, hash: 77, fingerprint: 8)
        ledger.prepared(
            spread, judge: 1, SpreadPart(position: 100, partition: orders, count: 2, keys: [key]))
        ledger.prepared(
            spread, judge: 1,
            SpreadPart(
                position: 200, partition: orders, count: 3, keys: [], isDelayed: true, logTime: 9))
        #expect(ledger.recordCount(of: orders) == 5 && ledger.recordCount == 5)
        #expect(ledger.hasKey(77, of: 1) && !ledger.hasKey(77, of: 2))
        let released = ledger.released(spread)
        #expect(released.map(\.position) == [200] && ledger.isWaiting(at: 100))
        _ = ledger.ended(at: 100)
        #expect(ledger.recordCount == 0 && !ledger.hasKey(77, of: 1) && ledger.count == 0)
    }

    @Test("is the same after a checkpoint, of which no part may be missing")
    func checkpoints() throws {
        var ledger = SpreadLedger(of: 2, refusedMax: 100)
        let key = DedupKey(record: 1, hash: .max, fingerprint: 8)
        for position in [300, 100] {
            ledger.prepared(
                spread, judge: 1,
                SpreadPart(
                    position: position, partition: PartitionID(topic: 1, partition: 3), count: 2,
                    keys: position == 100 ? [key] : [], isDelayed: position == 300, logTime: 9))
        }
        ledger.decided(SpreadID(high: 4, low: 1), isShown: true, others: [1, 0], logTime: 0)
        for low in UInt64(5)...7 {
            ledger.decided(SpreadID(high: 4, low: low), isShown: false, others: [], logTime: 30)
        }
        let bodies = [ledger.waitingBody, ledger.shownBody, ledger.refusedBody]
        func read(_ bodies: [[UInt8]]) throws -> SpreadLedger {
            try SpreadLedger(
                of: 2, refusedMax: 100, waiting: bodies[0], shown: bodies[1], refused: bodies[2])
        }
        let again = try read(bodies)
        #expect(again.waitingBody == bodies[0] && again.recordCount == 4)
        #expect(again.hasKey(.max, of: 1) && again.isRefused(SpreadID(high: 4, low: 6)))
        #expect(again.isShown(SpreadID(high: 4, low: 1)))
        for section in 0..<3 {
            var cut = bodies
            cut[section].removeLast()
            #expect(throws: LogError.self) { try read(cut) }
        }
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
