import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A publish with an Idempotency-Key")
struct RepeatTests {
    static let orders = PartitionID(topic: 1, partition: 0)
    static let others = PartitionID(topic: 1, partition: 1)

    static func bench(window: Int = 60_000) throws -> ShardBench {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1, partitions: 2, dedupWindow: window)))
        try bench.settle()
        return bench
    }

    static func batch(_ records: [(body: String, key: UInt64)], delay: Int? = nil) -> [UInt8] {
        ShardBench.batch(
            records.map { Array($0.body.utf8) },
            delays: delay.map { delay in records.map { _ in .duration(UInt64(delay)) } } ?? [],
            keys: records.map(\.key))
    }

    private func repeated(_ bench: ShardBench, _ ticket: UInt64) -> [RepeatedRecord]? {
        guard case .repeated(let records) = bench.answers[ticket] else { return nil }
        return records
    }

    private func count(_ bench: ShardBench) -> Int? {
        bench.readAll(Self.orders)?.count
    }

    @Test("is stored once; a repeat hears where the first went, another message that it is one")
    func repeats() throws {
        let bench = try Self.bench()
        bench.publish([(Self.orders, ShardBench.batch("before"))])
        let first = bench.publish([(Self.orders, Self.batch([("a", 1), ("b", 2)]))])
        try bench.settle()
        guard case .published(let places) = bench.answers[first] else {
            Issue.record("not published")
            return
        }
        bench.now.wall += 500
        // The same, another body, and a new one; in another partition, for that does not matter.
        let again = bench.publish([(Self.others, Self.batch([("b", 2), ("c", 1), ("d", 3)]))])
        let same = RepeatedRecord.Verdict.same(
            .offset(2), record: 1, partition: 0, logTime: places[0].logTime)
        #expect(
            repeated(bench, again) == [
                RepeatedRecord(part: 0, record: 0, verdict: same),
                RepeatedRecord(part: 0, record: 1, verdict: .other),
            ])
        try bench.settle()
        #expect(count(bench) == 3)
        #expect(bench.readAll(Self.others)?.isEmpty == true)
    }

    @Test("whose repeat comes before its flush: both are answered then", arguments: [false, true])
    func pending(isBuffered: Bool) throws {
        let bench = try Self.bench()
        bench.publish([(Self.orders, Self.batch([("a", 1)]))], isBuffered: isBuffered)
        let again = bench.publish([(Self.orders, Self.batch([("a", 1), ("b", 2)]))])
        #expect(bench.answers[again] == nil)
        try bench.turn()
        #expect(repeated(bench, again)?.map(\.record) == [0])
        try bench.settle()
        #expect(count(bench) == 1)
    }

    @Test("whose flush fails: the repeat fails with it")
    func pendingFails() throws {
        let bench = try Self.bench()
        let first = bench.publish([(Self.orders, Self.batch([("a", 1)]))])
        let again = bench.publish([(Self.orders, Self.batch([("a", 1)]))])
        bench.disk.failsNextFlush = true
        #expect(throws: LogError.self) { try bench.turn() }
        for ticket in [first, again] {
            guard case .refused(.failed) = bench.answers[ticket] else {
                Issue.record("not failed")
                return
            }
        }
    }

    @Test("is known after a restart, from the frames and from a checkpoint")
    func restarts() throws {
        let bench = try Self.bench()
        bench.publish([(Self.orders, Self.batch([("a", 1)]))])
        try bench.settle()
        for _ in 0..<2 {
            try bench.reopen()
            let again = bench.publish([(Self.orders, Self.batch([("a", 1)]))])
            #expect(repeated(bench, again)?.count == 1)
            bench.publish([(Self.orders, ShardBench.batch("more"))])
            try bench.wait(40_000)
        }
        #expect(try bench.disk.checkpoints().isEmpty == false)
        // Then the window is over.
        try bench.wait(20_000)
        let late = bench.publish([(Self.orders, Self.batch([("a", 1)]))])
        try bench.settle()
        #expect(repeated(bench, late) == nil && count(bench) == 4)
    }

    @Test("is recalled for those who place it elsewhere by now, and by fewer partitions no more")
    func recalls() throws {
        let bench = try Self.bench()
        func publish(_ body: String, _ key: UInt64, count: Int?) -> Publish {
            let part = Publish.Part(partition: Self.orders, batch: Self.batch([(body, key)]))
            return Publish(parts: [part], partitionCount: count)
        }
        bench.call(.publish(publish("a", 1, count: 2)))
        // On its way, and already there.
        for _ in 0..<2 {
            let asked = bench.call(.recall(publish("a", 1, count: 3)))
            try bench.settle()
            #expect(repeated(bench, asked)?.count == 1)
        }
        let asked = bench.call(.recall(publish("b", 2, count: 3)))
        #expect(repeated(bench, asked) == [])
        for (count, isTaken) in [(2, false), (3, true)] {
            let ticket = bench.call(.publish(publish("b", 2, count: count)))
            try bench.settle()
            if case .refused(.outdated) = bench.answers[ticket] {
                #expect(!isTaken)
            } else {
                #expect(isTaken)
            }
        }
        // Without an Idempotency-Key there is nothing to meet.
        let ticket = bench.publish([(Self.orders, ShardBench.batch("c"))])
        try bench.settle()
        guard case .published = bench.answers[ticket] else { return #expect(Bool(false)) }
        #expect(count(bench) == 3)
    }

    @Test("and a delay hears the id of what is held")
    func delayed() throws {
        let bench = try Self.bench()
        let first = bench.publish([(Self.orders, Self.batch([("a", 1)], delay: 30_000))])
        try bench.settle()
        guard case .published(let places) = bench.answers[first] else {
            Issue.record("not held")
            return
        }
        let again = bench.publish([(Self.orders, Self.batch([("a", 1)], delay: 30_000))])
        #expect(
            repeated(bench, again)?.map(\.verdict) == [
                .same(places[0].place, record: 0, partition: 0, logTime: places[0].logTime)
            ])
    }

    @Test("is stored again where the window is closed, or the topic is another")
    func unknown() throws {
        let bench = try Self.bench(window: 0)
        for _ in 0..<2 { bench.publish([(Self.orders, Self.batch([("a", 1)]))]) }
        try bench.settle()
        #expect(count(bench) == 2)
        bench.hear(.deleted(id: 1, name: "topic-1"))
        bench.hear(.put(ShardBench.topic(2, dedupWindow: 1_000)))
        let orders = PartitionID(topic: 2, partition: 0)
        bench.publish([(orders, Self.batch([("a", 1)]))])
        try bench.settle()
        #expect(bench.readAll(orders)?.count == 1)
    }

    @Test("that repeats itself is refused as a whole")
    func repeatsItself() throws {
        let bench = try Self.bench()
        let ticket = bench.publish([
            (Self.orders, Self.batch([("a", 1)])), (Self.others, Self.batch([("b", 1)])),
        ])
        guard case .refused(.badBatch) = bench.answers[ticket] else {
            Issue.record("taken")
            return
        }
    }
}
