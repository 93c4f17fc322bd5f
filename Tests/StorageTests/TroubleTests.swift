import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

@Suite("A shard in trouble")
struct TroubleTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    private func isRefused(_ answer: ShardAnswer?, _ refusal: ShardRefusal) -> Bool {
        guard case .refused(let found) = answer else { return false }
        return found == refusal
    }

    @Test("refuses publishes when the disk is full, and takes them again when it is not")
    func diskFull() throws {
        let bench = try ShardTests.bench()
        bench.disk.space = 0
        var tickets: [UInt64] = []
        for _ in 0..<60 {
            let body = [UInt8](repeating: 1, count: 4_000)
            tickets.append(bench.publish([(Self.orders, ShardBench.batch([body]))]))
            try bench.wait(100)
        }
        #expect(tickets.allSatisfy { bench.answers[$0] != nil }, "none waits for room")
        #expect(isRefused(bench.answers[tickets[59]], .noSpace))
        let stored = tickets.count { !isRefused(bench.answers[$0], .noSpace) }
        #expect(stored > 3, "a segment; the next one is kept for acks and the like")
        #expect(bench.readAll(Self.orders)?.count == stored)
        bench.hear(.deleted(id: 2, name: "topic-2"))
        try bench.settle()
        bench.disk.space = .max
        try bench.wait(60_000)
        let ticket = bench.publish([(Self.orders, ShardBench.batch("again"))])
        try bench.settle()
        #expect(!isRefused(bench.answers[ticket], .noSpace))
        #expect(bench.readAll(Self.orders)?.count == stored + 1)
    }

    @Test("takes publishes again soon after there is room, however long there was none")
    func roomComesBack() throws {
        let bench = try ShardTests.bench()
        bench.disk.space = 0
        func publish() throws -> ShardAnswer? {
            let body = [UInt8](repeating: 1, count: 4_000)
            let ticket = bench.publish([(Self.orders, ShardBench.batch([body]))])
            try bench.wait(100)
            return bench.answers[ticket]
        }
        while !isRefused(try publish(), .noSpace) {}
        try bench.wait(200_000)
        #expect(isRefused(try publish(), .noSpace))
        bench.disk.space = .max
        let since = bench.now.boot
        while isRefused(try publish(), .noSpace) { try #require(bench.now.boot < since + 60_000) }
        #expect(bench.now.boot - since <= bench.limits.retryPauseMin + 200)
    }

    @Test("looks for room seldom while nobody asks for it")
    func roomIsNotPolled() throws {
        let bench = try ShardTests.bench()
        bench.disk.space = 0
        for _ in 0..<60 {
            let body = [UInt8](repeating: 1, count: 4_000)
            bench.publish([(Self.orders, ShardBench.batch([body]))])
            try bench.wait(100)
        }
        try bench.wait(70_000)
        let failed = bench.shard.counts.failedChores
        try bench.wait(90_000)
        // Two indexes and a segment, each time.
        #expect(bench.shard.counts.failedChores - failed <= 3 * 4)
    }

    @Test("tells everybody that a flush failed, and confirms nothing after that")
    func poison() throws {
        let bench = try ShardTests.bench()
        let publish = bench.publish([(Self.orders, ShardBench.batch("one"))])
        let watch = bench.watch([(Self.orders, 0)])
        bench.disk.failsNextFlush = true
        #expect(throws: LogError.disk(code: 5)) { try bench.settle() }
        #expect(bench.shard.isPoisoned)
        #expect(isRefused(bench.answers[publish], .failed))
        #expect(isRefused(bench.answers[watch], .failed))
        bench.shard.flushed(at: bench.now)
        let late = bench.publish([(Self.orders, ShardBench.batch("two"))])
        #expect(isRefused(bench.answers[late], .failed))
        #expect(bench.shard.nextDeadline == nil)
    }

    @Test("serves what is intact, and writes nothing, after damage")
    func damage() throws {
        let bench = try ShardTests.bench()
        for _ in 0..<8 {
            bench.publish([(Self.orders, ShardBench.batch("one"))])
            try bench.settle()
        }
        // The first frame of the segment begins the epoch; the fifth behind it holds a record.
        try bench.disk.open(FileName.segment(at: 0)).rot(at: 6 * 4_096 + 100, bit: 3)
        try bench.reopen()
        #expect(!bench.report.mayWrite)
        let ticket = bench.publish([(Self.orders, ShardBench.batch("two"))])
        #expect(isRefused(bench.answers[ticket], .readOnly))
        #expect(try bench.shard.nextWrite(at: bench.now) == .wait)
        guard case .fetched(let parts) = bench.fetch([(Self.orders, 0)]) else {
            Issue.record("nothing is served")
            return
        }
        let intact = parts[0].batches.count
        #expect(intact > 0 && intact < 7)
        #expect(parts[0].end == 8)
        #expect(isRefused(bench.fetch([(Self.orders, intact)]), .damaged), "no gap in silence")
        guard case .fetched(let rest) = bench.fetch([(Self.orders, intact + 1)]) else {
            Issue.record("what is behind the damage is not served")
            return
        }
        #expect(rest[0].batches.count == 7 - intact)
    }

    @Test("refuses a read of what rotted, and counts it")
    func rot() throws {
        let bench = try ShardTests.bench()
        try KeepingTests.fill(bench, 40)
        try bench.disk.open(FileName.segment(at: 0)).rot(at: 5 * 4_096 + 300, bit: 3)
        #expect(isRefused(bench.fetch([(Self.orders, 0)], bytesMax: 60_000), .damaged))
        #expect(bench.shard.counts.damagedReads == 1)
        #expect(!isRefused(bench.fetch([(Self.orders, 30)]), .damaged))
    }

    @Test("refuses publishes to a topic that has all it may")
    func backlog() throws {
        let bench = try ShardBench()
        bench.hear(.put(ShardBench.topic(1, partitions: 2, backlogMax: 20_000)))
        var refused = 0
        for _ in 0..<10 {
            let ticket = bench.publish([
                (Self.orders, ShardBench.batch([[UInt8](repeating: 1, count: 2_000)]))
            ])
            if isRefused(bench.answers[ticket], .backlogFull(limit: 20_000)) { refused += 1 }
        }
        #expect(refused == 6)
        let other = PartitionID(topic: 1, partition: 1)
        let ticket = bench.publish([(other, ShardBench.batch("one"))])
        #expect(bench.answers[ticket] == nil)
    }

    @Test("refuses what waits too much, and takes more later")
    func overload() throws {
        var limits = ShardBench.smallLimits
        limits.lineCountMax = 3
        let bench = try ShardTests.bench(limits: limits)
        var refused = 0
        for _ in 0..<20 {
            let ticket = bench.publish([
                (Self.orders, ShardBench.batch([[UInt8](repeating: 1, count: 4_000)]))
            ])
            if isRefused(bench.answers[ticket], .overloaded) { refused += 1 }
        }
        #expect(refused > 5 && refused < 18)
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == 20 - refused)
    }

    @Test("keeps what it has in memory within its bounds")
    func memory() throws {
        var limits = ShardBench.smallLimits
        limits.indexSizeMax = 200 * MemoryLayout<IndexEntry>.stride
        limits.rewriteBelow = 0
        let bench = try ShardTests.bench(limits: limits)
        for _ in 0..<900 {
            bench.publish([(Self.orders, ShardBench.batch("one"))])
            if bench.shard.memory.waiting > 2_000 { try bench.settle() }
            let memory = bench.shard.memory
            #expect(memory.tail <= limits.tailCacheSize)
            #expect(memory.openFiles <= 2 * limits.openFilesMax)
            #expect(memory.index <= limits.indexSizeMax + (4 << 10))
        }
        try bench.settle()
        #expect(bench.readAll(Self.orders)?.count == 900)
        #expect(try KeepingTests.segments(bench).count > 6, "segments end early")
    }
}
