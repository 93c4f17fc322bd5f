import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A shard")
struct ShardTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    /// A shard with the topics 1 and 2, of four partitions each.
    static func bench(limits: ShardLimits = ShardBench.smallLimits) throws -> ShardBench {
        let bench = try ShardBench(limits: limits)
        bench.hear(.put(ShardBench.topic(1, partitions: 4)))
        bench.hear(.put(ShardBench.topic(2, partitions: 4)))
        try bench.settle()
        return bench
    }

    @Test("gives each record the next offset of its partition, and gives it back unchanged")
    func readsBack() throws {
        let bench = try Self.bench()
        var expected: [PartitionID: [[UInt8]]] = [:]
        var random = SeededRandom(seed: 7)
        for number in 0..<200 {
            let partition = PartitionID(
                topic: UInt32(random.number(in: 1...2)), partition: UInt32(random.number(in: 0...3))
            )
            let bodies = (0..<random.number(in: 1...5)).map { Array("\(number)/\($0)".utf8) }
            let ticket = bench.publish([(partition, ShardBench.batch(bodies))])
            if random.oneIn(3) { try bench.settle() }
            expected[partition, default: []] += bodies
            let logTime = bench.now.wall
            guard random.oneIn(10) else { continue }
            try bench.settle()
            let offset = (expected[partition]?.count ?? 0) - bodies.count
            guard case .published(let parts) = bench.answers[ticket] else {
                Issue.record("not published")
                return
            }
            #expect(parts == [PlacedPart(place: .offset(offset), logTime: logTime)])
        }
        try bench.settle()
        for (partition, bodies) in expected {
            let records = try #require(bench.readAll(partition))
            #expect(records.map(\.body) == bodies)
            #expect(records.map(\.offset) == Array(0..<bodies.count))
        }
    }

    @Test("shows and confirms nothing before it is committed")
    func commitsFirst() throws {
        let bench = try Self.bench()
        let ticket = bench.publish([(Self.orders, ShardBench.batch("one"))])
        #expect(bench.answers[ticket] == nil)
        #expect(bench.readAll(Self.orders)?.isEmpty == true)
        guard case .write = try bench.shard.nextWrite(at: bench.now) else {
            Issue.record("nothing to write")
            return
        }
        bench.collect()
        #expect(bench.answers[ticket] == nil)
        #expect(bench.readAll(Self.orders)?.isEmpty == true)
        bench.shard.flushed(at: bench.now)
        bench.collect()
        #expect(bench.answers[ticket] != nil)
        #expect(bench.readAll(Self.orders)?.count == 1)
    }

    @Test("answers before the flush where that is wanted")
    func buffers() throws {
        let bench = try Self.bench()
        let ticket = bench.publish([(Self.orders, ShardBench.batch("one"))], isBuffered: true)
        guard case .published(let parts) = bench.answers[ticket] else {
            Issue.record("not published")
            return
        }
        #expect(parts.map(\.place) == [.buffered])
        #expect(bench.readAll(Self.orders)?.isEmpty == true)
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == 1)
    }

    @Test("refuses what it cannot store, and stores nothing of it")
    func refuses() throws {
        let bench = try Self.bench()
        var spoilt = ShardBench.batch("one")
        spoilt[spoilt.count - 1] ^= 1
        let good = ShardBench.batch("good")
        let rows: [([(PartitionID, [UInt8])], ShardRefusal)] = [
            ([], .badBatch),
            ([(Self.orders, [])], .badBatch),
            ([(Self.orders, good), (Self.orders, spoilt)], .badBatch),
            ([(Self.orders, good + [0])], .badBatch),
            ([(Self.orders, good), (PartitionID(topic: 9, partition: 0), good)], .noSuchTopic),
            ([(PartitionID(topic: 1, partition: 4), good)], .noSuchTopic),
            (
                [(Self.orders, ShardBench.batch([[UInt8](repeating: 7, count: 17 << 10)]))],
                .badBatch
            ),
        ]
        for (parts, refusal) in rows {
            let ticket = bench.publish(parts)
            guard case .refused(refusal) = bench.answers[ticket] else {
                Issue.record("\(String(describing: bench.answers[ticket])) is not \(refusal)")
                continue
            }
        }
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.isEmpty == true)
    }

    @Test("shares a fetch fairly, and gives each part one batch at least")
    func sharesFetches() throws {
        let bench = try Self.bench()
        let partitions = (0..<4).map { PartitionID(topic: 1, partition: UInt32($0)) }
        for partition in partitions {
            for _ in 0..<(partition.partition == 0 ? 2 : 20) {
                bench.publish([
                    (partition, ShardBench.batch([[UInt8](repeating: 1, count: 500)]))
                ])
                try bench.settle()
            }
        }
        func counts(_ bytesMax: Int) throws -> [Int] {
            let answer = try #require(bench.fetch(partitions.map { ($0, 0) }, bytesMax: bytesMax))
            guard case .fetched(let parts) = answer else {
                Issue.record("refused: \(answer)")
                return [0, 0, 0, 0]
            }
            return parts.map(\.batches.count)
        }
        #expect(try counts(1) == [1, 1, 1, 1])
        let some = try counts(10_000)
        #expect(some[0] == 2 && some[1...].allSatisfy { $0 >= 3 })
        #expect(some.reduce(0, +) >= 14)
        #expect(try counts(1 << 20) == [2, 20, 20, 20])
    }

    @Test("brings whole batches until there are as many records as are wanted")
    func countsRecords() throws {
        let bench = try Self.bench()
        for _ in 0..<10 {
            bench.publish([(Self.orders, ShardBench.batch(["a", "b", "c"].map { Array($0.utf8) }))])
            try bench.settle()
        }
        func fetched(_ recordsMax: Int, from offset: Int = 0) -> [Int]? {
            let answer = bench.fetch([(Self.orders, offset)], recordsMax: recordsMax)
            guard case .fetched(let parts) = answer else { return nil }
            return parts.flatMap { $0.batches.map(\.baseOffset) }
        }
        #expect(fetched(0) == [0], "one at least")
        #expect(fetched(3) == [0])
        #expect(fetched(4) == [0, 3])
        #expect(fetched(4, from: 2) == [0, 3], "of the first only one is wanted")
        #expect(fetched(5, from: 2) == [0, 3, 6])
        #expect(fetched(.max)?.count == 10)
    }

    @Test("is the same after a restart, with and without a checkpoint", arguments: [false, true])
    func restarts(hasCheckpoint: Bool) throws {
        let bench = try Self.bench()
        for number in 0..<60 {
            let partition = PartitionID(topic: 1, partition: UInt32(number % 3))
            let body = [UInt8](repeating: UInt8(number), count: 4_000)
            bench.publish([(partition, ShardBench.batch([body]))])
            try bench.settle()
            if hasCheckpoint, number == 40 { try bench.wait(40_000) }
        }
        let before = bench.shard.picture
        #expect(before.segments.count > 2)
        try bench.reopen()
        try bench.settle()
        #expect(bench.shard.picture == before)
        for partition in 0..<3 {
            let records = bench.readAll(PartitionID(topic: 1, partition: UInt32(partition)))
            #expect(records?.map(\.body.first) == (0..<20).map { UInt8($0 * 3 + partition) })
        }
    }

    @Test("finds the first offset of a time, in memory, in index files and behind a beginning")
    func locates() throws {
        let bench = try Self.bench()
        let start = bench.now.wall
        try KeepingTests.fill(bench, 40)
        func located(_ time: Int) -> Int? {
            let ticket = bench.call(.locate(Locate(partitions: [Self.orders], time: time)))
            guard case .located(let offsets) = bench.answers[ticket] else { return nil }
            return offsets.first
        }
        for number in 0..<40 {
            #expect(located(start + number * 1_000) == number)
            #expect(located(start + number * 1_000 - 999) == number)
        }
        #expect(located(0) == 0)
        #expect(located(.max) == 40)
        bench.hear(.put(ShardBench.topic(1, partitions: 4, retention: 30_000)))
        try bench.wait(25_000)
        let begin = try #require(located(0))
        #expect(begin > 0)
        #expect(bench.readAll(Self.orders)?.first?.offset == begin)
    }

    @Test("gives a reader of the tail the bytes as they were written, and others few large reads")
    func readsTogether() throws {
        let bench = try Self.bench()
        for number in 0..<200 {
            bench.publish([(Self.orders, ShardBench.batch("\(number)"))])
            if number % 10 == 9 { try bench.settle() }
        }
        let cached = bench.shard.counts
        guard case .fetched(let last) = bench.fetch([(Self.orders, 195)]) else {
            Issue.record("not fetched")
            return
        }
        #expect(last[0].batches.count == 5)
        #expect(bench.shard.counts.diskReads == cached.diskReads)
        guard case .fetched(let all) = bench.fetch([(Self.orders, 0)]) else {
            Issue.record("not fetched")
            return
        }
        #expect(all[0].batches.count == 200)
        #expect(bench.shard.counts.diskReads - cached.diskReads <= 3)
    }
}
