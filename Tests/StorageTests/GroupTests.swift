import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A group in a shard")
struct GroupTests {
    static let orders = PartitionID(topic: 1, partition: 0)
    static let others = PartitionID(topic: 1, partition: 1)

    /// A shard with the topics 1 and 2, and a group on the first.
    static func bench(
        limits: ShardLimits = ShardBench.smallLimits, start: GroupStart = .earliest,
        since: Int = 0, _ set: (inout GroupOptions) -> Void = { _ in }
    ) throws -> ShardBench {
        let bench = try ShardTests.bench(limits: limits)
        bench.hear(group: .put(ShardBench.group(start: start, since: since, set)))
        try bench.settle()
        return bench
    }

    static func publish(
        _ bench: ShardBench, _ bodies: String..., to partition: PartitionID = orders
    ) throws {
        for body in bodies { bench.publish([(partition, ShardBench.batch(body))]) }
        try bench.settle()
    }

    /// Pulls, and lets the shard do what it has to.
    static func pull(_ bench: ShardBench, _ pull: GroupPull = ShardBench.pull([orders])) throws
        -> GroupGrant
    {
        let ticket = bench.pull(pull)
        try bench.settle()
        return try #require(bench.grant(ticket))
    }

    @Test("gives out what is committed, once, with the batches that hold it")
    func grants() throws {
        let bench = try Self.bench()
        bench.publish([(Self.orders, ShardBench.batch("one", "two"))])
        let early = bench.pull(ShardBench.pull([Self.orders]))
        #expect(bench.grant(early)?.leases.isEmpty == true, "nothing is committed")
        try bench.settle()
        try Self.publish(bench, "three")
        let grant = try Self.pull(bench)
        let lease = try #require(grant.leases.first)
        #expect(grant.leases.count == 1 && lease.partition == Self.orders && grant.lag == 3)
        #expect(lease.messages == (0...2).map { GrantedMessage(offset: $0, attempt: 1) })
        #expect(
            lease.bodies?.map { String(decoding: $0, as: UTF8.self) } == ["one", "two", "three"])
        #expect(lease.until == bench.now.wall + 30_000)
        let again = try Self.pull(bench)
        #expect(again.leases.isEmpty && again.pause == .empty && again.lag == 3)
    }

    @Test("settles durably: an ack is answered once it is committed, and survives a start")
    func settles() throws {
        let bench = try Self.bench()
        try Self.publish(bench, "a", "b", "c")
        let lease = try #require(try Self.pull(bench).leases.first)
        let ticket = bench.call(.group(.settle(GroupSettle([lease.item([0, 1], .ack)]))))
        #expect(bench.settled(ticket) == nil, "nothing is committed")
        try bench.settle()
        #expect(bench.settled(ticket) == [[SettledRun(0..<2, .acked)]])
        let repeated = bench.settle([lease], .ack)
        try bench.settle()
        #expect(
            bench.settled(repeated) == [
                [SettledRun(0..<2, .alreadyAcked), SettledRun(2..<3, .acked)]
            ])
        try Self.publish(bench, "d")
        try bench.reopen()
        #expect(try Self.pull(bench).leases.map(\.offsets) == [[3]])
        #expect(bench.status(Self.orders)?.committed == 3)
    }

    @Test("settles and pulls in one call; where order counts, the next of the key comes with it")
    func settlesInPulls() throws {
        let bench = try Self.bench { $0.ordering = .key }
        bench.publish([(Self.orders, ShardBench.batch(keys: ["k", "k", "l"]))])
        try bench.settle()
        let first = try #require(try Self.pull(bench).leases.first)
        #expect(first.offsets == [0, 2])
        let next = try Self.pull(
            bench, ShardBench.pull([Self.orders], settles: [first.item([0], .ack)]))
        #expect(next.settled == [[SettledRun(0..<1, .acked)]])
        #expect(next.leases.map(\.offsets) == [[1]])
    }

    @Test("hands out again what failed or was not settled in time, and counts it")
    func fails() throws {
        let bench = try Self.bench { $0.backoff = [5_000] }
        try Self.publish(bench, "a", "b")
        let lease = try #require(try Self.pull(bench).leases.first)
        bench.settle([lease], .nack(delay: nil, reason: "no"))
        try bench.settle()
        #expect(try Self.pull(bench).leases.isEmpty)
        try bench.wait(5_000)
        let second = try #require(try Self.pull(bench).leases.first)
        #expect(second.messages.map(\.attempt) == [2, 2])
        try bench.wait(35_000)
        let third = try #require(try Self.pull(bench).leases.first)
        #expect(third.messages.map(\.attempt) == [3, 3])
        #expect(bench.settled(bench.settle([third], .release)) == nil)
        try bench.settle()
        #expect(try Self.pull(bench).leases.first?.messages.map(\.attempt) == [3, 3])
    }

    @Test("gives the same pull the same again while its lease runs")
    func repeats() throws {
        let bench = try Self.bench()
        try Self.publish(bench, "a", "b")
        let pull = ShardBench.pull([Self.orders, Self.others], messagesMax: 1, id: 77)
        let first = try Self.pull(bench, pull)
        let again = try Self.pull(bench, pull)
        #expect(first.leases.map(\.generation) == again.leases.map(\.generation))
        #expect(again.leases.map(\.offsets) == [[0]])
        #expect(try Self.pull(bench).leases.map(\.offsets) == [[1]])
    }

    @Test("shares what is wanted among partitions by their weights, and leaves none of it unused")
    func shares() throws {
        let bench = try Self.bench()
        for _ in 0..<20 { try Self.publish(bench, "a") }
        for _ in 0..<5 { try Self.publish(bench, "b", to: Self.others) }
        var pull = ShardBench.pull([Self.orders, Self.others], messagesMax: 8)
        pull.parts = [GroupPull.Part(Self.orders, weight: 3), GroupPull.Part(Self.others)]
        #expect(try Self.pull(bench, pull).leases.map(\.messages.count) == [6, 2])
        #expect(try Self.pull(bench, pull).leases.map(\.messages.count) == [6, 2])
        #expect(try Self.pull(bench, pull).leases.map(\.messages.count) == [7, 1])
    }

    @Test("passes what its filter refuses, and what has expired")
    func passes() throws {
        let bench = try Self.bench { $0.filter = "region = \"eu\"" }
        let keys: [String?] = [nil, nil]
        bench.publish([(Self.orders, ShardBench.batch(keys: keys, attribute: ("region", "us")))])
        bench.publish([
            (Self.orders, ShardBench.batch(keys: keys, ttl: 10, attribute: ("region", "eu")))
        ])
        bench.publish([(Self.orders, ShardBench.batch(keys: keys, attribute: ("region", "eu")))])
        try bench.wait(20)
        #expect(try Self.pull(bench).leases.map(\.offsets) == [[4, 5]])
        try bench.settle()
        #expect(bench.status(Self.orders)?.committed == 4)
    }

    @Test("goes on elsewhere after a seek, and all leases are over")
    func seeks() throws {
        let bench = try Self.bench()
        try Self.publish(bench, "a", "b", "c")
        let lease = try #require(try Self.pull(bench).leases.first)
        let seek = GroupSeek(
            group: ShardBench.group, parts: [GroupSeek.Part(Self.orders, to: .offset(1))])
        let ticket = bench.call(.group(.seek(seek)))
        let pull = bench.pull(ShardBench.pull([Self.orders]))
        try bench.settle()
        guard case .group(.moved([1])) = bench.answers[ticket] else {
            Issue.record("not moved")
            return
        }
        #expect(bench.grant(pull)?.leases.map(\.offsets) == [[1, 2]], "it waits for the seek")
        let late = bench.settle([lease], .ack)
        try bench.settle()
        #expect(bench.settled(late) == [[SettledRun(0..<3, .lost)]])
    }

    @Test("keeps dead letters, and sends them back as they are asked for")
    func redrives() throws {
        let bench = try Self.bench { $0.attemptsMax = 1 }
        try Self.publish(bench, "a", "b", "c")
        bench.settle(try Self.pull(bench).leases, .nack(delay: nil, reason: "no"))
        try bench.settle()
        #expect(bench.status(Self.orders)?.dead == 3 && bench.status(Self.orders)?.lag == 0)
        try bench.reopen()
        try bench.settle()
        let redrive = GroupRedrive(group: ShardBench.group, partitions: [Self.orders], max: 2)
        let watch = bench.watch([Self.orders])
        let ticket = bench.call(.group(.redrive(redrive)))
        try bench.settle()
        guard case .group(.redriving([2])) = bench.answers[ticket] else {
            Issue.record("not redriving")
            return
        }
        #expect(bench.isNews(watch))
        #expect(try Self.pull(bench).leases.first?.messages.map(\.attempt) == [1, 1])
        #expect(bench.status(Self.orders)?.dead == 1)
    }

    @Test("refuses what it has nothing to do with")
    func refuses() throws {
        let bench = try Self.bench()
        let elsewhere = PartitionID(topic: 2, partition: 0)
        let unknown = PartitionID(topic: 1, partition: 9)
        for (partition, refusal) in [
            (elsewhere, GroupRefusal.notAttached), (unknown, .noSuchPartition),
        ] {
            let ticket = bench.pull(ShardBench.pull([partition]))
            guard case .group(.refused(refusal)) = bench.answers[ticket] else {
                Issue.record("\(partition) is served")
                continue
            }
        }
    }

    @Test("makes one entry of what all groups and partitions decided in a turn")
    func batchesAcks() throws {
        let bench = try Self.bench()
        bench.hear(group: .put(ShardBench.group(10)))
        try Self.publish(bench, "a", "b")
        try Self.publish(bench, "c", to: Self.others)
        let both = [Self.orders, Self.others]
        let mine = try Self.pull(bench, ShardBench.pull(both))
        let theirs = try Self.pull(bench, ShardBench.pull(both, group: 10))
        let before = bench.shard.counts
        for lease in mine.leases { bench.settle([lease], .ack) }
        for lease in theirs.leases { bench.settle([lease], .ack, group: 10) }
        try bench.settle()
        #expect(bench.shard.counts.groupEntries == before.groupEntries + 1)
        #expect(bench.shard.counts.rounds == before.rounds + 1)
        #expect(bench.shard.counts.settles == before.settles + 6)
        #expect(bench.shard.counts.groupBytes - before.groupBytes < 80)
    }
}
