import Bytes
import HTTP
import Kernel
import Records
import Testing
import Wire

@testable import Gateway

/// A service whose clients publish, and a storage tier that a test plays.
private final class Counter {
    let broker: BrokerDesk
    let desk: Desk

    init(_ topics: Topic...) {
        let key = SipKey([UInt8](0..<16).span)
        let broker = BrokerDesk(PublishSettings(hashKey: key, seed: 7))
        broker.wall = 1_700_000_000_000
        for topic in topics { broker.take(.news(.topic(.put(topic))), at: 1_000) }
        self.broker = broker
        desk = Desk(routes: Routes.all + Routes.broker, broker: broker)
    }

    /// Asks, plays storage until there is an answer, and returns that.
    func ask(
        _ line: String, _ fields: [String] = [], body: String = "",
        storage: (StorageCall) -> StorageReply? = { _ in nil }
    ) -> Desk.Answer {
        var fields = fields
        if line.hasPrefix("POST ") && body.isEmpty { fields.append("Content-Length: 0") }
        let now = desk.ask(line, fields, body: Array(body.utf8))
        if now.status != 0 { return now }
        for _ in 0..<10 {
            broker.endTurn(at: 1_000)
            for call in broker.takeCalls() {
                if let reply = storage(call) { broker.take(reply, at: 1_000) }
            }
            guard let answer = broker.takeAnswers().first else { continue }
            switch answer.content {
            case .response(let response): return desk.answerLater(response).first ?? now
            case .problem(let error): return desk.refuseLater(error).first ?? now
            }
        }
        return now
    }
}

/// Stores whatever it is asked to at offset 41.
private func store(_ call: StorageCall) -> StorageReply? {
    switch call.content {
    case .shard(_, .publish(let publish)):
        let place = PlacedPart(place: .offset(41), logTime: 1_700_000_000_123)
        return .shard(
            ticket: call.ticket, .published(publish.parts.map { _ in place }))
    case .shard(_, .describe(let ids)):
        let status = PartitionStatus(start: 0, end: 9, bytes: 1, pinnedBytes: 0, held: 0)
        return .shard(ticket: call.ticket, .described(ids.map { _ in status }))
    case .coordinator(.find(let name, let mayCreate)):
        let answer: CoordinatorAnswer =
            mayCreate
            ? .created(sampleTopic(name, partitions: 1))
            : name == "orders" ? .found(sampleTopic()) : .refused(.noSuchTopic)
        return .coordinator(ticket: call.ticket, answer)
    case .coordinator(.put(let name, _)):
        return .coordinator(ticket: call.ticket, .created(sampleTopic(name)))
    case .coordinator(.delete): return .coordinator(ticket: call.ticket, .deleted)
    default: return nil
    }
}

