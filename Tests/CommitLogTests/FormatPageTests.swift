import Bytes
import Kernel
import Testing

@testable import CommitLog

/// Reads docs/log-format.md, and holds what it says against the bytes that the code writes.
@Suite("docs/log-format.md")
struct FormatPageTests {
    struct Row {
        let place: Int
        let size: Int
        let field: String
    }

    /// The cells of the rows of every table below the heading `title`.
    static func table(_ title: String) throws -> [[String]] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try TextFile.read("/\(root)/docs/log-format.md", sizeMax: 1 << 20)
        let lines = String(decoding: page, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(
            lines.firstIndex { $0.hasPrefix("#") && $0.hasSuffix(" " + title) })
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return section.filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }

    static func layout(_ title: String) throws -> [Row] {
        try table(title).compactMap { cells in
            guard cells.count >= 3, let place = Int(cells[0]), let size = Int(cells[1]) else {
                return nil
            }
            return Row(place: place, size: size, field: cells[2])
        }
    }

    /// Holds every row against `bytes`; fields of one name are all zero.
    func hold(_ rows: ArraySlice<Row>, _ bytes: [UInt8], _ values: [String: UInt64]) {
        var end = 0
        for row in rows {
            #expect(row.place == end, "\(row.field) leaves a gap")
            end = row.place + row.size
            guard row.field != "magic" else { continue }
            var value: UInt64 = 0
            for index in 0..<min(row.size, 8) {
                value |= UInt64(bytes[row.place + index]) << UInt64(index * 8)
            }
            if row.field == "zero" {
                #expect(bytes[row.place..<end].allSatisfy { $0 == 0 })
            } else {
                #expect(values[row.field] == value, "\(row.field)")
            }
        }
    }

    @Test("has the numbers of the code")
    func numbers() throws {
        let code = [
            "blockSize": LogFormat.blockSize, "frameHeaderSize": LogFormat.frameHeaderSize,
            "segmentHeaderSize": LogFormat.segmentHeaderSize,
            "segmentHeaderCopyPlace": LogFormat.segmentHeaderCopyPlace,
            "entryHeadSize": LogFormat.entryHeadSize, "payloadSizeMax": LogFormat.payloadSizeMax,
            "roundSizeTarget": LogFormat.roundSizeTarget,
            "roundEntriesMax": LogFormat.roundEntriesMax,
            "waitingSizeMax": LogFormat.waitingSizeMax,
            "segmentCapacityMax": LogFormat.segmentCapacityMax,
            "indexEntrySize": LogFormat.indexEntrySize,
            "indexEntriesPerBlock": LogFormat.indexEntriesPerBlock,
            "fenceSize": LogFormat.fenceSize, "fencesPerBlock": LogFormat.fencesPerBlock,
            "archiveHeaderSize": LogFormat.archiveHeaderSize,
            "archiveHeaderPlace": LogFormat.archiveHeaderPlace,
            "extentSize": LogFormat.extentSize, "extentsPerBlock": LogFormat.extentsPerBlock,
            "archiveFencesPerBlock": LogFormat.archiveFencesPerBlock,
            "cookieSize": LogFormat.cookieSize,
            "checkpointHeaderSize": LogFormat.checkpointHeaderSize,
            "sectionHeaderSize": LogFormat.sectionHeaderSize, "sectionsMax": LogFormat.sectionsMax,
            "checkpointsKept": LogFormat.checkpointsKept,
            "formatVersion": Int(LogFormat.formatVersion),
        ]
        let page = try Self.table("Numbers").filter { Int($0[1]) != nil }
        let said = page.map { ($0[0], Int($0[1]) ?? -1) }
        #expect(Dictionary(uniqueKeysWithValues: said) == code)
    }

