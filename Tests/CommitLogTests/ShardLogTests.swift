import Simulation
import Testing

@testable import CommitLog

@Suite("A shard's log")
struct ShardLogTests {
    @Test("gathers what arrives during a flush into the next round")
    func sharesTheNextFlush() throws {
        var log = Sample.log()
        _ = try log.turn()
        try log.append(Sample.head(offset: 0), body: Sample.body(10))
        guard case .write(let first) = try log.nextWrite(logTime: 5) else {
            Issue.record("no round")
            return
        }
        try log.append(Sample.head(offset: 1), body: Sample.body(10))
        try log.append(Sample.head(offset: 2), body: Sample.body(10))
        #expect(try log.nextWrite(logTime: 5) == .wait)
        #expect(log.commitEntries(upTo: log.durable).isEmpty)
        #expect(log.flushed() == first.header.end)
        #expect(log.commitEntries(upTo: log.durable).map(\.entry.head.baseOffset) == [0])
        let second = try #require(try log.turn())
        #expect(second.header.entryCount == 2)
        #expect(second.header.previousCRC == first.header.headerCRC)
        #expect(second.header.committed == first.header.end)
        #expect(second.header.position == first.header.end)
    }

    @Test("begins an epoch with a frame that says so")
    func beginsWithItsEpoch() throws {
        var log = Sample.log()
        let write = try #require(try log.turn())
        #expect(write.header.kind == .epochStart)
        #expect(write.place == LogFormat.blockSize)
        #expect(write.bytes.count == LogFormat.blockSize)
    }

    @Test("seals a full segment, and goes on in the one that was made ahead")
    func rolls() throws {
        var log = Sample.log()
        var writes: [LogWrite] = []
        for offset in 0..<10 {
            try log.append(Sample.head(offset: offset), body: Sample.body(3_000))
            if let write = try log.turn() { writes.append(write) }
        }
        #expect(try log.nextWrite(logTime: 0) == .needsSegment)
        let next = log.nextSegment(capacity: 32 << 10, salt: 99)
        #expect(next.start == 32 << 10)
        log.prepared(next)
        while let write = try log.turn() { writes.append(write) }
        let seal = try #require(writes.firstIndex { $0.header.kind == .seal })
        #expect(writes[..<seal].allSatisfy { $0.segment == 0 })
        #expect(writes[(seal + 1)...].allSatisfy { $0.segment == 32 << 10 && $0.header.salt == 99 })
        #expect(writes[seal + 1].place == LogFormat.blockSize)
        for (one, other) in zip(writes, writes.dropFirst()) {
            #expect(other.header.previousCRC == one.header.headerCRC)
        }
        #expect(log.waitingBytes == 0)
    }

    @Test("confirms nothing after a failure")
    func poisons() throws {
        var log = Sample.log()
        _ = try log.turn()
        try log.append(Sample.head(offset: 0), body: [])
        _ = try log.nextWrite(logTime: 0)
        log.failed()
        let durable = log.durable
        #expect(log.flushed() == durable)
        #expect(log.commitEntries(upTo: log.durable).isEmpty)
        #expect(throws: LogError.poisoned) { try log.nextWrite(logTime: 0) }
        #expect(throws: LogError.poisoned) {
            try log.append(Sample.head(offset: 1), body: [])
        }
    }

    @Test("refuses what can never fit, and what is too much at once")
    func refuses() throws {
        var log = Sample.log()
        #expect(throws: LogError.tooLarge(limit: 8 << 10)) {
            try log.append(Sample.head(offset: 0), body: Sample.body(8 << 10))
        }
        for offset in 0..<3 {
            try log.append(Sample.head(offset: offset), body: Sample.body(8_000))
        }
        #expect(throws: LogError.overloaded(limit: 24 << 10)) {
            try log.append(Sample.head(offset: 3), body: Sample.body(2_000))
        }
        while try log.turn() != nil {}
        #expect(log.waitingBytes == 8_032, "the last round waits for a segment")
    }

    @Test("keeps in one frame what was appended together")
    func staysTogether() throws {
        var log = Sample.log()
        _ = try log.turn()
        try log.append(Sample.head(offset: 0), body: Sample.body(3_000))
        try log.append(together: (1...3).map { (Sample.head(offset: $0), Sample.body(1_000)) })
        let first = try #require(try log.turn())
        let second = try #require(try log.turn())
        #expect(first.header.entryCount == 1)
        #expect(second.header.entryCount == 3)
    }

    @Test("marks its commit point once when it falls idle")
    func marksTheCommitPoint() throws {
        var log = Sample.log()
        _ = try log.turn()
        try log.append(Sample.head(offset: 0), body: [])
        let write = try #require(try log.turn())
        #expect(!log.wantsCommitMark, "nothing is committed yet")
        _ = log.commitEntries(upTo: log.durable)
        #expect(log.wantsCommitMark)
        log.append(.commitMark)
        let mark = try #require(try log.turn())
        #expect(mark.header.kind == .commitMark)
        #expect(mark.header.committed == write.header.end)
        _ = log.commitEntries(upTo: log.durable)
        #expect(!log.wantsCommitMark)
    }

    @Test("gives out entries only below the commit point, with their positions")
    func commitsInOrder() throws {
        var log = Sample.log()
        _ = try log.turn()
        for offset in 0..<2 {
            try log.append(Sample.head(offset: offset), body: Sample.body(20))
            _ = try log.turn()
        }
        #expect(log.commitEntries(upTo: 8_192 + 4_095).isEmpty)
        let first = log.commitEntries(upTo: 8_192 + 4_096)
        #expect(first.map(\.entry.position) == [8_192 + 64])
        #expect(first.map(\.entry.size) == [52])
        #expect(log.commitEntries(upTo: log.durable).map(\.entry.head.baseOffset) == [1])
    }

    @Test("never lets log time fall")
    func timeNeverFalls() throws {
        var log = Sample.log()
        #expect(try log.turn(at: 5_000)?.header.logTime == 5_000)
        log.append(.time)
        #expect(try log.turn(at: 3_000)?.header.logTime == 5_000)
    }
}
