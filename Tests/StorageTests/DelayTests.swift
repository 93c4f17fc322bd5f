import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A delayed record")
struct DelayTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    static func delayed(_ delays: [Int], name: String = "r") -> [UInt8] {
        ShardBench.batch(
            delays.map { Array("\(name)\($0)".utf8) },
            delays: delays.map { .duration(UInt64($0)) })
    }

    private func bodies(_ bench: ShardBench) -> [String]? {
        bench.readAll(Self.orders)?.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func held(_ bench: ShardBench) -> Int? {
        let ticket = bench.call(.describe([Self.orders]))
        guard case .described(let statuses) = bench.answers[ticket] else { return nil }
        return statuses.first?.held
    }

    @Test(
        "has no offset until it is due, and then the next one; those due together share a pointer")
    func shows() throws {
        let bench = try ShardTests.bench()
        let ticket = bench.publish([(Self.orders, Self.delayed([5_000, 1_000, 5_000, 9_000]))])
        try bench.settle()
        guard case .published(let parts) = bench.answers[ticket],
            case .held(let position) = parts[0].place
        else {
            Issue.record("not held")
            return
        }
        #expect(position > 4_096)
        bench.publish([(Self.orders, ShardBench.batch("now"))])
        try bench.settle()
        #expect(bodies(bench) == ["now"])
        #expect(held(bench) == 4)
        let watch = bench.watch([(Self.orders, 1)])
        try bench.wait(999)
        #expect(bench.answers[watch] == nil)
        try bench.wait(1)
        #expect(bench.answers[watch] != nil)
        #expect(bodies(bench) == ["now", "r1000"])
        try bench.wait(5_000)
        #expect(bodies(bench) == ["now", "r1000", "r5000", "r5000"])
        guard case .fetched(let fetched) = bench.fetch([(Self.orders, 2)]) else {
            Issue.record("not fetched")
            return
        }
        #expect(fetched[0].batches.map(\.picks) == [[0, 2]])
        #expect(fetched[0].batches[0].baseOffset == 2)
        #expect(held(bench) == 1)
        try bench.wait(4_000)
        #expect(bodies(bench)?.last == "r9000")
        #expect(held(bench) == 0)
    }

    @Test("waits through restarts, with and without a checkpoint", arguments: [false, true])
    func restarts(hasCheckpoint: Bool) throws {
        let bench = try ShardTests.bench()
        bench.publish([(Self.orders, Self.delayed([1_000, 100_000, 90_000]))])
        try bench.wait(hasCheckpoint ? 40_000 : 2_000)
        let before = bench.shard.picture
        #expect(before.held.count == 1)
        try bench.reopen()
        #expect(bench.shard.picture == before)
        try bench.wait(100_000)
        #expect(bodies(bench) == ["r1000", "r90000", "r100000"])
        try bench.reopen()
        #expect(bodies(bench) == ["r1000", "r90000", "r100000"])
        #expect(bench.shard.picture.held.isEmpty)
    }

    @Test("that fell due while the shard was away shows at its start")
    func catchesUp() throws {
        let bench = try ShardTests.bench()
        bench.publish([(Self.orders, Self.delayed([2_000, 1_000]))])
        try bench.settle()
        bench.now.wall += 3_600_000
        bench.now.boot += 3_600_000
        try bench.reopen()
        try bench.settle()
        #expect(bodies(bench) == ["r1000", "r2000"])
    }

    @Test("keeps its segment until nobody wants what points there")
    func pins() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1)))
        bench.hear(.put(ShardBench.topic(2, retention: 1_000)))
        bench.publish([(Self.orders, Self.delayed([600_000]))])
        try bench.settle()
        try KeepingTests.fill(bench, 60, PartitionID(topic: 2, partition: 0))
        try bench.wait(200_000)
        let names = Set(try bench.disk.names())
        let first = [FileName.segment(at: 0), FileName.archive(at: 0)]
        #expect(!names.isDisjoint(with: first), "or what was wanted of it")
        #expect(try KeepingTests.segments(bench).count < 6)
        try bench.wait(400_000)
        #expect(bodies(bench) == ["r600000"])
        try bench.reopen()
        try bench.wait(200_000)
        #expect(bodies(bench) == ["r600000"])
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.wait(300_000)
        #expect(bench.shard.picture.segments.first?.start != 0, "its file may serve as another one")
    }

    @Test("goes with its topic")
    func goes() throws {
        let bench = try ShardTests.bench()
        bench.publish([(Self.orders, Self.delayed([1_000]))])
        try bench.settle()
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.wait(5_000)
        #expect(bench.shard.picture.held.isEmpty && bench.shard.picture.partitions.isEmpty)
    }

    @Test("is one of a bounded number")
    func isBounded() throws {
        var limits = ShardBench.smallLimits
        limits.heldCountMax = 3
        let bench = try ShardTests.bench(limits: limits)
        bench.publish([(Self.orders, Self.delayed([1_000, 2_000]))])
        try bench.settle()
        let ticket = bench.publish([(Self.orders, Self.delayed([1_000, 2_000]))])
        guard case .refused(.overloaded) = bench.answers[ticket] else {
            Issue.record("the bound does not hold")
            return
        }
    }

    @Test("is shown in the order of dates, whatever the seed", arguments: UInt64(1)...8)
    func order(seed: UInt64) throws {
        let bench = try ShardTests.bench()
        var random = SeededRandom(seed: seed)
        var dates: [Int] = []
        for _ in 0..<30 {
            let delays = (0..<random.number(in: 1...6)).map { _ in random.number(in: 0...20_000) }
            let start = bench.now.wall
            dates += delays.map { start + $0 }
            bench.publish([(Self.orders, Self.delayed(delays, name: "\(start) "))])
            try bench.wait(random.number(in: 0...2_000))
            if random.oneIn(8) { try bench.reopen() }
        }
        try bench.wait(30_000)
        let shown = try #require(bodies(bench)).map { text in
            text.split(separator: " ").compactMap { Int($0) }.reduce(0, +)
        }
        #expect(shown == dates.sorted(), "rerun with seed \(seed)")
    }
}