@Suite("Topics over HTTP")
struct BrokerDeskTests {
    @Test("A message to a topic that nobody made makes it, and is answered with its place")
    func publishes() throws {
        let counter = Counter()
        let answer = counter.ask(
            "POST /v1/topics/or%64ers/messages", body: "hello", storage: store)
        #expect(answer.status == 201)
        #expect(answer.value("Content-Type") == "application/json")
        #expect(
            answer.text
                == #"{"id":"0-41","topic":"orders","partition":0,"offset":41,"published_at":"#
                + "\"2023-11-14T22:13:20.123Z\",\"cursor\":\"AwEBACr70JX_vDH-3RU\"}\n")
        #expect(counter.broker.inFlight == 0)
        #expect(counter.broker.takeCounts().messages == 1)
        #expect(counter.broker.takeCounts() == PublishCounts())
    }

    @Test("An empty body is a message")
    func empty() {
        let answer = Counter().ask("POST /v1/topics/a/messages?key=k&attr.x=1", storage: store)
        #expect(answer.status == 201)
    }

    @Test("A message arrives as it was sent, with all that was said of it")
    func whole() throws {
        let counter = Counter(sampleTopic())
        var sent: [RecordDraft] = []
        let answer = counter.ask(
            "POST /v1/topics/orders/messages?ttl=5s",
            ["Content-Type: text/plain", "Posthorn-Key: k", "Posthorn-Attr-A: 1", "ce-id: 7"],
            body: "hello"
        ) { call in
            if case .shard(_, .publish(let publish)) = call.content {
                sent = drafts(of: publish.parts[0].batch)
            }
            return store(call)
        }
        #expect(answer.status == 201)
        let draft = try #require(sent.first)
        #expect(text(draft.body) == "hello" && draft.key.map { text($0) } == "k")
        #expect(text(draft.contentType) == "text/plain" && draft.ttl == 5_000)
        #expect(draft.attributes.map { text($0.name) } == ["a", "ce-id"])
    }

    @Test(
        "Batches of every type",
        arguments: [
            ("application/json", #"{"messages":[{"value":"a"},{"value":"b"}]}"#),
            ("application/x-ndjson", "1\n2\n"),
            (
                "application/cloudevents-batch+json; charset=UTF-8",
                #"[{"specversion":"1.0","id":"1","source":"s","type":"t"}]"#
            ),
            ("APPLICATION/vnd.posthorn.batch", "\u{6}\0\0\0\u{1}\u{1}\0\0\0\0"),
        ])
    func batches(_ type: String, _ body: String) {
        let counter = Counter(sampleTopic())
        let answer = counter.ask(
            "POST /v1/topics/orders/batches", ["Content-Type: " + type], body: body,
            storage: store)
        #expect(answer.status == 201)
        #expect(answer.text.hasPrefix(#"{"messages":[{"id":""#))
    }

    @Test("A lenient batch is told of each of its messages")
    func lenient() throws {
        let fields = ["Content-Type: application/json", "Prefer: wait=5, handling=lenient"]
        let body = #"{"messages":[{"value":"a"},{}]}"#
        let path = "POST /v1/topics/orders/batches"
        let answer = Counter(sampleTopic()).ask(path, fields, body: body, storage: store)
        #expect(answer.status == 207)
        #expect(answer.value("Preference-Applied") == "handling=lenient")
        let strict = Counter(sampleTopic()).ask(path, [fields[0]], body: body, storage: store)
        #expect(strict.status == 422)
        #expect(try members(strict.body)["errors.0.place"] == "/messages/1/value")
    }

    @Test(
        "What is refused, and with which code",
        arguments: [
            ("POST /v1/topics/_a/messages", "", 400, "invalid_topic_name"),
            ("POST /v1/topics/a%2Fb/messages", "", 400, "invalid_topic_name"),
            ("POST /v1/topics/orders/messages?keys=a", "", 400, "unknown_parameter"),
            ("POST /v1/topics/orders/messages?partition=4", "", 404, "no_such_partition"),
            ("POST /v1/topics/orders/messages", "Posthorn-Keys: a", 400, "unknown_header"),
            ("POST /v1/topics/orders/messages", "Posthorn-Transaction: t", 422, "not_offered"),
            (
                "POST /v1/topics/orders/batches", "Content-Type: text/plain", 415,
                "unsupported_media_type"
            ),
            ("PUT /v1/topics/.a", "", 400, "invalid_topic_name"),
            ("DELETE /v1/topics/orders", "", 400, "confirmation_required"),
            ("DELETE /v1/topics/orders?confirm=x", "", 409, "confirmation_required"),
            ("GET /v1/topics?limit=x", "", 400, "invalid_parameter"),
            ("GET /v1/topics/none", "", 404, "no_such_topic"),
            ("PATCH /v1/topics/orders", "", 405, "method_not_allowed"),
        ])
    func refused(_ line: String, _ field: String, _ status: Int, _ code: String) throws {
        let counter = Counter(sampleTopic())
        let body = line.hasPrefix("POST ") ? "x" : ""
        let answer = counter.ask(
            line, field.isEmpty ? [] : [field], body: body, storage: store)
        #expect(answer.status == status)
        #expect(try members(answer.body)["code"] == code)
    }

    @Test("Topics are made, listed, shown and deleted")
    func topics() throws {
        let counter = Counter()
        let json = ["Content-Type: application/json"]
        let made = counter.ask(
            "PUT /v1/topics/orders", json, body: #"{"partitions":4}"#, storage: store)
        #expect(made.status == 201)
        #expect(try members(made.body)["partition_list.3.end"] == "9")
        let bad = counter.ask(
            "PUT /v1/topics/orders", json, body: #"{"partitions":"4"}"#, storage: store)
        #expect(bad.status == 422)
        #expect(try members(bad.body)["errors.0.place"] == "/partitions")
        let listed = counter.ask("GET /v1/topics")
        #expect(try members(listed.body)["topics.0.topic"] == "orders")
        #expect(counter.ask("GET /v1/topics/orders", storage: store).status == 200)
        let deleted = counter.ask("DELETE /v1/topics/orders?confirm=orders", storage: store)
        #expect(deleted.status == 204)
    }

    @Test("A publish that storage does not answer is told so in time")
    func silence() throws {
        let counter = Counter(sampleTopic())
        #expect(counter.ask("POST /v1/topics/orders/messages", body: "x").status == 0)
        let deadline = try #require(counter.broker.nextDeadline)
        #expect(deadline == 11_000)
        counter.broker.expire(at: deadline)
        let answer = try #require(counter.broker.takeAnswers().first)
        #expect(status(answer) == 504)
        #expect(outcome(answer) == .unknown)
        #expect(counter.broker.takeCounts().unconfirmed == 1)
    }
}
