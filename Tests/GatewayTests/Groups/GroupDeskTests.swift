import Bytes
import HTTP
import Records
import Simulation
import Testing
import Wire

@testable import Gateway

private func group(_ name: String, id: UInt32 = 1, topics: [UInt32] = []) -> GroupDefinition {
    GroupDefinition(
        id: id, name: name, options: GroupOptions(),
        attachments: topics.map {
            GroupAttachment(topic: $0, since: 1_700_000_000_000, start: .latest)
        },
        createdAt: 1_700_000_000_000)
}

@Suite("The desk for groups")
struct GroupDeskTests {
    @Test("makes a group, and shows it with the topics that it works on")
    func puts() throws {
        var desk = GroupDesk(timeout: 1_000)
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        let topic = sampleTopic(partitions: 2)
        topics.apply(.put(topic))
        try desk.put("g", body: Array(#"{"rate":5}"#.utf8)[...], for: exchange(1), at: moment())
        let call = try #require(desk.takeCalls().first)
        var edit = GroupEdit()
        edit.rate = .some(5)
        guard case .coordinator(.group(.put(name: "g", edit))) = call.content else {
            Issue.record("another call")
            return
        }
        let made = group("g", topics: [topic.id, 999])
        desk.take(call.id, .group(.created(made)), into: &topics, &groups)
        #expect(groups.find("g") == made && groups.find(id: 1) == made)
        #expect(desk.takeAnswers().isEmpty)
        let describes = desk.takeCalls()
        guard describes.count == 1,
            case .shard(0, .group(.describe(1, let asked))) = describes[0].content
        else {
            Issue.record("another call")
            return
        }
        #expect(asked.map(\.partition) == [0, 1])
        var one = GroupStatus(
            committed: 3, end: 9, lag: 6, inFlight: 2, retrying: 1, dead: 4)
        one.oldestAge = 1_500
        one.lastConsumer = "me"
        one.lastAddress = "::1"
        desk.take(describes[0].id, .group(.described([one])), in: topics, at: moment())
        let answer = desk.takeAnswers().first
        #expect(status(answer) == 201)
        #expect(
            text(answer) == #"{"group":"g","start":"earliest","lease":"30s","max_attempts":16,"#
                + #""backoff":["1s","5s","30s","2m","10m"],"dead_letter_topic":null,"#
                + #""ordering":"none","on_dead":"skip","expired":"drop","max_in_flight":null,"#
                + #""max_in_flight_per_consumer":null,"filter":null,"rate":null,"ttl":null,"#
                + #""created_at":"2023-11-14T22:13:20.000Z","topics":[{"topic":"orders","#
                + #""since":"2023-11-14T22:13:20.000Z","start":"latest","partition_list":[{"partition":0,"#
                + #""committed":3,"end":9,"lag":6,"in_flight":2,"retrying":1,"dead":4,"#
                + #""oldest_unacked_age":"1500ms","last_consumer":"me","last_address":"::1"},"#
                + #"{"partition":1}]}]}"# + "\n")
    }

    @Test("has the topic of dead letters made first, if topics are made", arguments: [true, false])
    func lettersFirst(createsTopics: Bool) throws {
        var desk = GroupDesk(timeout: 1_000)
        desk.createsTopics = createsTopics
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        let body = Array(#"{"dead_letter_topic":"x"}"#.utf8)[...]
        for number in 1...3 { try desk.put("g", body: body, for: exchange(number), at: moment()) }
        let calls = desk.takeCalls()
        for call in calls {
            guard case .coordinator(.findForLetters("x", createsTopics)) = call.content else {
                Issue.record("another call")
                return
            }
        }
        desk.take(calls[0].id, .refused(.noSuchTopic), into: &topics, &groups)
        let refusal = CoordinatorRefusal.tooFewPartitions(current: 1, needed: 4)
        desk.take(calls[1].id, .refused(refusal), into: &topics, &groups)
        let answers = desk.takeAnswers()
        #expect(answers.map(status) == [404, 409])
        guard case .problem(let few) = answers[1].content else { return }
        #expect(Problem(few).faults.map(\.place) == ["/dead_letter_topic"])
        #expect(Problem(few).outcome == .none)
        desk.take(calls[2].id, .created(sampleTopic(partitions: 2)), into: &topics, &groups)
        var edit = GroupEdit()
        edit.deadLetterTopic = .some("x")
        guard case .coordinator(.group(.put(name: "g", edit))) = desk.takeCalls().first?.content
        else {
            Issue.record("another call")
            return
        }
    }

    @Test(
        "Refusals, and what they are to who changes and to who looks",
        arguments: [
            (CoordinatorRefusal.noSuchGroup, 404, 404), (.tooManyGroups(limit: 5), 422, 422),
            (.noSpace, 507, 507), (.failed, 503, 503), (.unavailable, 503, 503),
        ])
    func refusals(_ refusal: CoordinatorRefusal, _ toPut: Int, _ toShow: Int) throws {
        var desk = GroupDesk(timeout: 1_000)
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        try desk.put("g", body: [], for: exchange(1), at: moment())
        try desk.show("g", for: exchange(2), at: moment())
        for call in desk.takeCalls() {
            desk.take(call.id, .refused(refusal), into: &topics, &groups)
        }
        let answers = desk.takeAnswers()
        #expect(answers.map(status) == [toPut, toShow])
        guard case .problem(let put) = answers[0].content,
            case .problem(let show) = answers[1].content
        else { return }
        #expect(Problem(put).outcome == (refusal == .failed ? .unknown : .none))
        #expect(Problem(show).outcome == .none)
    }

    @Test("says at once that a group is gone, but to whom has made it")
    func gone() throws {
        var desk = GroupDesk(timeout: 1_000)
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        topics.apply(.put(sampleTopic(partitions: 2, shards: 2)))
        let made = group("g", topics: [1])
        try desk.put("g", body: [], for: exchange(1), at: moment())
        try desk.show("g", for: exchange(2), at: moment())
        let order = SeekOrder(topic: "orders", target: .latest)
        try desk.control(.seek(order), of: "g", for: exchange(3), in: topics, at: moment())
        for call in desk.takeCalls() {
            desk.take(call.id, .group(.found(made)), into: &topics, &groups)
        }
        let calls = desk.takeCalls()
        #expect(calls.count == 6)
        desk.take(calls[3].id, .group(.refused(.noSuchGroup)), in: topics, at: moment())
        desk.hear(.deleted(id: 9, name: "other"), in: topics)
        #expect(desk.takeAnswers().isEmpty)
        desk.hear(.deleted(id: 1, name: "g"), in: topics)
        #expect(desk.takeAnswers().compactMap(status).sorted() == [200, 404, 404])
        for call in calls {
            desk.take(call.id, .group(.refused(.noSuchGroup)), in: topics, at: moment())
        }
        #expect(desk.takeAnswers().isEmpty && desk.nextDeadline != nil)
        desk.expire(in: topics, at: moment(9_000))
        #expect(desk.takeAnswers().isEmpty && desk.nextDeadline == nil)
    }

    @Test("answers who waited too long, and nobody twice")
    func expires() throws {
        var desk = GroupDesk(timeout: 1_000)
        var groups = GroupMap()
        var topics = TopicMap(seed: 1)
        try desk.delete("g", for: exchange(1), at: moment())
        try desk.show("g", for: exchange(2), at: moment())
        let calls = desk.takeCalls()
        var later = moment()
        later.tick += 1_000
        #expect(desk.nextDeadline == later.tick)
        desk.expire(in: topics, at: later)
        let answers = desk.takeAnswers()
        #expect(answers.map(status) == [504, 504])
        for call in calls {
            desk.take(call.id, .group(.deleted), into: &topics, &groups)
        }
        #expect(desk.takeAnswers().isEmpty && desk.nextDeadline == nil)
    }

    @Test("takes only so many at once")
    func bounds() throws {
        var desk = GroupDesk(timeout: 1_000)
        for number in 0..<GroupDesk.waitingMax {
            try desk.show("g", for: exchange(number), at: moment())
        }
        #expect(throws: GatewayError.group(.tooManyWaiting(limit: GroupDesk.waitingMax))) {
            try desk.show("g", for: exchange(0), at: moment())
        }
    }

    @Test(
        "A loop's copy is the coordinator's table, whatever comes twice or late",
        arguments: UInt64(1)...40)
    func copies(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var map = GroupMap()
        var model: [String: GroupDefinition] = [:]
        var all: [GroupNews] = []
        for id in UInt32(1)...60 {
            let name = "g\(random.number(in: 1...9))"
            if let old = model.removeValue(forKey: name) {
                all.append(.deleted(id: old.id, name: name))
            } else {
                model[name] = group(name, id: id)
                all.append(.put(group(name, id: id)))
            }
            map.apply(all[all.count - 1])
            if random.oneIn(3), case .put(let again)? = all.randomElement(using: &random),
                model[again.name].map({ $0.id >= again.id }) ?? false
            {
                map.apply(.put(again))
            }
            if random.oneIn(3) {
                let names = map.list(after: nil, limit: 100).map(\.name)
                #expect(names == model.keys.sorted(), "rerun with seed \(seed)")
            }
        }
        let names = map.list(after: "g4", limit: 2).map(\.name)
        #expect(names == Array(model.keys.sorted().filter { $0 > "g4" }.prefix(2)), "seed \(seed)")
        for (name, group) in model {
            #expect(map.find(name) == group && map.find(id: group.id) == group, "seed \(seed)")
        }
    }
}
