import Bytes
import HTTP
import Receipts
import Records
import Testing
import Wire

@testable import Gateway

@Suite("Settling at a gateway")
struct SettlingTests {
    /// Two leased messages of partition 0, and the receipt of both.
    private func leased(_ bench: PullBench) throws -> String {
        try bench.pull(77)
        bench.grant(bench.calls()[0].id, [bench.lease(0, 0..<2)])
        for call in bench.calls() { bench.grant(call.id) }
        let receipt = bench.receipt(bench.answers().first)
        #expect(!receipt.isEmpty)
        return receipt
    }

    @Test("sends what all clients of a turn settle in a shard as one call")
    func merges() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        for number in 1...3 { try bench.settle(number, [receipt]) }
        let calls = bench.calls()
        #expect(calls.count == 1 && calls[0].content.settle?.items.count == 3)
        let verdicts: [SettledRun.Verdict] = [.acked, .alreadyAcked, .lost]
        bench.answer(
            calls[0].id, .group(.settled(verdicts.map { [SettledRun(0..<2, $0)] })))
        let bodies = bench.answers().map(text)
        for (body, verdict) in zip(bodies, verdicts) {
            #expect(
                body
                    == "{\"results\":[{\"receipt\":\"\(receipt)\",\"status\":\"\(verdict.word)\"}]}\n"
            )
        }
        #expect(bodies.count == 3 && bench.desk.settlements.isEmpty)
    }

    @Test("settles before it pulls, and gives both results together")
    func settlesFirst() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        try bench.pull {
            $0.settles = SettleOrder(items: [SettleOrder.Item(receipt: receipt, kind: .ack)])
        }
        let calls = bench.calls()
        #expect(calls.count == 2 && calls[0].content.settle != nil && calls[1].content.pull != nil)
        bench.grant(calls[1].id)
        #expect(bench.answers().isEmpty)
        bench.answer(calls[0].id, .group(.settled([[SettledRun(0..<2, .acked)]])))
        #expect(text(bench.answers().first).contains(#""settled":{"results":[{"receipt":""#))
    }

    @Test("knows a receipt of another group, of another key, and nonsense, without asking anybody")
    func refuses() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        let other = PullBench(partitions: 1, shards: 1)
        other.desk.hear([ReceiptSecret(id: 1, from: 0, high: 9, low: 9)], at: moment())
        let foreign = try leased(other)
        bench.groups.apply(
            .put(GroupDefinition(id: 4, name: "g", options: GroupOptions(), createdAt: 0)))
        try bench.settle(1, [receipt, foreign, "nonsense", ""])
        #expect(bench.calls().isEmpty)
        let body = text(bench.answers().first)
        #expect(body.split(separator: "unknown").count == 5)
    }

    @Test("takes a group that is gone out of a call, so that the others are settled")
    func splits() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        try bench.settle(1, [receipt])
        try bench.settle(2, [receipt])
        bench.answer(bench.calls()[0].id, .group(.refused(.noSuchGroup)))
        let calls = bench.calls()
        #expect(calls.count == 2)
        bench.answer(calls[0].id, .group(.settled([[SettledRun(0..<2, .acked)]])))
        bench.answer(calls[1].id, .group(.refused(.noSuchGroup)))
        #expect(bench.answers().map { text($0).contains("lost") } == [false, true])
    }

    @Test("says that nobody knows what became of it, where the disk failed or nothing is heard")
    func fails() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        try bench.settle(1, [receipt])
        bench.answer(bench.calls()[0].id, .refused(.failed))
        try bench.settle(2, [receipt])
        bench.now += 10_000
        bench.desk.expire(in: bench.topics, bench.groups, at: bench.moment)
        let answers = bench.answers()
        #expect(answers.map(status) == [503, 504])
        for answer in answers {
            guard case .problem(let error) = answer.content else { continue }
            #expect(Problem(error).outcome == .unknown)
        }
    }

    @Test("names the messages of a receipt that differ from the rest")
    func exceptions() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        try bench.settle(1, [receipt])
        bench.answer(
            bench.calls()[0].id,
            .group(.settled([[SettledRun(0..<1, .acked), SettledRun(1..<2, .lost)]])))
        let body = text(bench.answers().first)
        #expect(
            body.contains(
                #""status":"lost","messages":[{"id":"0-0","status":"acked"}]"#))
    }

    @Test("loses what is of a topic that is gone")
    func topicGone() throws {
        let bench = PullBench(partitions: 1, shards: 1)
        let receipt = try leased(bench)
        bench.topics.apply(.deleted(id: 7, name: "orders"))
        try bench.settle(1, [receipt])
        #expect(bench.calls().isEmpty && text(bench.answers().first).contains("lost"))
    }

    @Test("asks the coordinator for a group that it does not know")
    func looksUp() throws {
        let bench = PullBench(isAttached: false)
        try bench.settle(1, ["r"])
        let call = bench.desk.takeCalls()[0]
        bench.desk.take(
            call.id, .refused(.noSuchGroup), into: &bench.topics, &bench.groups, at: bench.moment)
        #expect(bench.answers().map(status) == [404])
    }

    @Test(
        "signs with the newest secret that is in use, and believes the others",
        arguments: [(UInt64(10), UInt8(1)), (5_000, 1), (5_001, 2), (9_000, 2)])
    func secrets(_ wall: UInt64, _ id: UInt8) {
        var book = ReceiptBook()
        #expect(book.keys(at: 0) == nil)
        let secrets = [
            ReceiptSecret(id: 1, from: 5, high: 1, low: 2),
            ReceiptSecret(id: 2, from: 5_001, high: 3, low: 4),
        ]
        book.hear(secrets, at: 10)
        let keys = book.keys(at: Int(wall))
        #expect(keys?.ids.first == id && keys.map { Set($0.ids) } == [1, 2])
    }
}
