import Bytes
import Records
import Wire

@testable import Gateway

/// A desk with a map of topics behind it, and shards that say what a test wants them to.
final class PublishFixture {
    var desk: PublishDesk
    var topics = TopicMap(seed: 1)
    var now = moment()
    static let hashKey = SipKey([UInt8](0..<16).span)

    init(_ topics: Topic...) {
        desk = PublishDesk(PublishSettings(hashKey: Self.hashKey, seed: 7))
        for topic in topics { self.topics.apply(.put(topic)) }
    }

    func publish(
        _ body: String, to name: String = "orders", as caller: Int = 1, key: String? = nil,
        partition: UInt32? = nil, idempotencyKey: String? = nil, delay: RecordDelay? = nil,
        durability: Durability? = nil
    ) throws(GatewayError) {
        var options = PublishOptions()
        options.draft.key = key.map { ArraySlice($0.utf8) }
        options.partition = partition
        options.idempotencyKey = idempotencyKey.map { ArraySlice($0.utf8) }
        options.draft.delay = delay
        options.durability = durability
        try desk.publish(
            Array(body.utf8)[...], options, to: Array(name.utf8)[...], for: exchange(caller),
            in: topics, at: now)
    }

    func publish(
        batch body: String, _ form: BatchOrder.Form = .json, to name: String = "orders",
        as caller: Int = 1, isLenient: Bool = false, idempotencyKey: String? = nil
    ) throws(GatewayError) {
        try publish(
            batch: Array(body.utf8), form, to: name, as: caller, isLenient: isLenient,
            idempotencyKey: idempotencyKey)
    }

    func publish(
        batch body: [UInt8], _ form: BatchOrder.Form, to name: String = "orders",
        as caller: Int = 1, isLenient: Bool = false, idempotencyKey: String? = nil
    ) throws(GatewayError) {
        var order = BatchOrder(caller: exchange(caller), form: form, body: body)
        order.isLenient = isLenient
        order.idempotencyKey = idempotencyKey.map { Array($0.utf8) }
        try desk.publish(order, to: Array(name.utf8)[...], in: topics, at: now)
    }

    /// Ends the turn; the calls that it made.
    func turn() -> [DeskCall] {
        desk.endTurn(at: now)
        return desk.takeCalls()
    }

    func answer(_ call: DeskCall, _ answer: ShardAnswer) {
        desk.take(call.id, answer, at: now)
    }

    func answer(_ call: DeskCall, topic answer: CoordinatorAnswer) {
        desk.take(call.id, answer, into: &topics, at: now)
    }

    /// The answers, by who asked.
    func answers() -> [Int: DeskAnswer] {
        var answers: [Int: DeskAnswer] = [:]
        for answer in desk.takeAnswers() { answers[Int(answer.caller.client.index)] = answer }
        return answers
    }

    func placed(_ offset: Int) -> ShardAnswer {
        .published([PlacedPart(place: .offset(offset), logTime: 1_700_000_000_123)])
    }
}

extension DeskCall {
    var publish: Publish? {
        switch content {
        case .shard(_, .publish(let publish)), .shard(_, .spread(.prepare(_, _, let publish))):
            publish
        default: nil
        }
    }

    var shard: UInt16? {
        guard case .shard(let shard, _) = content else { return nil }
        return shard
    }

    var partition: UInt32? { publish?.parts.first?.partition.partition }

    /// The bodies of the records, each as text.
    var bodies: [String] { publish?.parts.flatMap { bodiesOf($0.batch) } ?? [] }
}

func bodiesOf(_ batch: [UInt8]) -> [String] { drafts(of: batch).map { text($0.body) } }

func drafts(of batch: [UInt8]) -> [RecordDraft] {
    var reader = BatchReader()
    var drafts: [RecordDraft] = []
    do throws(RecordsError) {
        try reader.open(batch)
        try reader.audit()
        let bytes = reader.bytes
        while let record = try reader.nextRecord() {
            drafts.append(record.draft(bytes, reader.entry(record.index)))
        }
    } catch {
        return []
    }
    return drafts
}
