import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A watch of a group")
struct GroupWatchTests {
    static let orders = GroupTests.orders

    @Test("is told once something is there, and at once if it is there already")
    func tells() throws {
        let bench = try GroupTests.bench()
        let early = bench.watch([Self.orders, GroupTests.others])
        bench.publish([(Self.orders, ShardBench.batch("a"))])
        #expect(!bench.isNews(early), "nothing is committed")
        try bench.settle()
        #expect(bench.isNews(early))
        _ = try GroupTests.pull(bench)
        try GroupTests.publish(bench, "b")
        #expect(bench.isNews(bench.watch([Self.orders])))
    }

    @Test("is told as often as there are messages, whoever waits longest first")
    func isFair() throws {
        let bench = try GroupTests.bench()
        let tickets = [0, 500, 100, 900].map { bench.watch([Self.orders], waited: $0) }
        try GroupTests.publish(bench, "a")
        #expect(tickets.map { bench.isNews($0) } == [false, false, false, true])
        try GroupTests.publish(bench, "b")
        #expect(tickets.map { bench.isNews($0) } == [false, true, false, true])
        _ = try GroupTests.pull(bench, ShardBench.pull([Self.orders], messagesMax: 1))
        #expect(!bench.isNews(tickets[2]), "the other one is still expected")
    }

    @Test("is told when whoever was told before does not come")
    func passesOver() throws {
        let bench = try GroupTests.bench()
        let tickets = (0...2).map { bench.watch([Self.orders], waited: 100 - $0) }
        try GroupTests.publish(bench, "a")
        #expect(tickets.map { bench.isNews($0) } == [true, false, false])
        try bench.wait(1_000)
        #expect(tickets.map { bench.isNews($0) } == [true, true, false])
        _ = try GroupTests.pull(bench)
        try bench.wait(5_000)
        #expect(!bench.isNews(tickets[2]))
    }

    @Test(
        "is told of what comes back: released, failed and due, out of time, sought",
        arguments: 0...4)
    func hearsOfAll(way: Int) throws {
        let bench = try GroupTests.bench { $0.backoff = [3_000] }
        try GroupTests.publish(bench, "a")
        let lease = try #require(try GroupTests.pull(bench).leases.first)
        let watch = bench.watch([Self.orders])
        try bench.settle()
        #expect(!bench.isNews(watch))
        switch way {
        case 0: bench.settle([lease], .release)
        case 1: bench.settle([lease], .nack(delay: 0, reason: ""))
        case 2:
            bench.settle([lease], .nack(delay: nil, reason: ""))
            try bench.wait(2_999)
            #expect(!bench.isNews(watch))
            try bench.wait(1)
        case 3: try bench.wait(33_000)
        default:
            let part = GroupSeek.Part(Self.orders, to: .earliest)
            bench.call(.group(.seek(GroupSeek(group: ShardBench.group, parts: [part]))))
        }
        try bench.settle()
        #expect(bench.isNews(watch))
        #expect(try GroupTests.pull(bench).leases.map(\.offsets) == [[0]])
    }

    @Test("is told when the group may have more again, by what is out and by its rate")
    func hearsOfRoom() throws {
        let bench = try GroupTests.bench { $0.inFlightMax = 1 }
        try GroupTests.publish(bench, "a", "b")
        let grant = try GroupTests.pull(bench)
        #expect(grant.leases.map(\.offsets) == [[0]])
        #expect(try GroupTests.pull(bench).pause == .allowance)
        let watch = bench.watch([Self.orders])
        #expect(!bench.isNews(watch))
        bench.settle(grant.leases, .ack)
        try bench.settle()
        #expect(bench.isNews(watch))

        let paced = try GroupTests.bench { $0.rate = 1 }
        try GroupTests.publish(paced, "a", "b", "c")
        _ = try GroupTests.pull(paced)
        try paced.wait(1)
        _ = try GroupTests.pull(paced)
        let next = paced.watch([Self.orders])
        try paced.wait(900)
        #expect(!paced.isNews(next))
        try paced.wait(200)
        #expect(paced.isNews(next))
    }

    @Test("is told of what is there when its group begins")
    func hearsOfBeginnings() throws {
        let bench = try ShardTests.bench()
        try GroupTests.publish(bench, "a")
        bench.hear(group: .put(ShardBench.group()))
        let watch = bench.watch([Self.orders])
        #expect(!bench.isNews(watch))
        try bench.settle()
        #expect(bench.isNews(watch))
    }

    @Test("ends when it is taken back, with its group, and with its topic")
    func ends() throws {
        let bench = try GroupTests.bench()
        let (taken, kept) = (bench.watch([Self.orders]), bench.watch([Self.orders]))
        bench.call(.unwatch(ticket: taken))
        bench.hear(group: .deleted(id: ShardBench.group, name: ""))
        bench.collect()
        #expect(bench.isNews(kept) && !bench.isNews(taken))
        bench.hear(group: .put(ShardBench.group(10)))
        let last = bench.watch([Self.orders], group: 10)
        bench.hear(.deleted(id: 1, name: "topic-1"))
        bench.collect()
        #expect(bench.isNews(last))
    }
}
