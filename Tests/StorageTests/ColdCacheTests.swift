import CommitLog
import Records
import Simulation
import Testing
import Wire

@testable import Storage

@Suite("The last reads")
struct ColdCacheTests {
    private static let orders = PartitionID(topic: 1, partition: 0)

    private func batch(_ offset: Int) -> FetchedBatch {
        FetchedBatch(
            bytes: [], start: 0, baseOffset: offset, picks: nil, count: 1, logTime: 0)
    }

    private func location(_ offset: Int, in segment: Int, count: Int = 10) -> EntryLocation {
        EntryLocation(
            segment: segment,
            entry: IndexEntry(
                baseOffset: offset, maxTime: 0, place: UInt32(offset), size: 1,
                count: UInt32(count), flags: 0))
    }

    @Test("are found by where their entries stand, until there are too many")
    func forgetsTheOldest() {
        var cache = ColdCache(sizeMax: 100)
        cache.add([(10, batch(1)), (30, batch(3))], of: 0, size: 40)
        cache.add([(70, batch(7))], of: 0, size: 40)
        #expect(cache.batch(at: 10)?.baseOffset == 1)
        #expect(cache.batch(at: 30)?.baseOffset == 3)
        #expect(cache.batch(at: 70)?.baseOffset == 7)
        for position in [0, 11, 20, 31, 69, 71] { #expect(cache.batch(at: position) == nil) }
        cache.add([(90, batch(9))], of: 0, size: 40)
        #expect(cache.batch(at: 10) == nil && cache.batch(at: 70) != nil)
        cache.add([(95, batch(9))], of: 0, size: 101)
        #expect(cache.batch(at: 95) == nil && cache.batch(at: 90) != nil, "it is too large")
    }

    @Test("of a segment that becomes another are forgotten, and their room is free")
    func forgetsSegments() {
        var cache = ColdCache(sizeMax: 100)
        cache.add([(10, batch(1))], of: 0, size: 60)
        cache.add([(210, batch(2))], of: 200, size: 40)
        cache.note([location(5, in: 0)], of: Self.orders)
        cache.forget(0)
        #expect(cache.batch(at: 10) == nil && cache.batch(at: 210) != nil)
        #expect(cache.locations(of: Self.orders, from: 5) == nil)
        cache.add([(220, batch(3))], of: 200, size: 60)
        #expect(cache.batch(at: 210) != nil)
    }

    @Test("tell where the entries stand that hold an offset and what follows it")
    func findsPlaces() {
        var cache = ColdCache(sizeMax: 0)
        cache.note([20, 30, 40].map { location($0, in: 0) }, of: Self.orders)
        #expect(cache.locations(of: Self.orders, from: 19) == nil)
        #expect(cache.locations(of: Self.orders, from: 20)?.count == 3)
        #expect(cache.locations(of: Self.orders, from: 39)?.map(\.entry.baseOffset) == [30, 40])
        #expect(cache.locations(of: Self.orders, from: 50) == nil)
        #expect(cache.locations(of: PartitionID(topic: 2, partition: 0), from: 20) == nil)
        cache.note([location(60, in: 9)], of: Self.orders)
        #expect(cache.locations(of: Self.orders, from: 30) == nil)
    }

    @Test("serve consumers that take a batch message by message: the disk is read once")
    func readsOnce() throws {
        var limits = ShardBench.smallLimits
        limits.tailCacheSize = 0
        let bench = try GroupTests.bench(limits: limits)
        bench.publish([
            (Self.orders, ShardBench.batch(keys: Array(repeating: String?.none, count: 20)))
        ])
        try bench.settle()
        let before = bench.shard.counts.diskReads
        for offset in 0..<20 {
            let pull = ShardBench.pull([Self.orders], messagesMax: 1)
            let lease = try #require(try GroupTests.pull(bench, pull).leases.first)
            #expect(lease.messages == [GrantedMessage(offset: offset, attempt: 1)])
        }
        #expect(bench.shard.counts.diskReads - before == 1)
    }
}