    @Test("lays out a frame's header and its kinds")
    func frames() throws {
        var bytes = [UInt8](repeating: 0, count: 64)
        var header = Sample.header
        header.encode(into: &bytes)
        let rows = try Self.layout("Frames")
        hold(
            rows[...], bytes,
            [
                "version": 1, "kind": 1, "headerSize": 64, "frameSize": 8_192, "payloadSize": 5_000,
                "position": 0x1_0000_2000, "epoch": 9, "entryCount": 17,
                "committed": 0x1_0000_1000, "logTime": 0x0102_0304_0506, "previousCRC": 0xAABB_CCDD,
                "salt": 0x1122_3344, "payloadCRC": 0x5566_7788,
                "headerCRC": UInt64(header.headerCRC),
            ])
        #expect(rows.last?.place == 60)
        let kinds = try Self.table("Frames").filter { Int($0[0]) != nil && Int($0[1]) == nil }
        #expect(
            kinds.map { [$0[0], $0[1]] } == FrameKind.allCases.map { ["\($0.rawValue)", "\($0)"] })
    }

    @Test("lays out a segment's header, twice")
    func segments() throws {
        let block = Sample.segment(start: 1 << 20).encoded()
        let copy = Array(block[2_048..<2_176])
        #expect(Array(block[..<128]) == copy)
        let rows = try Self.layout("Segments")
        hold(
            rows[...], copy,
            [
                "version": 1, "shard": 2, "start": 1 << 20, "capacity": 32 << 10,
                "salt": 0xC0FF_EF00, "epoch": 1, "createdTime": 1_000,
                "cluster": Sample.cluster.high, "headerCRC": UInt64(crc(copy[..<124])),
            ])
        #expect(rows.last?.place == 124)
    }

    @Test("lays out the head of an entry")
    func entries() throws {
        var bytes: [UInt8] = []
        let head = EntryHead(
            type: 9, flags: 3, partition: Sample.orders, baseOffset: 0x0102_0304_0506, count: 77)
        head.encode(size: 40, into: &bytes)
        let rows = try Self.layout("Entries")
        hold(
            rows[...], bytes,
            [
                "size": 40, "type": 9, "flags": 3, "topic": 3, "partition": 1,
                "baseOffset": 0x0102_0304_0506, "count": 77,
            ])
        #expect(bytes.count == LogFormat.entryHeadSize)
    }

    @Test("lays out the cookie")
    func cookie() throws {
        let cookie = Cookie(
            shardCount: 4, cluster: Sample.cluster, node: Identity(high: 5, low: 6),
            incarnation: 7, createdTime: 8)
        let bytes = cookie.encoded()
        hold(
            try Self.layout("Cookie")[...], bytes,
            [
                "version": 1, "shardCount": 4, "cluster": Sample.cluster.high, "node": 5,
                "incarnation": 7, "createdTime": 8, "headerCRC": UInt64(crc(bytes[..<124])),
            ])
        #expect(try Cookie(decoding: bytes) == cookie)
    }

    @Test("lays out an index file")
    func indexes() throws {
        var index = SegmentIndex(start: 1 << 20)
        let head = Sample.head(offset: 55, count: 4)
        index.note(
            EntryPlace(head: head, position: 1 << 20 | 4_160, size: 99), logTime: 1_234)
        let file = IndexFormat.encode(
            index, of: Sample.segment(start: 1 << 20), end: 1 << 20 | 8_192)
        let rows = try Self.layout("Index files")
        let second = try #require(rows.lastIndex { $0.place == 0 })
        hold(
            rows[..<second], file,
            [
                "version": 1, "salt": 0xC0FF_EF00, "start": 1 << 20, "end": 1 << 20 | 8_192,
                "entryCount": 1, "entryBlocks": 1, "fenceBlocks": 1,
            ])
        let entry = Array(file[4_096..<4_136])
        hold(
            rows[second...], entry,
            [
                "topic": 3, "partition": 1, "baseOffset": 55, "maxTime": 1_234, "place": 4_160,
                "size": 99, "count": 4, "flags": 1,
            ])
        #expect(Array(file[8_192..<8_208]) == Array(entry[..<16]))
        #expect(file.count == 3 * 4_096)
    }

    @Test("lays out an archive")
    func archives() throws {
        let segment = Sample.segment(start: 1 << 20)
        let run = PartitionRun(firstOffset: 55, endOffset: 59, bytes: 99, maxTime: 1_234)
        let summary = SegmentSummary(
            start: 1 << 20, capacity: segment.capacity, end: 1 << 20 | 8_192,
            runs: [Sample.orders: run])
        let extent = ArchiveExtent(
            place: 4_160, size: 99, dataPlace: 0, crc: 0xAABB_CCDD, logTime: 1_234)
        let (_, bytes) = ArchiveFormat.encode([extent], summary, of: segment, dataSize: 99)
        #expect(Array(bytes[..<128]) == Array(segment.encoded()[..<128]))
        let copy = Array(bytes[2_560..<2_624])
        #expect(Array(bytes[512..<576]) == copy)
        let said = SegmentSummary.encode([summary])
        let rows = try Self.layout("Archives")
        let second = try #require(rows.lastIndex { $0.place == 0 })
        hold(
            rows[..<second], copy,
            [
                "version": 1, "salt": 0xC0FF_EF00, "start": 1 << 20, "end": 1 << 20 | 8_192,
                "extentCount": 1, "summarySize": UInt64(said.count),
                "summaryCRC": UInt64(crc(said[...])), "dataSize": 99,
                "headerCRC": UInt64(crc(copy[..<60])),
            ])
        hold(
            rows[second...], Array(bytes[4_096..<4_120]),
            [
                "place": 4_160, "size": 99, "dataPlace": 0, "crc": 0xAABB_CCDD, "logTime": 1_234,
            ])
        #expect(Array(bytes[8_192..<8_196]) == Array(bytes[4_096..<4_100]))
        #expect(Array(bytes[12_288..<12_288 + said.count]) == said)
        #expect(bytes.count == 4 * 4_096)
    }

    @Test("lays out a checkpoint and its sections")
    func checkpoints() throws {
        let section = CheckpointSection(kind: 16, body: Sample.body(10))
        let bytes = Checkpoint(
            shard: 2, position: 8_192, logTime: 77, epoch: 3, previousCRC: 4, sections: [section]
        ).encoded()
        let rows = try Self.layout("Checkpoints")
        let second = try #require(rows.lastIndex { $0.place == 0 })
        hold(
            rows[..<second], bytes,
            [
                "version": 1, "shard": 2, "position": 8_192, "logTime": 77, "epoch": 3,
                "previousCRC": 4, "fileSize": 98, "sectionCount": 1,
                "headerCRC": UInt64(crc(bytes[..<60])),
            ])
        hold(
            rows[second...], Array(bytes[64...]),
            [
                "kind": 16, "size": 10, "bodyCRC": UInt64(crc(section.body[...])),
                "headerCRC": UInt64(crc(bytes[64..<84])),
            ])
    }

    private func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 { CRC32C.of(Array(bytes).span) }
}
