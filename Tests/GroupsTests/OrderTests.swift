import Testing

@testable import Groups

@Suite("Order")
struct OrderTests {
    private static func bench(_ ordering: GroupSettings.Ordering) -> PartitionBench {
        PartitionBench {
            $0.ordering = ordering
            $0.backoff = [1_000]
            $0.attemptsMax = 2
        }
    }

    @Test("by key hands out one message of each key, and the next one once that is acked")
    func byKey() throws {
        let bench = Self.bench(.key)
        bench.publish([1, 1, 2, nil, nil, 1])
        let first = try #require(bench.pull())
        #expect(first.numbers == [0, 2, 3, 4])
        #expect(bench.pull() == nil)
        bench.settle(first, only: [0])
        // The ack may still be lost.
        #expect(bench.pull() == nil)
        bench.commit()
        #expect(bench.pull()?.numbers == [1])
    }

    @Test("by key waits for a retry, and no other key does")
    func retry() throws {
        let bench = Self.bench(.key)
        bench.publish([1, 1, 2, 2])
        let first = try #require(bench.pull())
        bench.settle(first, .nack(delay: nil, reason: ""), only: [0])
        bench.settle(first, .ack, only: [2])
        bench.commit()
        #expect(bench.pull()?.numbers == [3])
        bench.pass(1_000)
        #expect(bench.pull()?.numbers == [0])
    }

    @Test("by partition hands out one message at a time")
    func byPartition() throws {
        let bench = Self.bench(.partition)
        bench.publish([1, 2, nil])
        for offset in 0...2 {
            let grant = try #require(bench.pull())
            #expect(grant.numbers == [offset])
            #expect(bench.outcome() == .nothing(.empty))
            bench.settle(grant)
            bench.commit()
        }
    }

    @Test(
        "holds when a message dies, or goes on without it",
        arguments: [GroupSettings.OnDead.skip, .block])
    func dead(onDead: GroupSettings.OnDead) throws {
        let bench = Self.bench(.key)
        bench.set { $0.onDead = onDead }
        bench.commit()
        bench.publish([1, 1, 2])
        for _ in 0..<2 {
            let grant = try #require(bench.pull(1))
            bench.settle(grant, .nack(delay: 0, reason: ""))
            bench.commit()
        }
        #expect(bench.partition.picture.dead == 1)
        #expect(bench.pull()?.numbers == (onDead == .skip ? [1, 2] : [2]))
        bench.restart()
        bench.pass(60_000)
        bench.pass(60_000)
        #expect(bench.pull()?.numbers == (onDead == .skip ? [1, 2] : [2]))
    }

    @Test("holds over a restart: nothing is handed out while a lease may be held")
    func restart() throws {
        let bench = Self.bench(.key)
        bench.publish([1, 1])
        let grant = try #require(bench.pull(lease: 10_000))
        bench.restart()
        guard case .nothing(.quiet(let until)) = bench.outcome(lease: 10_000) else {
            Issue.record("it was not quiet")
            return
        }
        #expect(until >= bench.now.log + 10_000)
        // Whoever has it may still say that it is through.
        #expect(bench.settle(grant) == [.acked])
        bench.commit()
        bench.pass(until - bench.now.log)
        #expect(bench.pull()?.numbers == [1])
    }

    @Test("that is asked for later begins when what is out has come back")
    func change() throws {
        let bench = Self.bench(.none)
        bench.publish([1, 1, 1, 1])
        let grant = try #require(bench.pull(2))
        bench.set { $0.ordering = .key }
        bench.commit()
        #expect(bench.outcome() == .nothing(.gaps))
        bench.settle(grant, .nack(delay: nil, reason: ""), only: [1])
        bench.settle(grant, .release, only: [0])
        bench.commit()
        let first = try #require(bench.pull())
        #expect(first.numbers == [0])
        bench.settle(first)
        bench.commit()
        #expect(bench.pull() == nil)
        bench.pass(1_000)
        #expect(bench.pull()?.numbers == [1])
    }

    @Test("costs no scan: a hundred thousand keys wait, and each next one is found at once")
    func manyKeys() throws {
        let count = UInt32(100_000)
        var lines = KeyLines()
        func waiting(_ offset: Int, _ key: UInt32) -> Waiting {
            Waiting(offset: offset, expires: .max, size: 1, key: key)
        }
        for key in 0..<count {
            let isFirst = lines.enter(waiting(Int(key), key), key: key)
            #expect(isFirst)
        }
        for key in 0..<count {
            let isFirst = lines.enter(waiting(Int(key + count), key), key: key)
            #expect(!isFirst)
        }
        #expect(lines.waitingCount == Int(count) && lines.count == Int(count))
        for key in (0..<count).reversed() {
            let next = lines.leave(Int(key), key: key)
            let none = lines.leave(Int(key), key: key)
            #expect(next?.offset == Int(key + count) && none == nil)
        }
        #expect(lines.waitingCount == 0)
    }

    @Test("holds up nobody but the hot key")
    func hotKey() throws {
        let bench = Self.bench(.key)
        bench.publish(Array(repeating: 7, count: 3_000) + (0..<50).map { 100 + $0 })
        let grant = try #require(bench.pull())
        #expect(grant.numbers == [0] + Array(3_000..<3_050))
        #expect(bench.partition.picture.waitingForKey == 2_999)
    }
}
