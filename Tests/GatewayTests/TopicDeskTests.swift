import Bytes
import HTTP
import Testing
import Wire

@testable import Gateway

/// What a client got.
func status(_ answer: DeskAnswer?) -> Int? {
    switch answer?.content {
    case .response(let response): response.status.code
    case .problem(let error): Problem(error).status.code
    case nil: nil
    }
}

func text(_ answer: DeskAnswer?) -> String {
    guard case .response(let response) = answer?.content else { return "" }
    return String(decoding: response.body, as: UTF8.self)
}

@Suite("The desk for topics")
struct TopicDeskTests {
    private let status4 = PartitionStatus(start: 1, end: 9, bytes: 512, pinnedBytes: 7, held: 2)

    @Test("makes a topic, asks its shards, and shows it")
    func puts() throws {
        var desk = TopicDesk(timeout: 1_000)
        var topics = TopicMap(seed: 1)
        let body = Array(#"{"partitions":4}"#.utf8)
        try desk.put("orders", body: body[...], for: exchange(1), at: moment())
        let put = desk.takeCalls()
        var change = TopicChange()
        change.partitions = 4
        guard case .coordinator(let asked) = try #require(put.first).content else { return }
        #expect(asked == .put(name: "orders", change))
        desk.take(put[0].id, .created(sampleTopic(shards: 2)), into: &topics)
        #expect(topics.find("orders") != nil)
        let describes = desk.takeCalls()
        #expect(describes.count == 2)
        #expect(desk.takeAnswers().isEmpty)
        desk.take(describes[1].id, .described([status4, status4]))
        desk.take(describes[1].id, .described([status4, status4]))
        desk.take(describes[0].id, .refused(.failed))
        let answers = desk.takeAnswers()
        #expect(answers.count == 1)
        #expect(status(answers.first) == 201)
        let json = try members(Array(text(answers.first).utf8))
        #expect(json["topic"] == "orders")
        #expect(json["retention"] == "7d")
        #expect(json["max_backlog"] == "null")
        #expect(json["created_at"] == "2023-11-14T22:13:20.000Z")
        #expect(json["partition_list.0.end"] == nil)
        #expect(json["partition_list.3.end"] == "9")
        #expect(json["partition_list.3.pinned_bytes"] == "7")
    }

    @Test("asks the coordinator for each topic that it shows")
    func shows() throws {
        var desk = TopicDesk(timeout: 1_000)
        var topics = TopicMap(seed: 1)
        try desk.show("orders", for: exchange(1), at: moment())
        let find = try #require(desk.takeCalls().first)
        guard case .coordinator(.find("orders", mayCreate: false)) = find.content else {
            Issue.record("it asks for \(find.content)")
            return
        }
        desk.take(find.id, .refused(.noSuchTopic), into: &topics)
        #expect(desk.takeAnswers().map { status($0) } == [404])
        try desk.show("orders", for: exchange(2), at: moment())
        let again = try #require(desk.takeCalls().first)
        desk.take(again.id, .found(sampleTopic()), into: &topics)
        #expect(topics.find("orders") != nil)
        let describe = try #require(desk.takeCalls().first)
        desk.take(describe.id, .described([status4, status4, status4, status4]))
        #expect(desk.takeAnswers().map { status($0) } == [200])
    }

    @Test("deletes what is named twice, and nothing else")
    func deletes() throws {
        var desk = TopicDesk(timeout: 1_000)
        var topics = TopicMap(seed: 1)
        #expect(throws: GatewayError.topic(.deletionNotConfirmed)) {
            try desk.delete("orders", confirm: nil, for: exchange(1), at: moment())
        }
        #expect(throws: GatewayError.topic(.deletionConfirmedOther)) {
            try desk.delete("orders", confirm: "order", for: exchange(1), at: moment())
        }
        #expect(throws: GatewayError.topic(.invalidName)) {
            try desk.delete("_orders", confirm: "_orders", for: exchange(1), at: moment())
        }
        #expect(desk.takeCalls().isEmpty)
        try desk.delete("orders", confirm: "orders", for: exchange(1), at: moment())
        desk.take(desk.takeCalls()[0].id, .deleted, into: &topics)
        #expect(desk.takeAnswers().map { status($0) } == [204])
    }

    @Test("tells those who waited too long what may have become of it")
    func expires() throws {
        var desk = TopicDesk(timeout: 1_000)
        var topics = TopicMap(seed: 1)
        try desk.delete("a", confirm: "a", for: exchange(1), at: moment(0))
        try desk.show("b", for: exchange(2), at: moment(0))
        try desk.show("orders", for: exchange(3), at: moment(0))
        let find = try #require(desk.takeCalls().last)
        desk.take(find.id, .found(sampleTopic(shards: 2)), into: &topics)
        #expect(desk.nextDeadline == 1_000)
        desk.expire(at: moment(999))
        #expect(desk.takeAnswers().isEmpty)
        desk.expire(at: moment(1_000))
        let answers = desk.takeAnswers()
        #expect(Set(answers.map(\.caller.client.index)) == [1, 2, 3])
        for answer in answers {
            switch answer.caller.client.index {
            case 1: #expect(outcome(answer) == .unknown)
            case 2: #expect(outcome(answer) == Problem.Outcome.none)
            default: #expect(status(answer) == 200)
            }
        }
        #expect(desk.nextDeadline == nil)
        for call in desk.takeCalls() { desk.take(call.id, .refused(.failed)) }
        #expect(desk.takeAnswers().isEmpty)
    }

    @Test("has room for so many, and says so to the next")
    func full() throws {
        var desk = TopicDesk(timeout: 1_000)
        for number in 0..<TopicDesk.waitingMax {
            try desk.delete("a", confirm: "a", for: exchange(number), at: moment())
        }
        #expect(throws: GatewayError.topic(.tooManyWaiting(limit: TopicDesk.waitingMax))) {
            try desk.delete("a", confirm: "a", for: exchange(0), at: moment())
        }
    }

    @Test("lists pages that say how to go on")
    func lists() throws {
        var topics = TopicMap(seed: 1)
        for id in 1...3 { topics.apply(.put(sampleTopic("t\(id)", id: UInt32(id)))) }
        let first = try TopicDesk.list(&topics, after: nil, limit: "2")
        #expect(try members(first.body)["next"] == "t2")
        let second = try TopicDesk.list(&topics, after: "t2", limit: "2")
        #expect(try members(second.body)["next"] == nil)
        #expect(try members(second.body)["topics.0.topic"] == "t3")
        for limit in ["0", "1001", "x", "-1", ""] {
            #expect(throws: GatewayError.topic(.invalidLimit(max: 1_000))) {
                _ = try TopicDesk.list(&topics, after: nil, limit: limit)
            }
        }
    }
}

func outcome(_ answer: DeskAnswer?) -> Problem.Outcome? {
    guard case .problem(let error) = answer?.content else { return nil }
    return Problem(error).outcome
}
