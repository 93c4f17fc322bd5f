import Bytes
import HTTP
import Records
import Testing
import Wire

@testable import Gateway

/// The keys that go to each of `count` partitions, one each.
private func keys(for count: Int) -> [String] {
    var found = [String](repeating: "", count: count)
    for number in 0..<1_000 {
        let hash = partitionHash(of: "k\(number)".utf8.span)
        found[partition(ofHash: hash, of: count)] = "k\(number)"
    }
    return found
}

private func placed(_ offsets: Int...) -> [PlacedPart] {
    offsets.map { PlacedPart(place: .offset($0), logTime: 1_700_000_000_123) }
}

private func ids(_ answer: DeskAnswer?, under root: String = "messages") throws -> [String?] {
    let json = try members(Array(text(answer).utf8))
    var found: [String?] = []
    while let id = json["\(root).\(found.count).id"] { found.append(id) }
    return found
}

@Suite("The desk for batches")
struct BatchDeskTests {
    @Test("answers in the order of the request, whatever partitions its messages go to")
    func order() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 2))
        let names = keys(for: 2)
        let messages = [0, 1, 1, 0].map { #"{"value":"\#($0)","key":"\#(names[$0])"}"# }
        try fixture.publish(batch: #"{"messages":[\#(messages.joined(separator: ","))]}"#)
        let call = try #require(fixture.turn().first)
        #expect(call.publish?.parts.count == 2)
        #expect(call.bodies == ["0", "0", "1", "1"])
        fixture.answer(call, .published(placed(10, 20)))
        let answer = fixture.answers()[1]
        #expect(status(answer) == 201)
        #expect(try ids(answer) == ["0-10", "1-20", "1-21", "0-11"])
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test("keeps a batch without keys in one partition, and splits what is too much for one batch")
    func split() throws {
        let fixture = PublishFixture(sampleTopic())
        let body = String(repeating: "x", count: 300_000)
        let messages = (0..<5).map { _ in #"{"value":"\#(body)"}"# }.joined(separator: ",")
        try fixture.publish(batch: #"{"messages":[\#(messages)]}"#)
        let call = try #require(fixture.turn().first)
        #expect(Set(call.publish?.parts.map(\.partition) ?? []).count == 1)
        #expect(call.publish?.parts.map { drafts(of: $0.batch).count } == [3, 2])
        fixture.answer(call, .published(placed(10, 13)))
        let ids = try ids(fixture.answers()[1]).map { $0?.split(separator: "-").last }
        #expect(ids == ["10", "11", "12", "13", "14"])
    }

    @Test("takes an empty batch, and stores nothing")
    func empty() throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish(batch: #"{"messages":[]}"#, as: 1)
        try fixture.publish(batch: "[]", .events, as: 2)
        try fixture.publish(batch: "\n\n", .lines, as: 3)
        try fixture.publish(batch: [], .frames, as: 4)
        #expect(fixture.turn().isEmpty)
        let answers = fixture.answers()
        for caller in 1...4 {
            #expect(status(answers[caller]) == 201)
            #expect(text(answers[caller]) == "{\"messages\":[]}\n")
        }
    }

    @Test("stores nothing of a batch with a bad message, and says which")
    func bad() throws {
        let fixture = PublishFixture(sampleTopic())
        try fixture.publish(
            batch: #"{"messages":[{"value":"a"},{},{"value":"a","partition":9},7]}"#)
        let find = try #require(fixture.turn().first)
        fixture.answer(find, topic: .found(sampleTopic()))
        guard case .problem(let error) = fixture.answers()[1]?.content else {
            Issue.record("it is taken")
            return
        }
        let problem = Problem(error)
        #expect(problem.status == .unprocessableContent)
        #expect(
            problem.faults.map(\.place) == [
                "/messages/1/value", "/messages/2/partition", "/messages/3",
            ])
        #expect(fixture.turn().isEmpty && fixture.desk.callerCount == 0)
    }

    @Test("stores what is good of a batch whose client is lenient, and tells of each")
    func lenient() throws {
        let fixture = PublishFixture(sampleTopic(partitions: 1))
        try fixture.publish(
            batch: #"{"messages":[{},{"value":"a"},{"value":"b","ttl":"x"},{"value":"c"}]}"#,
            isLenient: true)
        let call = try #require(fixture.turn().first)
        #expect(call.bodies == ["a", "c"])
        fixture.answer(call, .published(placed(5)))
        let answer = fixture.answers()[1]
        #expect(status(answer) == 207)
        let json = try members(Array(text(answer).utf8))
        #expect((0...3).map { json["results.\($0).status"] } == ["422", "201", "422", "201"])
        #expect(json["results.0.code"] == "invalid_message")
        #expect(json["results.1.id"] == "0-5")
        #expect(json["results.3.id"] == "0-6")
        #expect(json["results.4.status"] == nil)
        try fixture.publish(batch: #"{"messages":[{}]}"#, as: 2, isLenient: true)
        #expect(fixture.turn().isEmpty)
        #expect(status(fixture.answers()[2]) == 207)
    }

    @Test("gives a repeated batch the first answer again, and only if it is the same")
    func repeated() throws {
        let fixture = PublishFixture(sampleTopic())
        let body = #"{"messages":[{"value":"a"},{"value":"b"}]}"#
        func same(_ record: Int) -> RepeatedRecord {
            RepeatedRecord(
                part: 0, record: record,
                verdict: .same(.offset(record + 5), record: record, partition: 2, logTime: 0))
        }
        var partitions: Set<UInt32?> = []
        for (caller, answer) in [
            (1, [same(1), same(0)]), (2, [same(0)]),
            (3, [same(0), RepeatedRecord(part: 0, record: 1, verdict: .other)]),
        ] {
            try fixture.publish(batch: body, as: caller, idempotencyKey: "i")
            let call = try #require(fixture.turn().first)
            partitions.insert(call.partition)
            let hashes = drafts(of: call.publish?.parts[0].batch ?? []).map(\.idempotencyHash)
            #expect(Set(hashes).count == 2 && !hashes.contains(nil))
            fixture.answer(call, .repeated(answer))
        }
        #expect(partitions.count == 1)
        let answers = fixture.answers()
        #expect(status(answers[1]) == 201)
        #expect(try ids(answers[1]) == ["2-5", "2-6"])
        #expect(status(answers[2]) == 422)
        #expect(status(answers[3]) == 422)
    }

    @Test("waits for its topic as it came, and goes on when that is known")
    func waits() throws {
        let fixture = PublishFixture()
        try fixture.publish(batch: #"{"messages":[{"value":"a"}]}"#, as: 1)
        try fixture.publish(batch: #"{"messages":[{}]}"#, as: 2)
        let find = try #require(fixture.turn().first)
        fixture.answer(find, topic: .created(sampleTopic()))
        #expect(status(fixture.answers()[2]) == 422)
        let call = try #require(fixture.turn().first)
        fixture.answer(call, .refused(.noSuchTopic))
        let again = try #require(fixture.turn().first)
        fixture.answer(again, topic: .created(sampleTopic(id: 2)))
        let sent = try #require(fixture.turn().first)
        #expect(sent.publish?.parts[0].partition.topic == 2)
        fixture.answer(sent, .published(placed(1)))
        #expect(status(fixture.answers()[1]) == 201)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }
}

@Suite("A batch over several shards")
struct SpreadBatchTests {
    /// A batch with a message for each of three shards, which have been told to prepare.
    private func prepared() throws -> (PublishFixture, [DeskCall]) {
        let fixture = PublishFixture(sampleTopic(partitions: 3, shards: 3))
        let messages = keys(for: 3).map { #"{"value":"v","key":"\#($0)"}"# }
        try fixture.publish(batch: #"{"messages":[\#(messages.joined(separator: ","))]}"#)
        let calls = fixture.turn()
        #expect(calls.map(\.shard) == [0, 1, 2])
        return (fixture, calls)
    }

    private func steps(_ calls: some Sequence<DeskCall>) -> [String] {
        calls.map { call in
            guard case .shard(let shard, .spread(let step)) = call.content else { return "?" }
            switch step {
            case .prepare: return "prepare \(shard)"
            case .decide(_, let others): return "decide \(shard) \(others)"
            case .show: return "show \(shard)"
            case .drop: return "drop \(shard)"
            case .ask, .done: return "?"
            }
        }
    }

    @Test("is prepared by all, decided by one, shown by the others, and then answered")
    func whole() throws {
        let (fixture, calls) = try prepared()
        for call in calls { fixture.answer(call, .spread(.prepared)) }
        let decide = fixture.turn()
        #expect(steps(decide) == ["decide 0 [1, 2]"])
        fixture.answer(decide[0], .spread(.shown(placed(5))))
        let show = fixture.turn()
        #expect(steps(show) == ["show 1", "show 2"])
        fixture.answer(show[1], .spread(.shown(placed(7))))
        #expect(fixture.answers().isEmpty)
        fixture.answer(show[0], .spread(.shown(placed(6))))
        let answer = fixture.answers()[1]
        #expect(status(answer) == 201)
        #expect(try ids(answer) == ["0-5", "1-6", "2-7"])
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test("is given up by all when one of them cannot prepare it")
    func refused() throws {
        let (fixture, calls) = try prepared()
        fixture.answer(calls[1], .refused(.noSpace))
        fixture.answer(calls[0], .spread(.prepared))
        #expect(fixture.turn().isEmpty)
        fixture.answer(calls[2], .spread(.prepared))
        let drops = fixture.turn()
        #expect(steps(drops) == ["drop 0", "drop 1", "drop 2"])
        for drop in drops { fixture.answer(drop, .spread(.dropped)) }
        #expect(status(fixture.answers()[1]) == 507)
    }

    @Test("that is repeated in all of its parts gets the first answer again")
    func repeated() throws {
        for hasOther in [false, true] {
            let (fixture, calls) = try prepared()
            for (shard, call) in calls.enumerated() {
                let verdict: RepeatedRecord.Verdict =
                    hasOther && shard == 1
                    ? .other
                    : .same(.offset(shard), record: 0, partition: UInt32(shard), logTime: 0)
                fixture.answer(
                    call, .repeated([RepeatedRecord(part: 0, record: 0, verdict: verdict)]))
            }
            #expect(steps(fixture.turn()).count == 3)
            let answer = fixture.answers()[1]
            #expect(status(answer) == (hasOther ? 422 : 201))
            if !hasOther { #expect(try ids(answer) == ["0-0", "1-1", "2-2"]) }
        }
    }

    @Test("says of each step what a silence in it means")
    func silence() throws {
        for (step, wanted) in [(0, Problem.Outcome.none), (1, .unknown), (2, .done)] {
            let (fixture, calls) = try prepared()
            if step == 0 { fixture.answer(calls[0], .spread(.prepared)) }
            if step > 0 { for call in calls { fixture.answer(call, .spread(.prepared)) } }
            let decide = fixture.turn()
            if step == 2 { fixture.answer(decide[0], .spread(.shown(placed(5)))) }
            fixture.now = moment(11_000)
            fixture.desk.expire(at: fixture.now)
            let answers = fixture.answers()
            #expect(answers.count == 1)
            #expect(outcome(answers[1]) == wanted)
            let late = fixture.turn()
            if step == 0 { #expect(steps(late).filter { $0.hasPrefix("drop") }.count == 3) }
            for call in calls { fixture.answer(call, .spread(.prepared)) }
            #expect(fixture.answers().isEmpty)
            #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
        }
    }

    @Test("that the judge had no room to decide about is given up by all, and was not stored")
    func undecided() throws {
        let (fixture, calls) = try prepared()
        for call in calls { fixture.answer(call, .spread(.prepared)) }
        fixture.answer(fixture.turn()[0], .refused(.overloaded))
        #expect(steps(fixture.turn()) == ["drop 0", "drop 1", "drop 2"])
        #expect(outcome(fixture.answers()[1]) == Problem.Outcome.none)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test("asks once more for a topic that a shard does not know")
    func asksAgain() throws {
        let (fixture, calls) = try prepared()
        fixture.answer(calls[1], .refused(.noSuchTopic))
        for call in [calls[0], calls[2]] { fixture.answer(call, .spread(.prepared)) }
        let next = fixture.turn()
        #expect(steps(next.dropLast()) == ["drop 0", "drop 1", "drop 2"])
        guard case .coordinator(.find) = next[3].content else {
            Issue.record("not asked")
            return
        }
        fixture.answer(next[3], topic: .found(sampleTopic(id: 9, partitions: 3, shards: 3)))
        let again = fixture.turn()
        #expect(steps(again) == ["prepare 0", "prepare 1", "prepare 2"])
        for call in again { fixture.answer(call, .refused(.noSuchTopic)) }
        #expect(status(fixture.answers()[1]) == 404)
        #expect(fixture.desk.callerCount == 0 && fixture.desk.byteCount == 0)
    }

    @Test("that the judge refused for good was not stored")
    func tooLate() throws {
        let (fixture, calls) = try prepared()
        for call in calls { fixture.answer(call, .spread(.prepared)) }
        fixture.answer(fixture.turn()[0], .spread(.tooLate))
        #expect(outcome(fixture.answers()[1]) == Problem.Outcome.none)
    }
}
