import Simulation
import Storage
import Testing
import Wire

@Suite("The use of a group, as a shard sees it")
struct GroupUsageTests {
    enum Use: CaseIterable {
        case pull, settle, watch, endOfWatch, change, start
    }

    static let orders = GroupTests.orders

    @Test("counts from the last pull, settle, wait, change or start", arguments: Use.allCases)
    func counts(use: Use) throws {
        let bench = try GroupTests.bench { $0.lifetime = 5_000 }
        try GroupTests.publish(bench, "a")
        let lease = try #require(try GroupTests.pull(bench).leases.first)
        let watch = bench.watch([Self.orders])
        if use != .endOfWatch { bench.call(.unwatch(ticket: watch)) }
        try bench.wait(20_000)
        let idle = bench.usage()?.idle
        #expect(use == .endOfWatch ? idle == 0 : idle ?? 0 >= 20_000)
        switch use {
        case .pull: _ = try GroupTests.pull(bench)
        case .settle: bench.settle([lease], .ack)
        case .watch: bench.watch([Self.orders])
        case .endOfWatch: bench.call(.unwatch(ticket: watch))
        case .change: bench.hear(group: .put(ShardBench.group { $0.lifetime = 6_000 }))
        case .start: try bench.reopen()
        }
        try bench.settle()
        #expect(bench.usage()?.idle ?? .max < 1_000)
        try bench.wait(3_000)
        #expect(use == .watch ? bench.usage()?.idle == 0 : bench.usage()?.idle ?? 0 >= 3_000)
    }

    @Test("has what is out, until its lease ends")
    func inFlight() throws {
        let bench = try GroupTests.bench()
        try GroupTests.publish(bench, "a", "b")
        _ = try GroupTests.pull(bench)
        #expect(bench.usage()?.inFlight == 2)
        try bench.wait(29_000)
        #expect(bench.usage()?.inFlight == 2)
        try bench.wait(1_001)
        #expect(bench.usage() == GroupUsage(idle: bench.usage()?.idle ?? 0, inFlight: 0))
    }

    @Test("is not told of a group that the shard has not heard of")
    func unknown() throws {
        let bench = try GroupTests.bench()
        let ticket = bench.call(.group(.usage(group: 77)))
        guard case .group(.refused(.noSuchGroup)) = bench.answers[ticket] else {
            Issue.record("another answer")
            return
        }
    }
}
