import Bytes
import HTTP
import Records
import Testing
import Wire

@testable import Gateway

@Suite("The desk for messages")
struct PublishDeskTests {
    @Test("sends what a turn publishes as one batch a partition, and answers each")
    func turns() throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish("a", as: 1, key: "k")
        try fixture.publish("b", as: 2, key: "k")
        try fixture.publish("c", as: 3, partition: 1)
        let calls = fixture.turn()
        #expect(calls.count == 2)
        let keyed = try #require(calls.first { $0.bodies == ["a", "b"] })
        let stated = try #require(calls.first { $0.bodies == ["c"] })
        #expect(stated.partition == 1)
        let hash = partitionHash(of: "k".utf8.span)
        #expect(keyed.partition == UInt32(partition(ofHash: hash, of: 4)))
        fixture.answer(stated, fixture.placed(7))
        fixture.answer(keyed, fixture.placed(1_041))
        let answers = fixture.answers()
        #expect(answers.count == 3)
        #expect(status(answers[2]) == 201)
        #expect(
            text(answers[3])
                == #"{"id":"1-7","topic":"orders","partition":1,"offset":7,"published_at":"#
                + "\"2023-11-14T22:13:20.123Z\",\"cursor\":\"AwEEAQj70JX_vDGPboU\"}\n")
        #expect(try members(Array(text(answers[2]).utf8))["offset"] == "1042")
        #expect(fixture.desk.pending.isEmpty && fixture.desk.callerCount == 0)
        #expect(fixture.desk.byteCount == 0)
        #expect(fixture.turn().isEmpty)
    }

    @Test("keeps those without a key together in a turn, and goes round with the turns")
    func rounds() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 3))
        var seen: Set<UInt32> = []
        for _ in 0..<3 {
            for caller in 0..<5 { try fixture.publish("x", as: caller) }
            let calls = fixture.turn()
            #expect(calls.count == 1)
            #expect(calls.first?.bodies.count == 5)
            if let partition = calls.first?.partition { seen.insert(partition) }
        }
        #expect(seen == [0, 1, 2])
    }

    @Test("tells apart what is delayed, what is buffered, and what is neither")
    func apart() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 1))
        try fixture.publish("now", as: 1)
        try fixture.publish("later", as: 2, delay: .duration(5_000))
        try fixture.publish("buffered", as: 3, durability: .buffered)
        try fixture.publish("at", as: 4, delay: .date(1_700_000_005_000))
        let calls = fixture.turn()
        #expect(calls.map(\.bodies) == [["now"], ["later", "at"], ["buffered"]])
        #expect(calls.map { $0.publish?.isBuffered } == [false, false, true])
        let held = PlacedPart(place: .held(position: 81_920), logTime: 1_700_000_000_123)
        fixture.answer(calls[1], .published([held]))
        fixture.answer(calls[2], .published([PlacedPart(place: .buffered, logTime: 0)]))
        let answers = fixture.answers()
        let later = try members(Array(text(answers[2]).utf8))
        #expect(later["id"] == "h-0-81920-0")
        #expect(later["held_until"] == "2023-11-14T22:13:25.123Z")
        let at = try members(Array(text(answers[4]).utf8))
        #expect(at["id"] == "h-0-81920-1")
        #expect(at["held_until"] == "2023-11-14T22:13:25.000Z")
        #expect(status(answers[3]) == 202)
        #expect(try members(Array(text(answers[3]).utf8))["id"] == nil)
    }

    @Test("begins another batch when one is full, and sends them in order")
    func full() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 1))
        for number in 0..<(RecordLimits.recordCountMax + 5) {
            try fixture.publish("\(number)", as: number)
        }
        let calls = fixture.turn()
        #expect(calls.map(\.bodies.count) == [RecordLimits.recordCountMax, 5])
        #expect(calls.last?.bodies.first == "\(RecordLimits.recordCountMax)")
    }

    @Test("gives a repeated message the first answer again, and sends the rest once more")
    func repeated() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 1))
        try fixture.publish("a", as: 1, idempotencyKey: "i1")
        try fixture.publish("b", as: 2)
        try fixture.publish("c", as: 3, idempotencyKey: "i3")
        try fixture.publish("d", as: 4)
        let first = try #require(fixture.turn().first)
        let same = RepeatedRecord(
            part: 0, record: 0,
            verdict: .same(.offset(9), record: 0, partition: 0, logTime: 1_700_000_000_000))
        let other = RepeatedRecord(part: 0, record: 2, verdict: .other)
        fixture.answer(first, .repeated([same, other]))
        var answers = fixture.answers()
        #expect(answers.keys.sorted() == [1, 3])
        #expect(status(answers[1]) == 201)
        #expect(try members(Array(text(answers[1]).utf8))["id"] == "0-9")
        guard case .response(let replay) = try #require(answers[1]).content else { return }
        let fields = String(decoding: replay.fields, as: UTF8.self)
        #expect(fields.contains("Idempotency-Replayed: true\r\n"))
        #expect(status(answers[3]) == 422)
        let again = try #require(fixture.turn().first)
        #expect(again.bodies == ["b", "d"])
        fixture.answer(again, fixture.placed(10))
        answers = fixture.answers()
        #expect(try members(Array(text(answers[4]).utf8))["id"] == "0-11")
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    /// A topic of one partition that has four since a moment, and a key that went to another shard.
    private func grown(ago: Int = 60_000) throws -> (fixture: PublishFixture, key: String) {
        var topic = sampleTopic(shards: 4)
        topic.growths = [TopicGrowth(partitions: 1, at: Int(moment().wall) - ago)]
        let key = (0..<100).map(String.init).first {
            partition(ofHash: partitionHash(of: $0.utf8.span), of: 4) != 0
        }
        return (PublishFixture(topic), try #require(key))
    }

    @Test(
        "asks where a message was before partitions were added, and stores it if it was not there")
    func recalls() throws {
        let (fixture, key) = try grown()
        try fixture.publish("a", as: 1, key: key, idempotencyKey: "i1")
        try fixture.publish("b", as: 2, key: key, idempotencyKey: "i2")
        try fixture.publish("c", as: 3, key: key)
        let ask = try #require(fixture.turn().first)
        guard case .shard(0, .recall(let publish)) = ask.content else {
            Issue.record("\(ask.content)")
            return
        }
        #expect(publish.partitionCount == 4)
        let same = RepeatedRecord(
            part: 0, record: 1,
            verdict: .same(.offset(9), record: 0, partition: 0, logTime: 1_700_000_000_000))
        fixture.answer(ask, .repeated([same]))
        #expect(try members(Array(text(fixture.answers()[2]).utf8))["id"] == "0-9")
        let rest = try #require(fixture.turn().first)
        #expect(rest.bodies == ["a", "c"])
        fixture.answer(rest, fixture.placed(4))
        #expect(fixture.answers().keys.sorted() == [1, 3])
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test(
        "asks for a batch all that may have a part of it", arguments: [true, false])
    func recallsBatch(isKnown: Bool) throws {
        let (fixture, key) = try grown()
        let body = #"{"messages":[{"value":"a","key":"\#(key)"},{"value":"b","partition":3}]}"#
        try fixture.publish(batch: body, idempotencyKey: "i")
        var asked: Set<UInt16> = []
        while let call = fixture.turn().first, case .shard(let shard, .recall) = call.content {
            asked.insert(shard)
            let known = (0..<2).filter { _ in isKnown && shard == 0 }.map {
                RepeatedRecord(
                    part: $0, record: 0,
                    verdict: .same(.offset($0), record: 0, partition: 0, logTime: 0))
            }
            fixture.answer(call, .repeated(known))
        }
        #expect(asked.contains(0) && asked.contains(3))
        #expect(status(fixture.answers()[1]) == (isKnown ? 201 : nil))
    }

    @Test("asks nobody without a need")
    func recallsNothing() throws {
        let (fixture, key) = try grown()
        try fixture.publish("a", key: key)
        try fixture.publish("b", partition: 3, idempotencyKey: "i")
        let (old, _) = try grown(ago: 900_000 + Int(KnownTopic.clockTolerance))
        try old.publish("c", key: key, idempotencyKey: "i")
        for call in fixture.turn() + old.turn() { #expect(call.publish != nil) }
    }

    @Test("never sends the same Idempotency-Key twice in one batch")
    func twins() throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish("a", as: 1, idempotencyKey: "i")
        try fixture.publish("a", as: 2, idempotencyKey: "i")
        let calls = fixture.turn()
        #expect(calls.map(\.bodies) == [["a"], ["a"]])
        #expect(calls[0].partition == calls[1].partition)
        let hashes = calls.map { drafts(of: $0.publish?.parts[0].batch ?? [])[0].idempotencyHash }
        #expect(hashes[0] != nil && hashes[0] == hashes[1])
    }

    @Test("asks once for a topic that many wait for, and then goes on")
    func asksOnce() throws {
        let fixture = PublishFixture()
        for caller in 1...3 { try fixture.publish("m\(caller)", as: caller, key: "k") }
        try fixture.publish("other", to: "b", as: 4)
        let finds = fixture.turn()
        #expect(finds.count == 2)
        guard case .coordinator(.find("orders", mayCreate: true)) = finds[0].content else {
            Issue.record("it asks for \(finds[0].content)")
            return
        }
        fixture.answer(finds[0], topic: .created(sampleTopic()))
        let sent = try #require(fixture.turn().first)
        #expect(sent.bodies == ["m1", "m2", "m3"])
        fixture.answer(sent, fixture.placed(0))
        #expect(fixture.answers().keys.sorted() == [1, 2, 3])
        fixture.answer(finds[1], topic: .refused(.noSuchTopic))
        #expect(status(fixture.answers()[4]) == 404)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
        #expect(fixture.desk.inquiries.isEmpty)
    }

    @Test("looks for a topic a second time when a shard does not know it, and not a third")
    func asksAgain() throws {
        let fixture = PublishFixture(sampleTopic(id: 1))
        try fixture.publish("a", as: 1)
        let first = try #require(fixture.turn().first)
        fixture.answer(first, .refused(.noSuchTopic))
        let find = try #require(fixture.turn().first)
        fixture.answer(find, topic: .created(sampleTopic(id: 2)))
        let second = try #require(fixture.turn().first)
        #expect(second.publish?.parts[0].partition.topic == 2)
        #expect(second.bodies == ["a"])
        fixture.answer(second, .refused(.noSuchTopic))
        #expect(fixture.turn().isEmpty)
        #expect(status(fixture.answers()[1]) == 404)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test(
        "says of each refusal what became of the message",
        arguments: [
            (ShardRefusal.overloaded, 503, Problem.Outcome.none), (.noSpace, 507, .none),
            (.backlogFull(limit: 9), 429, .none), (.readOnly, 503, .none), (.failed, 503, .unknown),
        ])
    func refusals(_ refusal: ShardRefusal, _ wanted: Int, _ became: Problem.Outcome) throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish("a", as: 1)
        try fixture.publish("b", as: 2)
        fixture.answer(try #require(fixture.turn().first), .refused(refusal))
        let answers = fixture.answers()
        #expect(answers.count == 2)
        #expect(status(answers[1]) == wanted)
        #expect(outcome(answers[2]) == became)
    }

    @Test("says that nobody knows, when storage is silent; a late answer finds nobody")
    func silence() throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish("a", as: 1)
        try fixture.publish("b", to: "new", as: 2)
        let calls = fixture.turn()
        fixture.now = moment(1_000 + 10_000)
        #expect(fixture.desk.nextDeadline.map { $0 <= fixture.now.tick } == true)
        fixture.desk.expire(at: fixture.now)
        let answers = fixture.answers()
        #expect(status(answers[1]) == 504 && outcome(answers[1]) == .unknown)
        #expect(status(answers[2]) == 504 && outcome(answers[2]) == Problem.Outcome.none)
        for call in calls where call.publish != nil { fixture.answer(call, fixture.placed(1)) }
        #expect(fixture.answers().isEmpty && fixture.turn().isEmpty)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
        #expect(fixture.desk.nextDeadline == nil)
    }

    @Test("refuses at once what no topic would take")
    func refusesAtOnce() throws {
        let fixture = PublishFixture(sampleTopic(messageSizeMax: 3))
        #expect(throws: GatewayError.publish(.messageTooLarge(limit: 3))) {
            try fixture.publish("1234")
        }
        #expect(throws: GatewayError.topic(.invalidName)) { try fixture.publish("1", to: "_a") }
        let key = String(repeating: "k", count: RecordLimits.keySizeMax + 1)
        #expect(throws: GatewayError.self) { try fixture.publish("1", key: key) }
        #expect(fixture.turn().isEmpty)
        #expect(fixture.desk.callerCount == 0)
    }

    @Test("looks for a partition that it does not know before it says that there is none")
    func newPartition() throws {
        for partitions in [4, 5] {
            let fixture = PublishFixture(sampleTopic())
            try fixture.publish("1", as: 1, partition: 4)
            try fixture.publish(batch: #"{"messages":[{"value":"a","partition":4}]}"#, as: 2)
            let find = try #require(fixture.turn().first)
            fixture.answer(find, topic: .found(sampleTopic(partitions: partitions)))
            let calls = fixture.turn()
            if partitions == 5 {
                #expect(calls.map(\.partition) == [4, 4])
            } else {
                let answers = fixture.answers()
                #expect(calls.isEmpty && [1, 2].allSatisfy { status(answers[$0]) == 404 })
                #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
            }
        }
    }

    @Test("takes no more than it has room for")
    func bounded() throws {
        let fixture = PublishFixture(sampleTopic())
        fixture.desk.byteCount = PublishDesk.bytesMax
        #expect(throws: GatewayError.publish(.overloaded)) { try fixture.publish("a") }
        fixture.desk.byteCount = 0
        fixture.desk.callerCount = PublishDesk.callersMax
        #expect(throws: GatewayError.publish(.overloaded)) { try fixture.publish("a") }
    }
}
