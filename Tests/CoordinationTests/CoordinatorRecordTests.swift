import CommitLog
import Records
import Simulation
import Testing
import Wire

@testable import Coordination

@Suite("Entries of the coordinator's log")
struct CoordinatorRecordTests {
    static func topic(id: UInt32 = 0x0102_0304) -> Topic {
        Topic(
            id: id, name: "orders.é",
            settings: TopicSettings(
                partitions: 3, retention: nil, retentionBytes: 7, messageSizeMax: 0x0A0B,
                durability: .flushed, compression: .deflate, dedupWindow: 0x0C0D,
                backlogMax: 0x0E0F), shards: [2, 0, 0x0101], createdAt: 0x1122_3344_5566,
            growths: [
                TopicGrowth(partitions: 1, at: 0x1718), TopicGrowth(partitions: 2, at: 0x191A),
            ])
    }

    static func group(id: UInt32 = 0x0102_0304, topic: UInt32 = 0x0506) -> GroupDefinition {
        var options = GroupOptions()
        options.start = .cursor(
            GroupCursor(
                topic: 9, .published(count: 4, partition: 2, offset: 0x2122, logTime: 0x2324)))
        options.lease = 0x0708
        options.attemptsMax = 0x090A
        options.backoff = [0x0B0C, 0x0D0E]
        options.ordering = .key
        options.onDead = .block
        options.expired = .deadLetter
        options.deadLetterTopic = "dead"
        options.inFlightPerConsumerMax = 0x1112
        options.filter = "a = 1"
        options.rate = 0x1314
        options.lifetime = 0x1516
        let starts: [GroupStart] = [
            .earliest, .latest, .time(0x1718), .cursor(GroupCursor(topic: topic, .all([7, 8]))),
        ]
        return GroupDefinition(
            id: id, name: "billing.é", options: options,
            attachments: starts.enumerated().map { number, start in
                GroupAttachment(topic: topic + UInt32(number), since: 0x191A, start: start)
            }, createdAt: 0x1122_3344_5566)
    }

    static let secret = ReceiptSecret(id: 7, from: 0x0102, high: 5, low: 6)

    static let identity = ClusterIdentity(
        cluster: Identity(high: 1, low: 2), hashKey: HashKey(high: 3, low: 4))

    @Test(
        "come back as they were written",
        arguments: [
            .identity(identity), .put(topic()), .deleted(id: 9, name: "a"), .group(group()),
            .groupDeleted(id: 9, name: "a"), .secret(secret),
        ] as [CoordinatorRecord])
    func roundTrips(_ record: CoordinatorRecord) throws {
        let body = record.body
        #expect(try CoordinatorRecord(record.head, body: body.span) == record)
    }

    @Test("are refused when they are cut short")
    func refusesPieces() throws {
        try refusesPieces(of: .put(Self.topic()))
        try refusesPieces(of: .group(Self.group()))
        try refusesPieces(of: .secret(Self.secret))
    }

    private func refusesPieces(of record: CoordinatorRecord) throws {
        for count in 0..<record.body.count {
            let piece = Array(record.body[..<count])
            #expect(throws: LogError.damaged(.frame)) {
                try CoordinatorRecord(record.head, body: piece.span)
            }
        }
    }

    @Test("are refused, and never trap, whatever the bytes are", arguments: UInt64(1)...50)
    func refusesNoise(seed: UInt64) {
        refusesNoise(in: .put(Self.topic()), seed: seed)
        refusesNoise(in: .group(Self.group()), seed: seed)
    }

    private func refusesNoise(in record: CoordinatorRecord, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var body = record.body
        for _ in 0..<random.number(in: 1...8) {
            body[random.number(in: 0...body.count - 1)] = UInt8.random(in: 0...255, using: &random)
        }
        let head = record.head
        do throws(LogError) {
            let record = try CoordinatorRecord(head, body: body.span)
            #expect(record.body == body, "rerun with seed \(seed)")
        } catch {
            #expect(error == .damaged(.frame), "rerun with seed \(seed)")
        }
    }

    @Test("make a state that a checkpoint keeps whole")
    func checkpoints() throws {
        var state = CoordinatorState()
        state.apply(.identity(Self.identity))
        state.apply(.put(Self.topic(id: 5)))
        state.apply(.deleted(id: 5, name: Self.topic().name))
        state.apply(.put(Self.topic(id: 8)))
        state.apply(.group(Self.group(id: 3, topic: 8)))
        state.apply(.secret(Self.secret))
        let (topics, groups) = (state.sections[0].body, state.sections[1].body)
        #expect(try CoordinatorState(topics: topics, groups: groups) == state)
        for count in 0..<topics.count where count != 40 {
            let piece = Array(topics[..<count])
            #expect(throws: LogError.self) { try CoordinatorState(topics: piece, groups: groups) }
        }
        for count in 0..<groups.count where count != 33 {
            let piece = Array(groups[..<count])
            #expect(throws: LogError.self) { try CoordinatorState(topics: topics, groups: piece) }
        }
    }
}
