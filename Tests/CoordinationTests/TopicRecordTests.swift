import CommitLog
import Records
import Simulation
import Testing
import Wire

@testable import Coordination

@Suite("Entries of the coordinator's log")
struct TopicRecordTests {
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

    static let identity = ClusterIdentity(
        cluster: Identity(high: 1, low: 2), hashKey: HashKey(high: 3, low: 4))

    @Test(
        "come back as they were written",
        arguments: [
            .identity(identity), .put(topic()), .deleted(id: 9, name: "a"),
        ] as [TopicRecord])
    func roundTrips(_ record: TopicRecord) throws {
        let body = record.body
        #expect(try TopicRecord(record.head, body: body.span) == record)
    }

    @Test("are refused when they are cut short")
    func refusesPieces() throws {
        let record = TopicRecord.put(Self.topic())
        for count in 0..<record.body.count {
            let piece = Array(record.body[..<count])
            #expect(throws: LogError.damaged(.frame)) {
                try TopicRecord(record.head, body: piece.span)
            }
        }
    }

    @Test("are refused, and never trap, whatever the bytes are", arguments: UInt64(1)...50)
    func refusesNoise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var body = TopicRecord.put(Self.topic()).body
        for _ in 0..<random.number(in: 1...8) {
            body[random.number(in: 0...body.count - 1)] = UInt8.random(in: 0...255, using: &random)
        }
        let head = TopicRecord.put(Self.topic()).head
        do throws(LogError) {
            let record = try TopicRecord(head, body: body.span)
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
        let section = state.encoded()
        #expect(try CoordinatorState(decoding: section) == state)
        for count in 0..<section.count where count != 40 {
            let piece = Array(section[..<count])
            #expect(throws: LogError.self) { try CoordinatorState(decoding: piece) }
        }
    }
}
