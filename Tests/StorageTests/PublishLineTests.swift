import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("Publishes that wait for the next segment")
struct PublishLineTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    /// A shard whose keeper does nothing until it is told to, and whose segment is nearly full.
    private func full(
        _ change: (inout ShardLimits) -> Void = { _ in }
    ) throws -> (bench: ShardBench, stored: Int) {
        var limits = ShardBench.smallLimits
        change(&limits)
        let bench = try ShardTests.bench(limits: limits)
        bench.holdsChores = true
        var stored = 0
        while true {
            let ticket = publish(bench, stored)
            try bench.settle()
            if bench.answers[ticket] == nil { return (bench, stored) }
            try #require(isStored(bench, ticket))
            stored += 1
        }
    }

    @discardableResult
    private func publish(_ bench: ShardBench, _ number: Int, key: UInt64? = nil) -> UInt64 {
        let body = [UInt8](repeating: UInt8(number), count: 4_000)
        let batch =
            key.map { ShardBench.batch([body], keys: [$0]) } ?? ShardBench.batch([body])
        return bench.publish([(Self.orders, batch)])
    }

    private func isStored(_ bench: ShardBench, _ ticket: UInt64) -> Bool {
        if case .published = bench.answers[ticket] { true } else { false }
    }

    private func refusal(_ bench: ShardBench, _ ticket: UInt64) -> ShardRefusal? {
        if case .refused(let refusal) = bench.answers[ticket] { refusal } else { nil }
    }

    @Test("are stored in their order once it is there")
    func order() throws {
        let (bench, stored) = try full()
        let tickets = (1...5).map { publish(bench, stored + $0) }
        try bench.settle()
        #expect(tickets.allSatisfy { bench.answers[$0] == nil })
        bench.doChores()
        bench.holdsChores = false
        try bench.settle()
        #expect(tickets.allSatisfy { isStored(bench, $0) })
        let bodies = bench.readAll(Self.orders)?.map { $0.body[0] }
        #expect(bodies == (0..<stored + 6).map { UInt8($0) })
    }

    @Test("let nothing smaller get ahead of them")
    func overtaking() throws {
        let (bench, stored) = try full()
        let small = bench.publish([(Self.orders, ShardBench.batch([[250]]))])
        try bench.settle()
        #expect(bench.answers[small] == nil)
        bench.holdsChores = false
        try bench.settle()
        #expect(
            bench.readAll(Self.orders)?.map { $0.body[0] } == (0...stored).map { UInt8($0) } + [250]
        )
    }

    @Test("are refused when they have waited too long, and nothing of them is stored")
    func patience() throws {
        let (bench, stored) = try full()
        let ticket = publish(bench, 100)
        try bench.wait(bench.limits.linePatience - 1)
        #expect(bench.answers[ticket] == nil)
        try bench.wait(1)
        #expect(refusal(bench, ticket) == .overloaded)
        bench.holdsChores = false
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == stored)
    }

    @Test("are refused as soon as there is no room for a segment")
    func noSpace() throws {
        let (bench, _) = try full()
        let ticket = publish(bench, 100)
        bench.disk.space = 0
        bench.doChores()
        #expect(refusal(bench, ticket) == .noSpace)
    }

    @Test("are bounded in number and in bytes", arguments: [(2, 32 << 20), (100, 10_000)])
    func bounds(_ countMax: Int, _ sizeMax: Int) throws {
        let (bench, stored) = try full {
            $0.lineCountMax = countMax
            $0.lineSizeMax = sizeMax
        }
        // One waits already.
        #expect(refusal(bench, publish(bench, stored + 1)) == nil)
        #expect(refusal(bench, publish(bench, stored + 2)) == .overloaded)
        bench.holdsChores = false
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == stored + 2)
    }

    @Test("know their own repeats")
    func repeats() throws {
        let (bench, stored) = try full()
        bench.hear(.put(ShardBench.topic(1, partitions: 4, dedupWindow: 900_000)))
        let first = publish(bench, stored + 1, key: 7)
        let second = publish(bench, stored + 1, key: 7)
        bench.holdsChores = false
        try bench.settle()
        #expect(isStored(bench, first))
        guard case .repeated(let records) = bench.answers[second] else {
            Issue.record("it is stored twice, or not answered")
            return
        }
        #expect(records.count == 1)
        #expect(bench.readAll(Self.orders)?.count == stored + 2)
    }

    @Test("are refused where their topic went meanwhile, and a poisoned log refuses all of them")
    func ends() throws {
        let (bench, stored) = try full()
        let other = bench.publish([
            (PartitionID(topic: 2, partition: 0), ShardBench.batch("two"))
        ])
        bench.hear(.deleted(id: 2, name: "topic-2"))
        bench.doChores()
        bench.collect()
        #expect(refusal(bench, other) == .noSuchTopic)
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == stored + 1)

        let (poisoned, _) = try full()
        let waiting = publish(poisoned, 100)
        poisoned.shard.failed()
        poisoned.collect()
        #expect(refusal(poisoned, waiting) == .failed)
    }
}
