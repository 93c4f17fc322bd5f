import Records
import Simulation
import Testing
import Wire

@testable import CommitLog
@testable import Storage

@Suite("A segment of which little is wanted")
struct RewritingTests {
    static let orders = PartitionID(topic: 1, partition: 0)
    static let telemetry = PartitionID(topic: 2, partition: 0)

    static func archives(_ bench: ShardBench) throws -> [String] {
        try bench.disk.names().filter { $0.hasSuffix(".arc") }
    }

    /// One record that stays among many that soon are too old, again and again.
    static func bench(orders: Int = 4, below: Int = 20) throws -> ShardBench {
        var limits = ShardBench.smallLimits
        limits.rewriteBelow = 0
        let bench = try ShardBench(limits: limits)
        bench.hear(.put(ShardBench.topic(1)))
        bench.hear(.put(ShardBench.topic(2, retention: 1_000)))
        for number in 0..<orders {
            bench.publish([(Self.orders, ShardBench.batch("order \(number)"))])
            try KeepingTests.fill(bench, 14, telemetry)
        }
        try bench.wait(100_000)
        #expect(try archives(bench).isEmpty)
        bench.limits.rewriteBelow = below
        try bench.reopen()
        return bench
    }

    private func bodies(_ bench: ShardBench) -> [String]? {
        bench.readAll(Self.orders)?.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func pinned(_ bench: ShardBench) -> Int? {
        let ticket = bench.call(.describe([Self.orders]))
        guard case .described(let statuses) = bench.answers[ticket] else { return nil }
        return statuses.first?.pinnedBytes
    }

    @Test("becomes an archive with that little in it, and is read as before")
    func rewrites() throws {
        let bench = try Self.bench()
        try bench.wait(200_000)
        let archives = try Self.archives(bench)
        #expect(archives.count >= 3)
        for name in archives {
            #expect(try bench.disk.open(name).size < 24 << 10, "of 64 KiB")
            #expect(try !bench.disk.names().contains(name.replacing("arc", with: "log")))
        }
        #expect(bench.shard.counts.rewrittenSegments == archives.count)
        #expect(bodies(bench) == (0..<4).map { "order \($0)" })
        #expect(try #require(pinned(bench)) < 60_000, "of the segment that is not settled yet")
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("stays one at a start, with and without its index")
    func restarts() throws {
        let bench = try Self.bench()
        try bench.wait(200_000)
        let before = bench.shard.picture
        let archives = try Self.archives(bench)
        try bench.reopen()
        #expect(bench.shard.picture == before)
        #expect(bodies(bench) == (0..<4).map { "order \($0)" })
        for name in archives { try bench.disk.remove(name.replacing("arc", with: "idx")) }
        try bench.reopen()
        try bench.settle()
        #expect(bodies(bench) == (0..<4).map { "order \($0)" })
        try bench.wait(100_000)
        #expect(try Self.archives(bench) == archives)
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("goes as a whole when nothing in its archive is wanted any more")
    func dies() throws {
        let bench = try Self.bench()
        try bench.wait(200_000)
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.wait(300_000)
        #expect(try Self.archives(bench).isEmpty)
        #expect(try CheckTests.report(bench.disk).isWhole)
        try bench.reopen()
        #expect(bench.shard.picture.partitions[Self.orders] == nil)
    }

    @Test("is left alone while enough of it is wanted, unless the disk fills")
    func thresholds() throws {
        var limits = ShardBench.smallLimits
        // What frames are padded with is no more wanted than what is dead.
        limits.rewriteBelow = 10
        let bench = try ShardTests.bench(limits: limits)
        bench.hear(.put(ShardBench.topic(3, retention: 1_000)))
        for _ in 0..<40 {
            try KeepingTests.fill(bench, 1, Self.orders)
            try KeepingTests.fill(bench, 1, PartitionID(topic: 3, partition: 0))
        }
        try bench.wait(200_000)
        #expect(try Self.archives(bench).isEmpty)
        bench.shard.hear(.scarce)
        try bench.wait(100_000)
        #expect(try Self.archives(bench).isEmpty, "that needs room first")
        bench.shard.hear(.roomy)
        bench.shard.hear(.filling)
        try bench.wait(100_000)
        #expect(try Self.archives(bench).count > 2)
        #expect(bench.readAll(Self.orders)?.count == 40)
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("keeps delayed records, and what pointers show")
    func held() throws {
        var limits = ShardBench.smallLimits
        limits.rewriteBelow = 20
        let bench = try ShardBench(limits: limits)
        bench.hear(.put(ShardBench.topic(1)))
        bench.hear(.put(ShardBench.topic(2, retention: 1_000)))
        bench.publish([(Self.orders, DelayTests.delayed([30_000, 500_000]))])
        try KeepingTests.fill(bench, 60, Self.telemetry)
        try bench.wait(200_000)
        #expect(try Self.archives(bench).contains(FileName.archive(at: 0)))
        #expect(bodies(bench) == ["r30000"])
        try bench.reopen()
        #expect(bodies(bench) == ["r30000"])
        #expect(try CheckTests.report(bench.disk).isWhole)
        try bench.wait(400_000)
        #expect(bodies(bench) == ["r30000", "r500000"])
        try bench.reopen()
        #expect(bodies(bench) == ["r30000", "r500000"])
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("is there, once, whenever the power goes while it is rewritten", arguments: 0..<24)
    func crashes(calls: Int) throws {
        let bench = try Self.bench()
        bench.holdsChores = true
        while bench.shard.counts.rewrittenSegments == 0 {
            try bench.wait(1_000)
            try #require(bench.now.boot < 500_000)
            guard case .rewrite = bench.chores.first?.work else {
                bench.doChore()
                continue
            }
            bench.disk.callsLeft = calls
            bench.doChore()
            break
        }
        bench.disk.losePower()
        try bench.reopen()
        bench.holdsChores = false
        #expect(bench.report.mayWrite)
        #expect(bodies(bench) == (0..<4).map { "order \($0)" })
        #expect(try CheckTests.report(bench.disk).isWhole)
        try bench.wait(200_000)
        #expect(try Self.archives(bench).count >= 3)
        let names = try bench.disk.names()
        for name in try Self.archives(bench) {
            #expect(!names.contains(name.replacing("arc", with: "log")), "two stand for one")
        }
        #expect(bodies(bench) == (0..<4).map { "order \($0)" })
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("that dies while it is rewritten stays until no checkpoint lists it")
    func diesMeanwhile() throws {
        let bench = try Self.bench(orders: 1)
        bench.holdsChores = true
        while true {
            try bench.settle()
            if case .rewrite = bench.chores.first?.work { break }
            try #require(!bench.chores.isEmpty)
            bench.doChore()
        }
        // Dropped, and not yet out of the checkpoints, when the archive comes to be.
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.settle()
        bench.doChores()
        #expect(try Self.archives(bench) == [FileName.archive(at: 0)])
        try bench.reopen()
        #expect(bench.report.mayWrite)
        bench.holdsChores = false
        try bench.wait(300_000)
        #expect(try Self.archives(bench).isEmpty)
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("is not rewritten where it is damaged, and stays as it is")
    func damagedSegment() throws {
        let bench = try Self.bench()
        bench.holdsChores = true
        while true {
            try bench.wait(1_000)
            try #require(bench.now.boot < 500_000)
            if case .rewrite(let plan) = bench.chores.first?.work {
                let name = FileName.segment(at: plan.segment.start)
                try bench.disk.open(name).rot(at: 5 * 4_096 + 200, bit: 2)
                break
            }
            bench.doChore()
        }
        bench.holdsChores = false
        try bench.wait(200_000)
        let names = try bench.disk.names()
        #expect(!names.contains(FileName.archive(at: 0)))
        #expect(names.contains(FileName.segment(at: 0)))
    }

    @Test("shows every bit that is flipped in its archive", arguments: UInt64(1)...2)
    func flips(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = try Self.bench()
        try bench.wait(200_000)
        for name in try Self.archives(bench) {
            let file = try bench.disk.open(name)
            let archive = try ArchiveReader(file, start: try #require(CheckTests.start(name)))
            for range in archive.written {
                let place = random.number(in: range.lowerBound...range.upperBound - 1)
                file.rot(at: place, bit: 3)
                let report = try CheckTests.report(bench.disk)
                #expect(!report.isWhole, "\(place) of \(name) is not found: seed \(seed)")
                file.rot(at: place, bit: 3)
            }
        }
        #expect(try CheckTests.report(bench.disk).isWhole)
    }
}

extension ArchiveReader {
    /// The parts of the file that count, but for the headers, of which there are two each.
    fileprivate var written: [Range<Int>] {
        [
            LogFormat.blockSize..<header.fencePlace, header.fencePlace..<header.summaryPlace,
            header.summaryPlace..<header.summaryPlace + header.summarySize,
            header.dataPlace..<header.dataPlace + header.dataSize,
        ]
    }
}
