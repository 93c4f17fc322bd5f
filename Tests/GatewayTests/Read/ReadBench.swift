import Bytes
import HTTP
import Records
import Simulation
import Testing
import Wire

@testable import Gateway

/// Shards of one topic as a desk sees them: they answer at once what they are asked.
final class ReadBench {
    struct Stored {
        let batch: [UInt8]
        let base: Int
        let count: Int
        let logTime: Int
    }

    var desk: ReadDesk
    var topics = TopicMap(seed: 1)
    var now: UInt64 = 1_000
    var logTime = 1_700_000_000_000
    private(set) var stored: [[Stored]]
    /// The first offset that is kept.
    var starts: [Int]
    private(set) var topic: Topic
    private var builder = BatchBuilder()
    private var compressor = BatchCompressor()
    /// Watches that have heard nothing.
    private(set) var watches: [SlabID: Watch] = [:]
    var answers: [DeskAnswer] = []
    var streams: [DeskStream] = []
    private(set) var fetchCount = 0
    private(set) var calls: [DeskCall] = []
    var refusal: ShardRefusal?
    /// Those of a batch that fell due.
    var picks: [UInt16]?

    init(partitions: Int = 2, shards: Int = 1, _ change: (inout ReadSettings) -> Void = { _ in }) {
        var settings = ReadSettings(seed: 3)
        change(&settings)
        desk = ReadDesk(settings, at: TurnTime(tick: 1_000, wall: 0))
        topic = Topic(
            id: 7, name: "orders",
            settings: TopicSettings(
                partitions: partitions, retention: nil, retentionBytes: nil,
                messageSizeMax: 1 << 20, durability: .flushed, compression: .none,
                dedupWindow: 0, backlogMax: nil),
            shards: (0..<partitions).map { UInt16($0 % shards) }, createdAt: 0)
        stored = Array(repeating: [], count: partitions)
        starts = [Int](repeating: 0, count: partitions)
        topics.apply(.put(topic))
    }

    var moment: TurnTime { TurnTime(tick: now, wall: now) }

    func end(_ partition: Int) -> Int {
        stored[partition].last.map { $0.base + (picks?.count ?? $0.count) } ?? 0
    }

    /// Stores a batch, and tells the watches that it is news for, unless they are to hear it later.
    func publish(
        _ bodies: [String], to partition: Int, _ change: (inout RecordDraft) -> Void = { _ in }
    ) {
        logTime += 1
        for body in bodies {
            var draft = RecordDraft(time: UInt64(logTime), body: Array(body.utf8)[...])
            change(&draft)
            do { #expect(try builder.append(draft)) } catch { Issue.record("\(error)") }
        }
        var batch = builder.encode(.auto, with: &compressor)
        let base = end(partition)
        BatchHeader.place(
            batchAt: 0, in: &batch, topicID: topic.id, partition: UInt32(partition),
            baseOffset: UInt64(base), logTime: UInt64(logTime))
        stored[partition].append(
            Stored(batch: batch, base: base, count: bodies.count, logTime: logTime))
    }

    var isQuiet: Bool { desk.isQuiet }
    var pendingCount: Int { desk.pendingCount }
    var counts: ReadCounts { desk.counts }

    // MARK: Requests

    func options(_ format: ReadFormat = .json, _ query: String = "") throws(ReadError)
        -> ReadOptions
    {
        var parameters: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0) }
            parameters[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        return try ReadOptions(format, desk.settings) { name in
            parameters[name].map { Array($0.utf8) }
        }
    }

    func start(_ number: Int, _ query: String = "", _ format: ReadFormat = .json) throws {
        let options = try options(format, query)
        try desk.read(
            options, of: Array("orders".utf8)[...], for: Self.caller(number), in: topics,
            at: moment)
    }

    static func caller(_ number: Int) -> Exchange {
        Exchange(client: SlabID(index: UInt32(number), generation: 1), number: 1)
    }

    /// Asks once, and does all that is to be done for the answer.
    func read(_ query: String, _ format: ReadFormat = .json) throws -> Response {
        try start(9_999, query, format)
        settle()
        return try response(takeAnswers().first { $0.caller == Self.caller(9_999) })
    }

