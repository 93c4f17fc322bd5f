import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A watch")
struct WatchTests {
    static let orders = PartitionID(topic: 1, partition: 0)
    static let others = PartitionID(topic: 2, partition: 1)

    @Test("is told at once of what it does not know, and else once that comes")
    func wakes() throws {
        let bench = try ShardTests.bench()
        let early = bench.watch([(Self.orders, 0), (Self.others, 0)])
        let unrelated = bench.watch([(Self.others, 0)])
        bench.publish([(Self.orders, ShardBench.batch("one"))])
        #expect(bench.answers[early] == nil, "nothing is committed")
        let between = bench.watch([(Self.orders, 0)])
        try bench.settle()
        let late = bench.watch([(Self.orders, 0)])
        let knowing = bench.watch([(Self.orders, 1)])
        for ticket in [early, between, late] {
            guard case .news = bench.answers[ticket] else {
                Issue.record("\(ticket) was not told")
                continue
            }
        }
        #expect(bench.answers[unrelated] == nil && bench.answers[knowing] == nil)
        bench.publish([(Self.orders, ShardBench.batch("two"))])
        try bench.settle()
        #expect(bench.answers[knowing] != nil && bench.answers[unrelated] == nil)
        #expect(bench.order.count == Set(bench.order).count)
    }

    @Test("is told that its topic is gone, and not told once it is taken back")
    func ends() throws {
        let bench = try ShardTests.bench()
        let kept = bench.watch([(Self.orders, 0)])
        let taken = bench.watch([(Self.orders, 0)])
        bench.call(.unwatch(ticket: taken))
        bench.hear(.deleted(id: 1, name: "topic-1"))
        bench.collect()
        #expect(bench.answers[kept] != nil && bench.answers[taken] == nil)
        let late = bench.watch([(Self.orders, 0)])
        guard case .refused(.noSuchTopic) = bench.answers[late] else {
            Issue.record("a topic that is gone is watched")
            return
        }
    }

    @Test("is refused beyond the bound, which those that end make room for")
    func isBounded() throws {
        var limits = ShardBench.smallLimits
        limits.watchCountMax = 3
        let bench = try ShardTests.bench(limits: limits)
        bench.watch([(Self.orders, 0), (Self.others, 0)])
        bench.watch([(Self.others, 0)])
        let refused = bench.watch([(Self.orders, 0)])
        guard case .refused(.overloaded) = bench.answers[refused] else {
            Issue.record("the bound does not hold")
            return
        }
        bench.publish([(Self.others, ShardBench.batch("one"))])
        try bench.settle()
        let accepted = bench.watch([(Self.orders, 0)])
        #expect(bench.answers[accepted] == nil)
    }
}
