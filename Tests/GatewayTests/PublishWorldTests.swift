import Bytes
import HTTP
import Records
import Simulation
import Testing
import Wire

@testable import Gateway

/// A desk whose shards store, refuse, forget their topic, know repeats, or say nothing.
private final class PublishWorld {
    private var random: SeededRandom
    private let fixture = PublishFixture()
    private var logs: [PartitionID: [String]] = [:]
    private var known: [UInt64: (partition: PartitionID, offset: Int, body: String)] = [:]
    private var prepared: [SpreadID: [UInt16: Publish]] = [:]
    private var waiting: [DeskCall] = []
    /// The bodies that each caller published, and how often it was answered.
    private var asked: [Int: [String]] = [:]
    private(set) var answered: [Int: Int] = [:]
    private(set) var storedCount = 0
    private var tick: UInt64 = 1_000
    var faults: [String] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func run(_ turns: Int) {
        for _ in 0..<turns {
            for _ in 0..<random.number(in: 0...4) { publish() }
            waiting += fixture.turn()
            for _ in 0..<random.number(in: 0...6) where !waiting.isEmpty { reply() }
            collect()
            tick += UInt64(random.number(in: 0...400))
            fixture.now = moment(tick)
            fixture.desk.expire(at: fixture.now)
        }
        for _ in 0..<200 {
            waiting += fixture.turn()
            while !waiting.isEmpty { reply() }
            tick += 500
            fixture.now = moment(tick)
            fixture.desk.expire(at: fixture.now)
            collect()
        }
    }

    var isCalm: Bool {
        fixture.desk.pending.isEmpty && fixture.desk.callerCount == 0
            && fixture.desk.byteCount == 0 && fixture.desk.inquiries.isEmpty
            && answered.count == asked.count && answered.values.allSatisfy { $0 == 1 }
    }

    private func publish() {
        let caller = asked.count + 1
        let topic = "t\(random.number(in: 0...2))"
        let bodies = (0..<random.number(in: 1...4)).map { "\(caller)-\($0)" }
        let idempotencyKey: String? =
            random.number(in: 0...3) == 0 ? "i\(random.number(in: 0...9))" : nil
        do throws(GatewayError) {
            if random.number(in: 0...1) == 0 {
                try fixture.publish(
                    bodies[0], to: topic, as: caller, key: "k\(random.number(in: 0...9))",
                    idempotencyKey: idempotencyKey)
                asked[caller] = [bodies[0]]
            } else {
                let messages = bodies.map { body in
                    #"{"value":"\#(body)","key":"k\#(random.number(in: 0...9))"}"#
                }
                try fixture.publish(
                    batch: #"{"messages":[\#(messages.joined(separator: ","))]}"#, to: topic,
                    as: caller, idempotencyKey: idempotencyKey)
                asked[caller] = bodies
            }
        } catch {
            faults.append("a good publish is refused: \(error)")
        }
    }

    private func collect() {
        for answer in fixture.desk.takeAnswers() {
            let caller = Int(answer.caller.client.index)
            answered[caller, default: 0] += 1
            guard status(answer) == 201 else { continue }
            storedCount += 1
            check(answer, of: caller)
        }
    }

