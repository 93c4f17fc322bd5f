import Records
import Simulation
import Testing
import Wire

@testable import Gateway

@Suite("The list of dead letters")
struct LetterListTests {
    private static func order(
        _ topic: String? = nil, after: String? = nil, limit: String? = nil
    ) throws(GatewayError) -> LetterOrder {
        try LetterOrder(topic: topic, after: after, limit: limit)
    }

    @Test("goes on behind the letter that was shown last")
    func goesOn() throws {
        let order = try Self.order(after: "orders:1-7")
        #expect(order.after?.text == "orders:1-7" && order.limit == GroupDesk.listLimit)
        #expect((UInt32(0)...2).map { order.begin(in: $0, of: "orders") } == [nil, 8, 0])
        #expect(order.begin(in: 0, of: "others") == 0)
    }

    @Test(
        "Places that were never given out",
        arguments: [
            "", "orders", "orders:", "orders:1", "orders:1-", "orders:-1", "orders:1-2-3", ":1-2",
            "orders:1--2", "orders:1-x", "_a:1-2", "orders:1-9223372036854775807", "a:b:1-2",
            "orders:4294967296-1",
        ])
    func refused(_ text: String) {
        #expect(throws: GatewayError.self) { try Self.order(after: text) }
    }

    @Test("is made of the pages of all shards, in the order of topics, partitions and offsets")
    func pages() throws {
        var desk = GroupDesk(timeout: 1_000)
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        let topic = sampleTopic(partitions: 2)
        topics.apply(.put(topic))
        let group = GroupDefinition(
            id: 4, name: "g", options: GroupOptions(),
            attachments: [GroupAttachment(topic: topic.id, since: 0, start: .earliest)],
            createdAt: 0)
        try desk.letters(
            try Self.order(limit: "2"), of: "g", for: exchange(1), in: topics, at: moment())
        let find = try #require(desk.takeCalls().first)
        desk.take(find.id, .group(.found(group)), into: &topics, &groups)
        let call = try #require(desk.takeCalls().first)
        guard case .shard(_, .group(.letters(let asked))) = call.content else {
            Issue.record("another call")
            return
        }
        #expect(asked.countMax == 3 && asked.parts.map(\.offset) == [0, 0])
        let found = [(1, 5), (0, 9), (0, 3)].map { partition, offset in
            DeadLetter(
                partition: PartitionID(topic: topic.id, partition: UInt32(partition)),
                offset: offset, attempts: 2, reasons: ["a", "b"], consumer: nil, address: "::1",
                diedAt: 1_700_000_000_000, isRedriving: offset == 3)
        }
        desk.take(call.id, .group(.letters(found)), in: topics, at: moment())
        let answer = desk.takeAnswers().first
        #expect(status(answer) == 200)
        func shown(_ id: String, _ offset: Int, _ redriving: Bool) -> String {
            #"{"topic":"orders","partition":0,"offset":\#(offset),"id":"\#(id)","attempts":2,"#
                + #""reasons":["a","b"],"consumer":null,"address":"::1","#
                + #""died_at":"2023-11-14T22:13:20.000Z","redriving":\#(redriving)}"#
        }
        #expect(
            text(answer) == #"{"letters":["# + shown("0-3", 3, true) + ","
                + shown("0-9", 9, false) + #"],"next":"orders:0-9"}"# + "\n")
    }
}
