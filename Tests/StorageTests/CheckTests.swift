import CommitLog
import Records
import Simulation
import Testing
import Wire

@testable import Storage

@Suite("The check of a shard")
struct CheckTests {
    static let orders = PartitionID(topic: 1, partition: 0)

    static func report(_ disk: SimulatedDisk) throws -> ShardCheckReport {
        var checker = try ShardChecker(
            disk, number: ShardBench.number, cluster: ShardBench.cluster)
        return try checker.finish()
    }

    /// A shard with sealed segments, indexes, checkpoints, and delayed records shown and waiting.
    static func bench() throws -> ShardBench {
        let bench = try ShardTests.bench()
        bench.publish([(orders, DelayTests.delayed([1_000, 40_000, 90_000_000]))])
        try KeepingTests.fill(bench, 70)
        try bench.wait(40_000)
        return bench
    }

    @Test("finds nothing wrong with a sound one, and looks at everything")
    func sound() throws {
        let bench = try Self.bench()
        let report = try Self.report(bench.disk)
        #expect(report.isWhole && report.log.isSound)
        #expect(report.batches == 71 && report.pointers == 2)
        #expect(report.log.checkpoints == 2 && report.log.indexFiles > 2)
        #expect(report.partitions == [Self.orders])
    }

    @Test("finds every bit that is flipped in what was written", arguments: UInt64(1)...2)
    func flips(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = try Self.bench()
        let end = try Self.report(bench.disk).log.end
        let last = try lastFrame(bench.disk)
        for name in try bench.disk.names() {
            let file = try bench.disk.open(name)
            for range in try written(name, file, end: end) {
                for _ in 0..<2 {
                    let place = random.number(in: range.lowerBound...range.upperBound - 1)
                    let bit = random.number(in: 0...7)
                    file.rot(at: place, bit: bit)
                    let report = try Self.report(bench.disk)
                    let start = Self.start(name) ?? 0
                    // What ends the log cannot be told from what a crash leaves.
                    let isLast = name.hasSuffix(".log") && start + place >= last
                    #expect(
                        !report.isWhole || isLast && report.log.isTorn,
                        "bit \(bit) at \(place) of \(name) is not found: rerun with seed \(seed)")
                    file.rot(at: place, bit: bit)
                }
            }
        }
        #expect(try Self.report(bench.disk).isWhole)
    }

    @Test("does not take for damage what was never written", arguments: UInt64(1)...4)
    func unwritten(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = try Self.bench()
        let end = try Self.report(bench.disk).log.end
        for name in try bench.disk.names() {
            guard let start = Self.start(name), name.hasSuffix(".log") else { continue }
            let file = try bench.disk.open(name)
            let from = max(end - start, try self.end(ofSealed: file) ?? LogFormat.blockSize)
            guard from < file.size else { continue }
            for _ in 0..<20 {
                // A single bit of nothing; the first block behind the end is taken for a torn frame
                // only where it looks like one.
                file.rot(
                    at: random.number(in: from...file.size - 1), bit: random.number(in: 0...7))
            }
        }
        #expect(try Self.report(bench.disk).isWhole, "rerun with seed \(seed)")
    }

    @Test("finds what is wrong though every frame is whole", arguments: Wrong.allCases)
    func wrongEntries(wrong: Wrong) throws {
        let bench = try Self.bench()
        var log = try Log(bench)
        try log.append(wrong.draft(end: 72))
        let report = try Self.report(bench.disk)
        #expect(!report.isWhole, "\(wrong)")
        // Offsets that overlap within a segment are found with its index, before their meaning is asked.
        if wrong == .overlap && !report.log.isSound { return }
        #expect(report.log.isSound, "\(wrong)")
        #expect(report.entries.contains(where: wrong.isFound), "\(report.entries)")
    }

    enum Wrong: CaseIterable {
        case gap, overlap, otherPlace, badBatch, unknownType, pointerToNothing, pointerTwice

        func draft(end: Int) -> EntryDraft {
            var batch = ShardBench.batch("x")
            let offset = self == .gap ? end + 1 : self == .overlap ? end - 1 : end
            if self != .otherPlace {
                BatchHeader.place(
                    batchAt: 0, in: &batch, topicID: 1, partition: 0, baseOffset: UInt64(offset),
                    logTime: 1)
            }
            if self == .badBatch { batch[batch.count - 1] ^= 1 }
            let isPointer = self == .pointerToNothing || self == .pointerTwice
            let type: UInt8 = isPointer ? 3 : self == .unknownType ? 99 : 1
            let position = self == .pointerTwice ? LogFormat.blockSize + 64 : 999_999
            let pointer = Pointer(position: position, records: [0]).body
            return EntryDraft(
                EntryHead(
                    type: type, flags: isPointer ? 3 : 1, partition: orders, baseOffset: offset,
                    count: 1), body: isPointer ? pointer : batch)
        }

        func isFound(_ problem: EntryProblem) -> Bool {
            switch (self, problem) {
            case (.gap, .offsets), (.overlap, .offsets), (.otherPlace, .batch),
                (.badBatch, .batch), (.unknownType, .entry), (.pointerToNothing, .pointer),
                (.pointerTwice, .pointer):
                true
            default: false
            }
        }
    }

    /// The log of a bench, which takes entries that no shard would write.
    private struct Log {
        let disk: SimulatedDisk
        var log: ShardLog

        init(_ bench: ShardBench) throws {
            disk = bench.disk
            var recovery = try LogRecovery(
                disk, shard: UInt32(ShardBench.number), cluster: ShardBench.cluster)
            while try recovery.next() != nil {}
            let report = recovery.report()
            log = ShardLog(
                resuming: report.end, next: report.next, epoch: report.end.epoch + 1,
                limits: bench.limits.log)
        }

        mutating func append(_ draft: EntryDraft) throws {
            try log.append(draft.head, body: draft.body)
            for _ in 0..<4 {
                guard case .write(let write) = try log.nextWrite(logTime: log.tail.logTime) else {
                    continue
                }
                let file = try disk.open(FileName.segment(at: write.segment))
                try file.write(write.bytes, at: write.place)
                try file.flush()
                log.flushed()
            }
        }
    }

    // MARK: What was written

    static func start(_ name: String) -> Int? {
        switch FileName(name) {
        case .segment(let start), .index(let start), .archive(let start): start
        default: nil
        }
    }

    private func lastFrame(_ disk: SimulatedDisk) throws -> Int {
        var checker = try LogChecker(
            disk, shard: UInt32(ShardBench.number), cluster: ShardBench.cluster)
        var last = 0
        while true {
            switch try checker.next() {
            case .frame(let frame): last = frame.header.position
            case .lost: continue
            case .end: return last
            }
        }
    }

    /// The parts of a file that count, both copies of a segment's header apart.
    private func written(
        _ name: String, _ file: SimulatedFile, end: Int
    ) throws -> [Range<Int>] {
        guard name.hasSuffix(".log"), let start = Self.start(name) else { return [0..<file.size] }
        let headers = [0..<128, 2_048..<2_176]
        let limit = try self.end(ofSealed: file) ?? min(end - start, file.size)
        return limit > LogFormat.blockSize ? headers + [LogFormat.blockSize..<limit] : headers
    }

    /// The place behind the seal of a segment, if it has one.
    private func end(ofSealed file: SimulatedFile) throws -> Int? {
        let segment = try SegmentHeader(decoding: try file.read(0..<LogFormat.blockSize))
        var place = LogFormat.blockSize
        while place < file.size {
            let bytes = try file.read(place..<place + LogFormat.frameHeaderSize)
            do throws(FrameFault) {
                let frame = try FrameHeader(
                    decoding: bytes.span, at: segment.start + place, salt: segment.salt)
                place += frame.frameSize
                if frame.kind == .seal { return place }
            } catch {
                return nil
            }
        }
        return nil
    }
}