    /// What was answered with 201 lies where the answer says, unless somebody else's lay there first.
    private func check(_ answer: DeskAnswer, of caller: Int) {
        let pieces = text(answer).split(separator: "{").filter { $0.hasPrefix(#""id""#) }
        guard let bodies = asked[caller], pieces.count == bodies.count else {
            faults.append("\(caller) has \(pieces.count) places")
            return
        }
        guard case .response(let response) = answer.content else { return }
        let fields = String(decoding: response.fields, as: UTF8.self)
        if fields.contains("Idempotency-Replayed") { return }
        for (piece, body) in zip(pieces, bodies) {
            let words = piece.split(separator: "\"")
            let place = words[2].split(separator: "-").compactMap { Int($0) }
            let found = logs.contains { id, log in
                id.partition == UInt32(place[0]) && place[1] < log.count && log[place[1]] == body
            }
            if !found { faults.append("\(body) is not at \(words[2])") }
        }
    }

    // MARK: Storage

    private func reply() {
        let call = waiting.remove(at: random.number(in: 0...waiting.count - 1))
        // Silence is an answer, too.
        if random.number(in: 0...19) == 0 { return }
        switch call.content {
        case .coordinator(.find(let name, _)):
            if random.number(in: 0...9) == 0 {
                return fixture.answer(call, topic: .refused(.unavailable))
            }
            let id = UInt32(name.utf8.last ?? 0)
            fixture.answer(
                call, topic: .found(sampleTopic(name, id: id, partitions: 3, shards: 3)))
        case .shard(let shard, .publish(let publish)): fixture.answer(call, store(publish, shard))
        case .shard(let shard, .spread(let step)): take(step, shard, call)
        default: faults.append("an odd call")
        }
    }

    private func store(_ publish: Publish, _ shard: UInt16) -> ShardAnswer {
        switch random.number(in: 0...19) {
        case 0: return .refused(.noSuchTopic)
        case 1: return .refused(.overloaded)
        default: break
        }
        let repeats = repeats(publish)
        if !repeats.isEmpty { return .repeated(repeats) }
        return .published(append(publish))
    }

    private func repeats(_ publish: Publish) -> [RepeatedRecord] {
        var found: [RepeatedRecord] = []
        for (number, part) in publish.parts.enumerated() {
            for (record, draft) in drafts(of: part.batch).enumerated() {
                guard let hash = draft.idempotencyHash, let first = known[hash] else { continue }
                let isSame = first.body == text(draft.body)
                found.append(
                    RepeatedRecord(
                        part: number, record: record,
                        verdict: isSame
                            ? .same(
                                .offset(first.offset), record: 0,
                                partition: first.partition.partition,
                                logTime: 1) : .other))
            }
        }
        return found
    }

    private func append(_ publish: Publish) -> [PlacedPart] {
        publish.parts.map { part in
            let base = logs[part.partition, default: []].count
            for draft in drafts(of: part.batch) {
                let body = text(draft.body)
                if let hash = draft.idempotencyHash {
                    known[hash] = (part.partition, logs[part.partition]?.count ?? 0, body)
                }
                logs[part.partition, default: []].append(body)
            }
            return PlacedPart(place: .offset(base), logTime: 1_700_000_000_000)
        }
    }

    private func take(_ step: SpreadCall, _ shard: UInt16, _ call: DeskCall) {
        switch step {
        case .prepare(let id, _, let publish):
            let repeats = repeats(publish)
            if !repeats.isEmpty { return fixture.answer(call, .repeated(repeats)) }
            if random.number(in: 0...9) == 0 { return fixture.answer(call, .refused(.noSpace)) }
            prepared[id, default: [:]][shard] = publish
            fixture.answer(call, .spread(.prepared))
        case .decide(let id, _), .show(let id):
            guard let publish = prepared[id]?.removeValue(forKey: shard) else {
                faults.append("shown without being prepared, or after it was dropped")
                return
            }
            fixture.answer(call, .spread(.shown(append(publish))))
        case .drop(let id):
            prepared[id]?[shard] = nil
            fixture.answer(call, .spread(.dropped))
        case .ask, .done: faults.append("an odd step")
        }
    }
}

@Suite("Publishing from a seed")
struct PublishWorldTests {
    @Test(
        "answers each request once, and says truly where its messages are",
        arguments: UInt64(1)...60)
    func answersOnce(seed: UInt64) {
        let world = PublishWorld(seed: seed)
        world.run(80)
        #expect(world.faults == [], "rerun with seed \(seed)")
        #expect(world.isCalm, "rerun with seed \(seed)")
        #expect(world.storedCount > 10, "rerun with seed \(seed)")
    }
}
