import Bytes
import Simulation
import Testing

@testable import CommitLog

/// One kind of damage after the other, done to the fixture.
@Suite("A start")
struct RecoveryTests {
    static func recover(
        _ disk: SimulatedDisk, committed: Int = 0
    ) throws(LogError) -> RecoveryReport {
        var recovery = try LogRecovery(
            disk, shard: LogFixture.shard, cluster: LogFixture.cluster, committed: committed)
        while try recovery.next() != nil {}
        return recovery.report()
    }

    static func check(_ disk: SimulatedDisk) throws(LogError) -> CheckReport {
        var checker = try LogChecker(disk, shard: LogFixture.shard, cluster: LogFixture.cluster)
        return try checker.finish()
    }

    static func segment(_ disk: SimulatedDisk, _ start: Int = 32_768) throws -> SimulatedFile {
        try disk.open(FileName.segment(at: start))
    }

    static func disk() throws -> SimulatedDisk {
        let disk = try LogFixture.make()
        try disk.remove(Cookie.name)
        return disk
    }

    @Test("finds the end of a sound log")
    func sound() throws {
        let report = try Self.recover(try Self.disk())
        #expect(report.mayWrite && report.tail == .noHeader && !report.isTorn)
        #expect(report.end.committed < report.end.position)
        #expect(try Self.check(try Self.disk()).end == report.end.position)
    }

    @Test("cuts a torn tail, unless somebody knows that it was committed")
    func tornTail() throws {
        let disk = try Self.disk()
        let end = try Self.recover(disk).end.position
        let mark = end - LogFormat.blockSize
        try Self.segment(disk).rot(at: mark - 32_768 + 100, bit: 1)
        let report = try Self.recover(disk)
        #expect(report.mayWrite && report.isTorn && report.tail == .badPayload)
        #expect(report.end.position == mark)
        let known = try Self.recover(disk, committed: end)
        #expect(known.damage == [LogDamage(range: mark..<end, fault: .badPayload)])
    }

    @Test("calls a bad frame rot when a good one follows it")
    func rot() throws {
        let disk = try Self.disk()
        let first = 32_768 + LogFormat.blockSize
        try Self.segment(disk).rot(at: LogFormat.blockSize, bit: 0)
        let report = try Self.recover(disk)
        #expect(!report.mayWrite)
        #expect(report.damage.map(\.range.lowerBound) == [first])
        #expect(report.damage.map(\.fault) == [.noHeader])
        #expect(try Self.check(disk).firstDamage == .lost(report.damage[0]))
    }

    @Test("reads past a block that cannot be read, and says so")
    func unreadable() throws {
        let disk = try Self.disk()
        try Self.segment(disk).spoil(blockAt: LogFormat.blockSize)
        #expect(try Self.recover(disk).damage.map(\.fault) == [.unreadable])
    }

    @Test("does without one copy of a segment's header, and not without both")
    func headers() throws {
        let disk = try Self.disk()
        try Self.segment(disk).rot(at: 3, bit: 3)
        #expect(try Self.recover(disk).mayWrite)
        #expect(try Self.check(disk).problems == [.headerCopy(segment: 32_768)])
        try Self.segment(disk).rot(at: LogFormat.segmentHeaderCopyPlace + 3, bit: 3)
        let report = try Self.recover(disk)
        #expect(report.damage == [LogDamage(range: 32_768..<65_536, fault: .noSegment)])
    }

    @Test("takes the older way when the checkpoint is not whole")
    func checkpoints() throws {
        let disk = try Self.disk()
        let position = try #require(try disk.checkpoints().first)
        try disk.open(FileName.checkpoint(at: position)).rot(at: 40, bit: 0)
        let report = try Self.recover(disk)
        #expect(report.damagedCheckpoints == [position])
        #expect(report.mayWrite, "the whole log is still there")
        #expect(report.entries == LogFixture.entryCount)
        #expect(try Self.check(disk).problems == [.checkpoint(position: position)])
    }

    @Test("refuses a log whose beginning and checkpoints are gone")
    func nothingToStartFrom() throws {
        let disk = try Self.disk()
        for position in try disk.checkpoints() {
            try disk.remove(FileName.checkpoint(at: position))
        }
        try disk.remove(FileName.segment(at: 0))
        #expect(throws: LogError.damaged(.checkpoint)) { try Self.recover(disk) }
    }

    @Test("misses a segment that the checkpoint lists")
    func missingSegment() throws {
        let disk = try Self.disk()
        try disk.remove(FileName.segment(at: 0))
        let lost = LogDamage(range: 0..<32_768, fault: .noSegment)
        #expect(try Self.recover(disk).damage == [lost])
        #expect(try Self.check(disk).firstDamage == .lost(lost))
    }

    @Test("refuses another shard's, another cluster's and a later version's files")
    func foreign() throws {
        let disk = try Self.disk()
        #expect(throws: LogError.foreign(.segment)) {
            _ = try LogRecovery(disk, shard: 9, cluster: LogFixture.cluster)
        }
        #expect(throws: LogError.foreign(.segment)) {
            _ = try LogRecovery(
                disk, shard: LogFixture.shard, cluster: Identity(high: 0, low: 0))
        }
        let end = try Self.recover(disk).end
        let file = try Self.segment(disk)
        var block = try file.read(4_096..<8_192)
        block[4] = 2
        block.set(littleEndian: UInt64(end.position), at: 16)
        block.setChecksum(at: 60)
        try file.write(block, at: end.position - 32_768)
        #expect(throws: LogError.unsupported(.frame, version: 2)) { try Self.recover(disk) }
    }

    @Test("removes what is unfinished, and names strangers")
    func leftovers() throws {
        let disk = try Self.disk()
        _ = try disk.create("x.tmp", size: 10)
        _ = try disk.create("notes.txt", size: 10)
        #expect(
            try Self.check(disk).problems == [.stranger("notes.txt"), .unfinished("x.tmp")])
        _ = try Self.recover(disk)
        #expect(try Self.check(disk).problems == [.stranger("notes.txt")])
    }

    @Test("finds an index file that does not say what the segment says")
    func indexes() throws {
        let disk = try Self.disk()
        try disk.open(FileName.index(at: 0)).rot(at: 4_100, bit: 0)
        #expect(try Self.check(disk).problems == [.index(segment: 0)])
        #expect(try Self.recover(disk).mayWrite)
    }

    @Test("makes an index again from a whole segment, and from no other")
    func makesIndexes() throws {
        let disk = try Self.disk()
        let name = FileName.index(at: 0)
        let before = try disk.readFile(name)
        try disk.remove(name)
        let segments = try SegmentList(
            of: disk, shard: LogFixture.shard, cluster: LogFixture.cluster)
        let header = try #require(segments.found.first?.header)
        let recovery = try LogRecovery(
            disk, shard: LogFixture.shard, cluster: LogFixture.cluster)
        #expect(try disk.makeIndex(of: header, in: segments) == recovery.summaries.first)
        #expect(try disk.readFile(name) == before)
        try Self.segment(disk, 0).rot(at: 8_200, bit: 2)
        #expect(throws: LogError.damaged(.segment)) {
            try disk.makeIndex(of: header, in: segments)
        }
    }
}