    func response(_ answer: DeskAnswer?) throws -> Response {
        switch try #require(answer).content {
        case .response(let response): return response
        case .problem(let error): throw error
        }
    }

    func takeAnswers() -> [DeskAnswer] {
        answers += desk.takeAnswers()
        streams += desk.takeStreams()
        defer { answers = [] }
        return answers
    }

    // MARK: Shards

    /// Adds partitions.
    func grow(to count: Int) {
        while stored.count < count {
            stored.append([])
            starts.append(0)
            topic.shards.append(0)
        }
        topics.apply(.put(topic))
    }

    /// Answers calls until there are none, and tells all news.
    func settle() {
        for _ in 0..<100_000 {
            take()
            if calls.isEmpty, !tellNews() { break }
            while !calls.isEmpty { answer(calls.removeFirst()) }
        }
        answers += desk.takeAnswers()
        streams += desk.takeStreams()
    }

    /// Takes the calls of a turn, which are not answered yet.
    func take() { calls += desk.takeCalls() }

    /// Answers one of the calls that are out.
    func answerOne(_ place: Int) { answer(calls.remove(at: place)) }

    /// Tells one watch that has news; false if there is none.
    func tellNews() -> Bool {
        guard
            let (id, _) = watches.filter({ hasNews($0.value) }).min(by: { $0.key.raw < $1.key.raw })
        else { return false }
        watches[id] = nil
        desk.take(id, .news, at: moment)
        return true
    }

    private func hasNews(_ watch: Watch) -> Bool {
        watch.parts.contains { end(Int($0.partition.partition)) > $0.offset }
    }

    /// What is made under the name once the topic is deleted, which has another number.
    private var remade: Topic {
        Topic(
            id: topic.id + 1, name: topic.name, settings: topic.settings, shards: topic.shards,
            createdAt: 0)
    }

    private func answer(_ call: DeskCall) {
        switch call.content {
        case .coordinator(.find(let name, let mayCreate)):
            let answer: CoordinatorAnswer =
                topics.find(name).map { .found($0.topic) }
                ?? (mayCreate ? .created(remade) : .refused(.noSuchTopic))
            desk.take(call.id, answer, into: &topics, at: moment)
        case .shard(_, let shardCall): answer(shardCall, call.id)
        default: Issue.record("no such call")
        }
    }

    private func answer(_ call: ShardCall, _ id: SlabID) {
        if case .unwatch(let ticket) = call {
            watches[SlabID(raw: ticket)] = nil
            return
        }
        if let refusal { return desk.take(id, .refused(refusal), at: moment) }
        switch call {
        case .fetch(let fetch):
            fetchCount += 1
            desk.take(
                id, .fetched(fetch.parts.map { part($0, fetch.bytesMax / fetch.parts.count) }),
                at: moment)
        case .locate(let locate):
            let offsets = locate.partitions.map { id in
                let partition = Int(id.partition)
                let found = stored[partition].first { $0.logTime >= locate.time }
                return max(starts[partition], found?.base ?? end(partition))
            }
            desk.take(id, .located(offsets), at: moment)
        case .watch(let watch):
            if hasNews(watch) { desk.take(id, .news, at: moment) } else { watches[id] = watch }
        default: Issue.record("no such call")
        }
    }

    private func part(_ part: Fetch.Part, _ bytesMax: Int) -> FetchedPart {
        let partition = Int(part.partition.partition)
        let from = max(part.offset, starts[partition])
        var batches: [FetchedBatch] = []
        var size = 0
        for one in stored[partition] where one.base + one.count > from {
            if !batches.isEmpty, size + one.batch.count > bytesMax { break }
            size += one.batch.count
            batches.append(
                FetchedBatch(
                    bytes: one.batch, start: 0, baseOffset: one.base, picks: picks,
                    count: picks?.count ?? one.count,
                    logTime: one.logTime))
        }
        return FetchedPart(
            batches: batches, start: starts[partition], end: end(partition), logTime: logTime)
    }
}

/// What a page says, as a client would read it.
struct ReadPage {
    var ids: [String] = []
    var values: [String] = []
    var next = ""
    var ended = ""
    var lag = 0

    init(_ response: Response) throws {
        let json = try jsonValues(response.body)
        var index = 0
        while let id = json["messages.\(index).id"] {
            ids.append(id)
            values.append(
                json["messages.\(index).value"] ?? json["messages.\(index).value_base64"] ?? "")
            index += 1
        }
        next = try #require(json["next"])
        ended = try #require(json["ended"])
        lag = Int(json["lag"] ?? "") ?? -1
    }
}

func field(_ name: String, _ response: Response) -> String? {
    let lines = String(decoding: response.fields, as: UTF8.self).split(separator: "\r\n")
    return lines.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
}

/// The values of a JSON text by their paths.
func jsonValues(_ json: [UInt8]) throws -> [String: String] {
    var reader = JSONReader(in: 0..<json.count)
    var values: [String: String] = [:]
    /// The path of each level, and the number of the next value in an array.
    var levels: [(path: String, next: Int?)] = []
    var path = ""
    func step() {
        guard let level = levels.last, let next = level.next else { return }
        path = level.path.isEmpty ? "\(next)" : "\(level.path).\(next)"
        levels[levels.count - 1].next = next + 1
    }
    while true {
        let token = try reader.next(json.span)
        let text = String(decoding: json[reader.text], as: UTF8.self)
        switch token {
        case .key:
            let outside = levels.last?.path ?? ""
            path = outside.isEmpty ? text : "\(outside).\(text)"
        case .string, .number, .true, .false, .null:
            step()
            values[path] = token == .string && reader.hasEscapes ? unescaped(text) : text
        case .beginArray, .beginObject:
            step()
            levels.append((path, token == .beginArray ? 0 : nil))
        case .endArray, .endObject: levels.removeLast()
        case .end: return values
        }
    }
}

private func unescaped(_ text: String) -> String {
    var plain: [UInt8] = []
    plain.append(unescapingJSON: Array(text.utf8)[...])
    return String(decoding: plain, as: UTF8.self)
}
