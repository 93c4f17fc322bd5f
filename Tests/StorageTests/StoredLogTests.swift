import CommitLog
import Kernel
import Records
import Simulation
import Storage
import Testing

/// A log that is written to a directory as its driver does it, and the entries that were confirmed.
private struct LogRun {
    static let shard: UInt32 = 3
    static let cluster = Identity(high: 5, low: 6)
    let directory: StoredDirectory
    var log: ShardLog
    var confirmed: [(head: EntryHead, body: [UInt8])] = []
    private var waiting: [(head: EntryHead, body: [UInt8])] = []

    static var limits: LogLimits {
        var limits = LogLimits()
        limits.payloadSizeMax = 64 << 10
        limits.roundSizeTarget = 32 << 10
        return limits
    }

    static let capacity = 256 << 10

    init(startingIn directory: StoredDirectory) throws {
        self.directory = directory
        let first = SegmentHeader(
            shard: Self.shard, start: 0, capacity: Self.capacity, salt: 1, epoch: 1, createdTime: 0,
            cluster: Self.cluster)
        _ = try directory.makeSegment(first)
        log = ShardLog(
            resuming: LogEnd(fresh: first), next: nil, epoch: 1, limits: Self.limits)
    }

    /// Goes on in what a former run left, all of whose entries have to be there.
    init(goingOnAfter former: LogRun, in directory: StoredDirectory) throws {
        self.directory = directory
        var recovery = try LogRecovery(directory, shard: Self.shard, cluster: Self.cluster)
        var found: [(head: EntryHead, body: [UInt8])] = []
        while let frame = try recovery.next() {
            found += frame.entries.map { ($0.head, Array(frame.body(of: $0))) }
        }
        let report = recovery.report()
        #expect(report.mayWrite && !report.isTorn)
        #expect(found.map(\.head) == former.confirmed.map(\.head))
        #expect(found.map(\.body) == former.confirmed.map(\.body))
        confirmed = found
        log = ShardLog(
            resuming: report.end, next: report.next, epoch: report.end.epoch + 1,
            limits: Self.limits)
    }

    mutating func append(_ body: [UInt8]) throws {
        let number = confirmed.count + waiting.count
        let head = EntryHead(
            type: 1, flags: EntryHead.indexed, partition: PartitionID(topic: 1, partition: 0),
            baseOffset: number, count: 1)
        try log.append(head, body: body)
        waiting.append((head, body))
    }

    /// Writes until nothing waits.
    mutating func drain() throws {
        while true {
            switch try log.nextWrite(logTime: 0) {
            case .wait: return
            case .needsSegment:
                let next = log.nextSegment(
                    capacity: Self.capacity, salt: UInt32(2 + log.tail.segment.start / 4_096))
                _ = try directory.makeSegment(next)
                log.prepared(next)
            case .write(let write):
                let file = try directory.open(FileName.segment(at: write.segment))
                try file.write(write.bytes, at: write.place)
                try file.flush()
                let entries = log.commit(upTo: log.flushed()).flatMap(\.entries)
                confirmed += waiting.prefix(entries.count)
                waiting.removeFirst(entries.count)
            }
        }
    }
}

@Suite("A log on a real disk")
struct StoredLogTests {
    @Test("is found again whole, run after run", arguments: FileSystem.allCases)
    func isFoundAgain(system: FileSystem) throws {
        guard let (path, keeper) = try system.place() else { return }
        defer { withExtendedLifetime(keeper) {} }
        for seed in UInt64(1)...3 {
            var random = SeededRandom(seed: seed)
            let shard = UInt32(seed)
            var run = try LogRun(startingIn: try LogHome(path).directory(ofShard: shard))
            for _ in 0..<4 {
                for _ in 0..<random.number(in: 1...20) {
                    for _ in 0..<random.number(in: 1...6) {
                        let size = random.number(in: 0...9_000)
                        try run.append([UInt8](repeating: UInt8(size % 251), count: size))
                    }
                    try run.drain()
                }
                run = try LogRun(
                    goingOnAfter: run, in: try LogHome(path).directory(ofShard: shard))
            }
            #expect(!run.confirmed.isEmpty)
            let directory = try LogHome(path).directory(ofShard: shard)
            var checker = try LogChecker(
                directory, shard: LogRun.shard, cluster: LogRun.cluster)
            let report = try checker.finish()
            #expect(report.problems.isEmpty, "seed \(seed)")
            #expect(report.entries == run.confirmed.count)
        }
    }

    @Test("has no room for a segment, says so, and goes on when there is some")
    func runsOutOfRoom() throws {
        guard let mount = try Mount("tmpfs", size: 600 << 10) else {
            return print("SKIPPED: no right to mount a tmpfs")
        }
        let directory = try LogHome(mount.path).directory(ofShard: 0)
        _ = try directory.create("ballast", size: 256 << 10)
        var run = try LogRun(startingIn: directory)
        // Four fill the segment.
        for number in UInt8(1)...5 { try run.append([UInt8](repeating: number, count: 60_000)) }
        #expect(throws: LogError.noSpace) { try run.drain() }
        #expect(run.confirmed.count == 4)
        #expect(try directory.names() == ["00000000000000000000.log", "ballast"])
        #expect(try directory.space().free < 256 << 10)
        try directory.remove("ballast")
        try run.drain()
        #expect(run.confirmed.count == 5)
        _ = try LogRun(goingOnAfter: run, in: try LogHome(mount.path).directory(ofShard: 0))
    }

    @Test("refuses what is not there")
    func refusesMissing() throws {
        let place = try Place()
        let directory = try LogHome(place.path).directory(ofShard: 12)
        #expect(throws: LogError.noSuchFile) { _ = try directory.open("a") }
        #expect(throws: LogError.noSuchFile) { _ = try directory.openCached("a") }
        #expect(throws: LogError.noSuchFile) { try directory.remove("a") }
        #expect(throws: LogError.noSuchFile) { _ = try LogHome(place.path + "/none") }
        let file = try directory.create("a", size: 8_192)
        #expect(throws: LogError.disk(code: 22)) { try file.write([1], at: 0) }
        #expect(LogHome.name(ofShard: 12) == "shard-0012")
        #expect(LogHome.name(ofShard: 123_456) == "shard-123456")
    }

    @Test("is read through the page cache as past it")
    func readsBothWays() throws {
        let place = try Place()
        let directory = try LogHome(place.path).directory(ofShard: 0)
        directory.zeroingRate = 1 << 30
        let file = try directory.create("a", size: 8_192)
        let cached = try directory.openCached("a")
        var bytes = try cached.read(0..<8_192)
        for round in UInt8(1)...20 {
            try file.write([UInt8](repeating: round, count: 4_096), at: 4_096)
            try cached.read(4_095..<4_097, into: &bytes)
            #expect(bytes == [0, round])
            try file.read(4_095..<4_097, into: &bytes)
            #expect(bytes == [0, round])
        }
        #expect(!cached.isDirect)
    }
}
