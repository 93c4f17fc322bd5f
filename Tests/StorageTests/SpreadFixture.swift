import Records
import Simulation
import Storage
import Wire

/// Shard 3 as it has parts of batches that span shards, with the calls that are made about them.
struct SpreadFixture {
    static let orders = PartitionID(topic: 1, partition: 0)
    static let others = PartitionID(topic: 1, partition: 1)
    static let spread = SpreadID(high: 7, low: 1)
    static let own = ShardBench.number
    static let peer: UInt16 = 1

    let bench: ShardBench

    init(_ limits: ShardLimits = ShardBench.smallLimits, window: Int = 60_000) throws {
        bench = try ShardBench(limits: limits)
        bench.hear(.put(ShardBench.topic(1, partitions: 2, dedupWindow: window)))
        try bench.settle()
    }

    func publish(_ bodies: [String], keys: [UInt64] = [], delay: Int? = nil) -> Publish {
        let partitions = [Self.orders, Self.others]
        return Publish(
            parts: bodies.enumerated().map { number, body in
                let delays = delay.map { [RecordDelay.duration(UInt64($0))] } ?? []
                let batch = ShardBench.batch(
                    [Array(body.utf8)], delays: delays,
                    keys: Array(keys.dropFirst(number).prefix(1)))
                return Publish.Part(partition: partitions[number % 2], batch: batch)
            })
    }

    @discardableResult
    func prepare(
        _ spread: SpreadID = spread, judge: UInt16 = own, _ bodies: [String] = ["a", "b"],
        keys: [UInt64] = [], delay: Int? = nil
    ) -> UInt64 {
        call(.prepare(spread, judge: judge, publish(bodies, keys: keys, delay: delay)))
    }

    @discardableResult
    func call(_ call: SpreadCall, from caller: Caller = .loop(0)) -> UInt64 {
        bench.call(.spread(call), from: caller)
    }

    /// What is said of a spread batch, once all is written.
    func ask(_ call: SpreadCall) throws -> SpreadAnswer? {
        let ticket = self.call(call)
        try bench.settle()
        return answer(ticket)
    }

    func answer(_ ticket: UInt64) -> SpreadAnswer? {
        guard case .spread(let answer) = bench.answers[ticket] else { return nil }
        return answer
    }

    func refusal(_ ticket: UInt64) -> ShardRefusal? {
        guard case .refused(let refusal) = bench.answers[ticket] else { return nil }
        return refusal
    }

    /// What anybody can see, in both partitions.
    var seen: [String] {
        [Self.orders, Self.others].flatMap { partition in
            (bench.readAll(partition) ?? []).map { String(decoding: $0.body, as: UTF8.self) }
        }
    }

    /// Whether numbers tell nothing of what waits for a decision.
    var isSilent: Bool {
        let ticket = bench.call(.describe([Self.orders, Self.others]))
        guard case .described(let statuses) = bench.answers[ticket] else { return false }
        return seen.isEmpty && statuses.allSatisfy { $0.end == 0 && $0.held == 0 && $0.bytes == 0 }
    }

    var isOver: Bool { bench.shard.picture.undecided.isEmpty }

    /// Posts since the last call, in words.
    func posts() -> [String] {
        defer { bench.posts = [] }
        return bench.posts.map { post in
            switch post.call {
            case .prepare: "prepare \(post.to)"
            case .decide: "decide \(post.to)"
            case .show: "show \(post.to)"
            case .drop: "drop \(post.to)"
            case .ask(_, let from): "ask \(post.to) for \(from)"
            case .done(_, let from): "done \(post.to) by \(from)"
            }
        }
    }
}
