import Records
import Simulation
import Testing

@testable import CommitLog

@Suite("Files of the log")
struct FileTests {
    @Test("A header with any bit changed is refused")
    func frameHeaders() throws {
        var bytes = [UInt8](repeating: 0, count: 64)
        var header = Sample.header
        header.encode(into: &bytes)
        #expect(
            try FrameHeader(decoding: bytes.span, at: header.position, salt: header.salt) == header)
        for bit in 0..<512 {
            var other = bytes
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: FrameFault.noHeader) {
                try FrameHeader(decoding: other.span, at: header.position, salt: header.salt)
            }
        }
    }

    @Test("A header is read only where and in which life it was written, and in this version")
    func strangeHeaders() throws {
        var bytes = [UInt8](repeating: 0, count: 64)
        var header = Sample.header
        header.encode(into: &bytes)
        #expect(throws: FrameFault.foreignSalt) {
            try FrameHeader(decoding: bytes.span, at: header.position, salt: 1)
        }
        #expect(throws: FrameFault.foreignPosition) {
            try FrameHeader(decoding: bytes.span, at: 4_096, salt: header.salt)
        }
        bytes[4] = 2
        bytes.setChecksum(at: 60)
        #expect(throws: FrameFault.unsupported(version: 2)) {
            try FrameHeader(decoding: bytes.span, at: header.position, salt: header.salt)
        }
        // Whoever does not know the salt cannot make a header of a later version.
        #expect(throws: FrameFault.foreignSalt) {
            try FrameHeader(decoding: bytes.span, at: header.position, salt: 1)
        }
    }

    @Test("One copy of a segment's header is enough")
    func segmentHeaders() throws {
        let header = Sample.segment()
        let block = header.encoded()
        for place in [5, 2_048 + 5] {
            var other = block
            other[place] ^= 1
            #expect(try SegmentHeader(decoding: other) == header)
            #expect(SegmentHeader.damagedCopies(in: other) == 1)
        }
        var other = block
        other[5] ^= 1
        other[2_060] ^= 1
        #expect(throws: LogError.damaged(.segment)) { try SegmentHeader(decoding: other) }
    }

    @Test("A checkpoint is believed whole or not at all")
    func checkpoints() throws {
        let checkpoint = Checkpoint(
            shard: 1, position: 4_096, logTime: 5, epoch: 2, previousCRC: 3,
            sections: [
                CheckpointSection(
                    kind: CheckpointSection.epochs,
                    body: EpochStart.encode([EpochStart(epoch: 2, position: 4_096)])),
                CheckpointSection(kind: 16, body: []), CheckpointSection(kind: 17, body: [1, 2]),
            ])
        let bytes = checkpoint.encoded()
        #expect(try Checkpoint(decoding: bytes) == checkpoint)
        for size in 0..<bytes.count {
            #expect(throws: LogError.damaged(.checkpoint)) {
                try Checkpoint(decoding: Array(bytes[..<size]))
            }
        }
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x10
            #expect(throws: LogError.damaged(.checkpoint)) { try Checkpoint(decoding: other) }
        }
        let body = try #require(checkpoint.section(CheckpointSection.epochs))
        #expect(try EpochStart.decode(body) == [EpochStart(epoch: 2, position: 4_096)])
    }

    @Test("An index file finds what the index in memory finds", arguments: UInt64(1)...10)
    func indexes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let segment = Sample.segment(capacity: 16 << 20)
        var index = SegmentIndex(start: 0)
        var offsets = [Int](repeating: 0, count: 6)
        for number in 0..<random.number(in: 0...900) {
            let partition = random.number(in: 0...5)
            let head = EntryHead(
                type: 1, flags: 1,
                partition: PartitionID(topic: UInt32(partition / 2), partition: UInt32(partition)),
                baseOffset: offsets[partition], count: UInt32(random.number(in: 1...9)))
            offsets[partition] = head.endOffset + (random.oneIn(9) ? 50 : 0)
            index.note(
                EntryPlace(head: head, position: 4_096 + number * 100, size: 100), logTime: number)
        }
        let disk = SimulatedDisk(seed: seed)
        let bytes = IndexFormat.encode(index, of: segment, end: 1 << 20)
        try disk.makeFile("a", bytes)
        let reader = try IndexReader(try disk.open("a"), of: segment)
        #expect(reader.entryCount == index.entryCount)
        for _ in 0..<200 {
            let number = random.number(in: 0...6)
            let partition = PartitionID(topic: UInt32(number / 2), partition: UInt32(number))
            let offset = random.number(in: 0...1_500)
            let found = try reader.entry(of: partition, at: offset)
            #expect(found == index.entry(of: partition, at: offset))
            let linear = index.partitions[partition]?.first { $0.endOffset > offset }
            #expect(found == linear)
        }
        #expect(throws: LogError.foreign(.index)) {
            try IndexReader(try disk.open("a"), of: Sample.segment(start: 4_096))
        }
        var rotten = bytes
        rotten[random.number(in: 0...4_095)] ^= 4
        try disk.makeFile("b", rotten)
        #expect(throws: LogError.damaged(.index)) {
            try IndexReader(try disk.open("b"), of: segment)
        }
    }

    @Test(
        "Names of files say what is in them",
        arguments: [
            ("00000000000000004096.log", .segment(4_096)), ("00000000000000000000.idx", .index(0)),
            ("00000000000000000001.ckp", .checkpoint(1)),
            ("00000000000000000001.ckp.tmp", .unfinished),
            ("1.log", nil), ("0000000000000000000x.log", nil), ("cookie", nil), ("", nil),
            ("99999999999999999999.log", nil),
        ] as [(String, FileName?)])
    func names(_ text: String, _ name: FileName?) {
        #expect(FileName(text) == name)
    }
}
