import Kernel
import Testing
import Wire

@testable import Coordination

/// docs/log-format.md says what the code does.
@Suite("The page about the coordinator's log")
struct FormatPageTests {
    private static func rows(below heading: String) throws -> [[String]] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try TextFile.read("/\(root)/docs/log-format.md", sizeMax: 1 << 20)
        let lines = String(decoding: page, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == heading })
        let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return section.filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
    }

    @Test("names the kinds of entries")
    func kinds() throws {
        let rows = try Self.rows(below: "## The coordinator's log").filter { Int($0[0]) != nil }
        let kinds = TopicRecord.Kind.allCases
        #expect(rows.map { [$0[0], $0[1]] } == kinds.map { ["\($0.rawValue)", "\($0)"] })
    }

    @Test("lays out a topic")
    func topic() throws {
        let topic = TopicRecordTests.topic()
        var bytes: [UInt8] = []
        TopicBody.encode(topic, into: &bytes)
        let values: [String: UInt64] = [
            "createdAt": UInt64(topic.createdAt), "retention": .max, "retentionBytes": 7,
            "backlogMax": 0x0E0F, "dedupWindow": 0x0C0D, "messageSizeMax": 0x0A0B,
            "durability": 1, "compression": 2, "partitions": 3, "nameSize": 9, "growths": 2,
        ]
        var end = 0
        for row in try Self.rows(below: "### A topic") {
            guard let place = Int(row[0]), let size = Int(row[1]) else { continue }
            #expect(place == end, "\(row[2]) leaves a gap")
            end = place + size
            let value = bytes[place..<end].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(value == values[row[2]], "\(row[2])")
        }
        #expect(end == TopicBody.fixedSize)
        let zeros = [UInt8](repeating: 0, count: 6)
        let growths: [UInt8] = [1, 0, 0x18, 0x17] + zeros + [2, 0, 0x1A, 0x19] + zeros
        let shards: [UInt8] = [2, 0, 0, 0, 1, 1]
        #expect(Array(bytes[end...]) == Array(topic.name.utf8) + shards + growths)
    }
}
