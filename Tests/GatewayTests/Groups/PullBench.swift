import Bytes
import Receipts
import Records
import Testing
import Wire

@testable import Gateway

/// A desk for pulls, and shards whose answers a test makes up.
final class PullBench {
    var desk: PullDesk
    var topics = TopicMap(seed: 1)
    var groups = GroupMap()
    var now: UInt64 = 1_000
    let topic: Topic
    private var counter: UInt64 = 0

    init(
        partitions: Int = 2, shards: Int = 2, isAttached: Bool = true, hasSecret: Bool = true,
        _ change: (inout PullSettings) -> Void = { _ in }
    ) {
        var settings = PullSettings(
            hashKey: SipKey([UInt8](repeating: 7, count: SipKey.size).span), seed: 3)
        change(&settings)
        desk = PullDesk(settings, at: TurnTime(tick: 1_000, wall: 1_700_000_001_000))
        topic = sampleTopic(id: 7, partitions: partitions, shards: shards)
        let secret = ReceiptSecret(id: 1, from: 0, high: 5, low: 6)
        if hasSecret { desk.hear([secret], at: moment) }
        if isAttached {
            topics.apply(.put(topic))
            groups.apply(.put(group))
        }
    }

    var group: GroupDefinition {
        GroupDefinition(
            id: 3, name: "g", options: GroupOptions(),
            attachments: [GroupAttachment(topic: 7, since: 0, start: .earliest)], createdAt: 0)
    }

    var moment: TurnTime { TurnTime(tick: now, wall: 1_700_000_000_000 + now) }

    // MARK: Requests

    func pull(
        _ number: Int = 1, wait: UInt64 = 0, _ format: PullFormat = .json,
        _ change: (inout PullOrder) -> Void = { _ in }
    ) throws(GatewayError) {
        var order = PullOrder([PullOrder.Topic(name: "orders", weight: 1)], format, desk.settings)
        order.wait = wait
        change(&order)
        try desk.pull(
            order, of: "g", for: exchange(number), from: "1.2.3.4", in: topics, groups, at: moment)
    }

    func settle(_ number: Int, _ receipts: [String], _ kind: GroupSettle.Kind = .ack) throws {
        var order = SettleOrder()
        order.items = receipts.map { SettleOrder.Item(receipt: $0, kind: kind) }
        try desk.settle(order, of: "g", for: exchange(number), in: topics, groups, at: moment)
    }

    // MARK: Shards

    /// What the desk asks of shards since the last call.
    func calls() -> [(id: SlabID, shard: UInt16, content: ShardCall)] {
        desk.takeCalls().compactMap { call in
            guard case .shard(let shard, let content) = call.content else { return nil }
            return (call.id, shard, content)
        }
    }

    func answer(_ id: SlabID, _ answer: ShardAnswer) { desk.take(id, answer, at: moment) }

    func grant(_ id: SlabID, _ leases: [GroupGrant.Lease] = [], lag: Int = 0) {
        let pause: GroupGrant.Pause? = leases.isEmpty ? .empty : nil
        let grant = GroupGrant(leases: leases, pause: pause, lag: lag, settled: [])
        answer(id, .group(.granted(grant)))
    }

    /// A lease of messages `offsets` of a partition, whose bodies are their offsets.
    func lease(_ partition: UInt32, _ offsets: Range<Int>, bodySize: Int = 0) -> GroupGrant.Lease {
        counter += 1
        var builder = BatchBuilder()
        var compressor = BatchCompressor()
        for offset in offsets {
            let body = Array("\(offset)".utf8) + [UInt8](repeating: 0x20, count: bodySize)
            do {
                let draft = RecordDraft(time: 1_700_000_000_000, body: body[...])
                #expect(try builder.append(draft))
            } catch {
                Issue.record("\(error)")
            }
        }
        var bytes = builder.encode(.none, with: &compressor)
        BatchHeader.place(
            batchAt: 0, in: &bytes, topicID: 7, partition: partition,
            baseOffset: UInt64(offsets.lowerBound), logTime: 1_700_000_000_000)
        let size = Int(bytes.span.uint32(at: BatchHeader.Place.rawSize))
        let batch = FetchedBatch(
            bytes: bytes, start: 0, baseOffset: offsets.lowerBound, picks: nil,
            count: offsets.count, logTime: 1_700_000_000_000)
        return GroupGrant.Lease(
            partition: PartitionID(topic: 7, partition: partition), generation: counter,
            messages: offsets.map { GrantedMessage(offset: $0, attempt: 1) },
            runs: [offsets], size: size, until: 1_700_000_030_000, batches: [batch])
    }

    // MARK: Time

    /// Lets time pass until the desk wants to be called; false if it never does.
    func passToNextDeadline() -> Bool {
        guard let due = desk.nextDeadline else { return false }
        now = max(now + 1, due)
        desk.expire(in: topics, groups, at: moment)
        return true
    }

    // MARK: Answers

    func answers() -> [DeskAnswer] { desk.takeAnswers() }

    /// The receipt of all in an answer.
    func receipt(_ answer: DeskAnswer?) -> String {
        let parts = text(answer).components(between: "],\"receipt\":\"", and: "\"")
        return parts ?? ""
    }
}

extension String {
    fileprivate func components(between start: String, and end: Character) -> String? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(start) {
                return String(rest.dropFirst(start.count).prefix { $0 != end })
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}

extension ShardCall {
    var pull: GroupPull? { if case .group(.pull(let pull)) = self { pull } else { nil } }
    var watch: GroupWatch? { if case .group(.watch(let watch)) = self { watch } else { nil } }
    var settle: GroupSettle? { if case .group(.settle(let settle)) = self { settle } else { nil } }
    var unwatched: UInt64? { if case .unwatch(let ticket) = self { ticket } else { nil } }
}
