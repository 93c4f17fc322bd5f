import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("The files of a shard")
struct KeepingTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    /// Publishes `count` records of four kilobytes, one a round and a second.
    static func fill(_ bench: ShardBench, _ count: Int, _ partition: PartitionID = orders) throws {
        for number in 0..<count {
            let body = [UInt8](repeating: UInt8(number & 0xFF), count: 4_000)
            bench.publish([(partition, ShardBench.batch([body]))])
            try bench.wait(1_000)
        }
    }

    static func segments(_ bench: ShardBench) throws -> [String] {
        try bench.disk.names().filter { $0.hasSuffix(".log") }
    }

    @Test("are an index for each sealed segment, which is made again when it is missing or damaged")
    func indexes() throws {
        let bench = try ShardTests.bench()
        try Self.fill(bench, 60)
        let indexes = try bench.disk.names().filter { $0.hasSuffix(".idx") }
        #expect(indexes.count == (try Self.segments(bench).count) - 2)
        #expect(bench.readAll(Self.orders)?.count == 60)
        try bench.disk.remove(indexes[0])
        try bench.reopen()
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == 60)
        #expect(try bench.disk.names().contains(indexes[0]))
        try bench.disk.open(indexes[1]).rot(at: 5_000, bit: 1)
        try bench.reopen()
        #expect(bench.readAll(Self.orders)?.count == 60)
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == 60)
        #expect(bench.shard.counts.damagedReads == 0)
    }

    @Test("go when all in them is too old")
    func retainsByTime() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1, retention: 30_000)))
        try Self.fill(bench, 150)
        try bench.wait(300_000)
        let status = try #require(found(bench))
        #expect(status.start > 100 && status.end == 150)
        let records = try #require(bench.readAll(Self.orders))
        #expect(records.map(\.offset) == Array(status.start..<150))
        #expect(try Self.segments(bench).count <= 4)
        let before = bench.shard.picture
        try bench.reopen()
        #expect(bench.shard.picture == before)
    }

    @Test("go when what is behind them is enough")
    func retainsByBytes() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1, retentionBytes: 120_000)))
        try Self.fill(bench, 150)
        try bench.wait(300_000)
        let status = try #require(found(bench))
        #expect(status.bytes >= 120_000 && status.bytes < 120_000 + (80 << 10))
        #expect(bench.readAll(Self.orders)?.count == 150 - status.start)
        #expect(try Self.segments(bench).count <= 10)
    }

    @Test("stay for the sake of one record, and say so")
    func pins() throws {
        var limits = ShardBench.smallLimits
        limits.rewriteBelow = 0
        let bench = try ShardBench(limits: limits)
        bench.hear(.put(ShardBench.topic(1)))
        bench.hear(.put(ShardBench.topic(2, retention: 1_000)))
        try Self.fill(bench, 1)
        try Self.fill(bench, 40, PartitionID(topic: 2, partition: 0))
        try bench.wait(200_000)
        let status = try #require(found(bench))
        #expect(status.pinnedBytes > 10_000)
        #expect(bench.readAll(Self.orders)?.count == 1)
    }

    @Test("go with a topic that is deleted, and it does not come back")
    func forgetsTopics() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1)))
        bench.hear(.put(ShardBench.topic(2)))
        try Self.fill(bench, 60)
        let many = try Self.segments(bench).count
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.wait(300_000)
        #expect(try Self.segments(bench).count < many - 1)
        #expect(bench.shard.picture.partitions.isEmpty)
        try bench.reopen()
        #expect(bench.shard.picture.partitions.isEmpty)
        let ticket = bench.publish([(Self.orders, ShardBench.batch("one"))])
        guard case .refused(.noSuchTopic) = bench.answers[ticket] else {
            Issue.record("a topic that is gone takes messages")
            return
        }
    }

    @Test("that a topic left behind while the shard was away go, too")
    func hearsAll() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1)))
        try Self.fill(bench, 3)
        bench.forgetTopic(1)
        try bench.reopen()
        bench.shard.heardAll(at: bench.now)
        try bench.settle()
        #expect(bench.shard.picture.partitions.isEmpty)
    }

    private func found(_ bench: ShardBench) -> PartitionStatus? {
        let ticket = bench.call(.describe([Self.orders]))
        guard case .described(let statuses) = bench.answers[ticket] else { return nil }
        return statuses.first
    }
}
