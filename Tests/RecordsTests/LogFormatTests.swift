import Bytes
import Testing

@testable import Records

/// docs/log-format.md says what the code does.
@Suite("The page about the batch")
struct LogFormatTests {
    let page: Page

    init() throws { page = try Page("log-format.md") }

    @Test("Fields of the header")
    func header() {
        typealias Place = BatchHeader.Place
        let places = [
            ("size", Place.size), ("kind", Place.kind), ("version", Place.version),
            ("reserved", Place.reserved), ("topicID", Place.topicID),
            ("partition", Place.partition), ("baseOffset", Place.baseOffset),
            ("logTime", Place.logTime), ("checksum", Place.checksum),
            ("attributes", Place.attributes), ("producerEpoch", Place.producerEpoch),
            ("producerID", Place.producerID), ("baseTime", Place.baseTime),
            ("baseSequence", Place.baseSequence), ("count", Place.count),
            ("directorySize", Place.directorySize), ("rawSize", Place.rawSize),
            ("storedSize", Place.storedSize),
        ]
        let rows = page.table("at")
        #expect(rows.map { "\($0[2]) \($0[0])" } == places.map { "\($0.0) \($0.1)" })
        var end = 0
        for row in rows {
            #expect(row[0].number == end, "\(row[2]) follows the field before it")
            end += row[1].number ?? 0
        }
        #expect(end == BatchHeader.size)
        #expect(rows[1][3].hasPrefix("\(BatchHeader.kind),"))
        #expect(rows[2][3] == "\(BatchHeader.version)")
    }

    @Test("Bits of the attributes")
    func attributes() {
        let names: [(String, BatchAttributes)] = [
            ("transactional", .transactional), ("delayed", .delayed), ("sequenced", .sequenced),
            ("keys", .keys), ("attributeMasks", .attributeMasks), ("idempotency", .idempotency),
            ("ttl", .ttl), ("delay", .delay),
        ]
        let rows = page.table("bits of attributes").filter { $0[1] != "" }
        #expect(rows[0][0] == "0 to 3" && rows[0][1] == "codec")
        for codec in Codec.allCases { #expect(rows[0][2].contains("\(codec.rawValue): \(codec)")) }
        let bits = names.map { "\($0.1.rawValue.trailingZeroBitCount) \($0.0)" }
        #expect(rows.dropFirst().map { "\($0[0]) \($0[1])" } == bits)
    }

    @Test("Columns of the directory, and their bits")
    func directory() throws {
        typealias Layout = DirectoryLayout
        let widths = [
            ("size", Layout.sizeWidth), ("flags", Layout.flagsWidth), ("key", Layout.keyWidth),
            ("attributeMask", Layout.attributeMaskWidth),
            ("idempotencyHash", Layout.idempotencyHashWidth),
            ("fingerprint", Layout.fingerprintWidth), ("ttl", Layout.ttlWidth),
            ("delay", Layout.delayWidth),
        ]
        let rows = page.table("column")
        #expect(rows.map { "\($0[0]) \($0[1])" } == widths.map { "\($0.0) \($0.1)" })
        let all = BatchAttributes([.keys, .attributeMasks, .idempotency, .ttl, .delay])
        let layout = Layout(count: 10, columns: all)
        let starts = [
            0, layout.flags, layout.keys, layout.attributeMasks, layout.idempotencyHashes,
            layout.fingerprints, layout.ttls, layout.delays, layout.size,
        ]
        var end = 0
        for (start, width) in zip(starts, widths.map(\.1) + [0]) {
            #expect(start == end)
            end += 10 * width
        }
        let names: [(String, RecordFlags)] = [
            ("hasKey", .hasKey), ("hasAttributes", .hasAttributes),
            ("hasIdempotency", .hasIdempotency), ("hasTTL", .hasTTL), ("hasDelay", .hasDelay),
            ("delayIsDate", .delayIsDate),
        ]
        for (row, name) in zip(page.table("bit of flags"), names) {
            #expect(row[0].number == name.1.rawValue.trailingZeroBitCount)
            #expect(row[1].hasPrefix(name.0))
        }
    }

    @Test("Limits")
    func limits() {
        let limits = [
            ("recordCountMax", RecordLimits.recordCountMax),
            ("rawSizeMax", RecordLimits.rawSizeMax), ("bodySizeMax", RecordLimits.bodySizeMax),
            ("recordSizeMax", RecordLimits.recordSizeMax), ("keySizeMax", RecordLimits.keySizeMax),
            ("contentTypeSizeMax", RecordLimits.contentTypeSizeMax),
            ("attributeCountMax", RecordLimits.attributeCountMax),
            ("attributeNameSizeMax", RecordLimits.attributeNameSizeMax),
            ("attributesSizeMax", RecordLimits.attributesSizeMax),
        ]
        let rows = page.table("limit").map { "\($0[0]) \($0[1].number ?? -1)" }
        #expect(rows == limits.map { "\($0.0) \($0.1)" })
    }

    @Test("The example is what is encoded, and is read")
    func example() throws {
        var first = RecordDraft(time: 1_700_000_000_000, body: Array("hello".utf8)[...])
        first.key = Array("k1".utf8)[...]
        var second = RecordDraft(time: 1_700_000_000_001, body: Array("{}".utf8)[...])
        second.contentType = Array("application/json".utf8)[...]
        second.attributes = [
            RecordAttribute(name: Array("a".utf8)[...], value: Array("b".utf8)[...])
        ]
        let batch = try encode([first, second], .none)
        #expect(try page.hex(under: "### An example") == batch, "\(hex(batch))")
    }
}
