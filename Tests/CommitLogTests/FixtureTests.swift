import Kernel
import Simulation
import Testing

@testable import CommitLog

/// Files that version 1 wrote are read by every later one.
@Suite("Tests/Fixtures/log-v1")
struct FixtureTests {
    static let names = [
        "cookie", "00000000000000000000.log", "00000000000000032768.log",
        "00000000000000000000.idx", "00000000000000032768.ckp",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return try TextFile.read("/\(root)/Fixtures/log-v1/\(name)", sizeMax: 1 << 20)
    }

    /// The shard's files on a disk of their own.
    static func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        for name in names.dropFirst() { try disk.makeFile(name, try bytes(name)) }
        return disk
    }

    @Test("is what the code writes today", arguments: names)
    func writes(name: String) throws {
        #expect(try LogFixture.make().readFile(name) == Self.bytes(name))
    }

    static let archive = "00000000000000000000.arc"

    @Test("has an archive that is what the code writes today")
    func writesArchive() throws {
        let disk = try Self.disk()
        try LogFixture.archive(disk)
        #expect(try disk.readFile(Self.archive) == Self.bytes(Self.archive))
        #expect(try !disk.names().contains(Self.names[1]))
    }

    @Test("has an archive that stands for the segment, with what was kept of it")
    func readsArchive() throws {
        let disk = try Self.disk()
        try disk.remove(Self.names[1])
        try disk.remove("00000000000000000000.idx")
        try disk.makeFile(Self.archive, try Self.bytes(Self.archive))
        let archive = try disk.archive(of: 0)
        var numbers: [Int] = []
        for block in 0..<archive.extentBlocks {
            for extent in try archive.extents(in: block) {
                let frame = try archive.frame(of: extent)
                for entry in frame.entries {
                    let number = entry.head.baseOffset / 10
                    #expect(entry.head == LogFixture.head(number))
                    #expect(Array(frame.body(of: entry)) == LogFixture.body(number))
                    numbers.append(number)
                }
            }
        }
        #expect(!numbers.isEmpty && numbers.allSatisfy { $0 % 2 == 0 })
        var checker = try LogChecker(disk, shard: LogFixture.shard, cluster: LogFixture.cluster)
        let report = try checker.finish()
        #expect(report.isSound)
        #expect(report.archives == 1)
    }

    @Test("is read by a start")
    func recovers() throws {
        #expect(try Cookie(decoding: try Self.bytes("cookie")) == LogFixture.cookie)
        var recovery = try LogRecovery(
            try Self.disk(), shard: LogFixture.shard, cluster: LogFixture.cluster)
        let checkpoint = try #require(recovery.checkpoint)
        #expect(checkpoint.section(CheckpointSection.state) == Array("state".utf8))
        #expect(recovery.summaries.map(\.start) == [0])
        var numbers: [Int] = []
        while let frame = try recovery.next() {
            for entry in frame.entries {
                let number = entry.head.baseOffset / 10
                #expect(entry.head == LogFixture.head(number))
                #expect(Array(frame.body(of: entry)) == LogFixture.body(number))
                numbers.append(number)
            }
        }
        #expect(numbers.last == LogFixture.entryCount - 1)
        let report = recovery.report()
        #expect(report.mayWrite && !report.isTorn)
        #expect(report.epochs == [EpochStart(epoch: 1, position: 4_096)])
    }

    @Test("is proved by the check, with every entry in it")
    func checks() throws {
        var checker = try LogChecker(
            try Self.disk(), shard: LogFixture.shard, cluster: LogFixture.cluster)
        let report = try checker.finish()
        #expect(report.isSound)
        #expect(report.entries == LogFixture.entryCount)
        #expect(report.records == 10 * LogFixture.entryCount)
        #expect(report.indexFiles == 1)
        #expect(report.checkpoints == 1)
    }
}
