import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("The life of a group in a shard")
struct GroupLifeTests {
    @Test("begins where its start says")
    func begins() throws {
        let bench = try ShardTests.bench()
        try GroupTests.publish(bench, "a", "b")
        let since = bench.now.wall + 10
        try bench.wait(20)
        try GroupTests.publish(bench, "c")
        for (id, start, first) in [
            (UInt32(20), GroupStart.earliest, 0), (21, .latest, 2), (22, .time(since), 2),
            (23, .cursor(GroupCursor(topic: 1, .all([1, 0, 0, 0]))), 1),
        ] {
            bench.hear(group: .put(ShardBench.group(id, start: start, since: since)))
            try bench.settle()
            let pull = ShardBench.pull([GroupTests.orders], group: id)
            #expect(try GroupTests.pull(bench, pull).leases.first?.offsets.first == first)
        }
    }

    @Test("is over when it is deleted, and made anew it has nothing of the old one")
    func ends() throws {
        let bench = try GroupTests.bench()
        try GroupTests.publish(bench, "a", "b")
        let lease = try #require(try GroupTests.pull(bench).leases.first)
        bench.hear(group: .deleted(id: ShardBench.group, name: ""))
        let ticket = bench.settle([lease], .ack)
        let refused = bench.pull(ShardBench.pull([GroupTests.orders]))
        try bench.settle()
        #expect(bench.settled(ticket) == [[SettledRun(0..<2, .unknown)]])
        guard case .group(.refused(.noSuchGroup)) = bench.answers[refused] else {
            Issue.record("a group that is gone gives out messages")
            return
        }
        bench.hear(group: .put(ShardBench.group(10)))
        try bench.settle()
        #expect(
            try GroupTests.pull(bench, ShardBench.pull([GroupTests.orders], group: 10)).leases.map(
                \.offsets)
                == [[0, 1]])
        try bench.reopen()
        bench.shard.heardAll(at: bench.now)
        try bench.settle()
        #expect(bench.shard.picture.groups == bench.shard.picture.groups)
    }

    @Test("acks while the disk is full, which publishes are refused for")
    func acksOnFullDisk() throws {
        let bench = try GroupTests.bench()
        for _ in 0..<20 { try GroupTests.publish(bench, "a") }
        bench.disk.space = 0
        var isFull = false
        for _ in 0..<60 where !isFull {
            let ticket = bench.publish([
                (GroupTests.others, ShardBench.batch([[UInt8](repeating: 1, count: 4_000)]))
            ])
            try bench.wait(100)
            if case .refused(.noSpace) = bench.answers[ticket] { isFull = true }
        }
        #expect(isFull)
        for _ in 0..<2 {
            let lease = try #require(
                try GroupTests.pull(bench, ShardBench.pull([GroupTests.orders], messagesMax: 10))
                    .leases.first)
            let ticket = bench.settle([lease], .ack)
            try bench.settle()
            #expect(bench.settled(ticket)?.first?.map(\.verdict) == [.acked])
        }
        try bench.reopen()
        #expect(bench.status(GroupTests.orders)?.committed == 20)
    }

    @Test("tells all who wait that the disk failed")
    func failedFlush() throws {
        let bench = try GroupTests.bench()
        try GroupTests.publish(bench, "a")
        let lease = try #require(try GroupTests.pull(bench).leases.first)
        let watch = bench.watch([GroupTests.orders])
        let settle = bench.settle([lease], .ack)
        bench.disk.failsNextFlush = true
        #expect(throws: LogError.disk(code: 5)) { try bench.settle() }
        for ticket in [watch, settle] {
            guard case .refused(.failed) = bench.answers[ticket] else {
                Issue.record("\(ticket) is not told")
                continue
            }
        }
    }

    @Test("forgets with retention what is not there any more, and a start comes to the same")
    func trims() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1, retentionBytes: 20_000)))
        bench.hear(group: .put(ShardBench.group()))
        try bench.settle()
        try GroupTests.publish(bench, "first")
        bench.settle(try GroupTests.pull(bench).leases, .nack(delay: 1 << 40, reason: "later"))
        for _ in 0..<60 {
            bench.publish([
                (GroupTests.orders, ShardBench.batch([[UInt8](repeating: 7, count: 3_000)]))
            ])
            try bench.wait(2_000)
        }
        try bench.wait(60_000)
        let status = try #require(bench.status(GroupTests.orders))
        #expect(status.retrying == 0 && status.committed > 0)
        let before = bench.shard.picture.groups
        try bench.reopen()
        #expect(bench.shard.picture.groups == before && !before.isEmpty)
        #expect(try CheckTests.report(bench.disk).isWhole)
        #expect(try GroupTests.pull(bench).leases.first?.offsets.first == status.committed)
    }

    @Test("gives out delayed messages once they are due, and tells who waits")
    func delays() throws {
        let bench = try GroupTests.bench()
        bench.publish([(GroupTests.orders, DelayTests.delayed([500, 1_500]))])
        try bench.settle()
        let watch = bench.watch([GroupTests.orders])
        #expect(!bench.isNews(watch))
        try bench.wait(600)
        #expect(bench.isNews(watch))
        let lease = try #require(try GroupTests.pull(bench).leases.first)
        #expect(lease.offsets == [0] && lease.bodies?.count == 1)
        try bench.wait(1_000)
        #expect(try GroupTests.pull(bench).leases.map(\.offsets) == [[1]])
    }

    @Test("begins with the first message in partitions that are added, whatever its start")
    func growsWithItsTopic() throws {
        let bench = try GroupTests.bench(start: .latest, since: 1_700_000_000_000)
        try bench.wait(10)
        bench.hear(.put(ShardBench.topic(1, partitions: 6)))
        let added = PartitionID(topic: 1, partition: 5)
        try GroupTests.publish(bench, "a", to: added)
        #expect(try GroupTests.pull(bench, ShardBench.pull([added])).leases.map(\.offsets) == [[0]])
    }
}
