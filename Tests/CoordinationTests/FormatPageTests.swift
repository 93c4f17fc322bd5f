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
        let kinds = CoordinatorRecord.Kind.allCases
        #expect(rows.map { [$0[0], $0[1]] } == kinds.map { ["\($0.rawValue)", "\($0)"] })
    }

    @Test("lays out a topic")
    func topic() throws {
        let topic = CoordinatorRecordTests.topic()
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

    @Test("lays out a group")
    func group() throws {
        let group = CoordinatorRecordTests.group()
        var bytes: [UInt8] = []
        GroupBody.encode(group, into: &bytes)
        let values: [String: UInt64] = [
            "createdAt": UInt64(group.createdAt), "lease": 0x0708, "lifetime": 0x1516,
            "inFlightMax": .max, "inFlightPerConsumerMax": 0x1112, "rate": 0x1314,
            "attemptsMax": 0x090A, "ordering": 1, "onDead": 1, "expired": 1, "pauses": 2,
            "nameSize": 10, "filterSize": 5, "deadLetterTopicSize": 4, "attachments": 4,
        ]
        var end = 0
        for row in try Self.rows(below: "### A group") {
            guard row.count > 2, let place = Int(row[0]), let size = Int(row[1]) else { continue }
            #expect(place == end, "\(row[2]) leaves a gap")
            end = place + size
            let value = bytes[place..<end].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(value == values[row[2]], "\(row[2])")
        }
        #expect(end == GroupBody.fixedSize)
        func number(_ value: UInt8, _ high: UInt8 = 0, size: Int = 8) -> [UInt8] {
            [value, high] + [UInt8](repeating: 0, count: size - 2)
        }
        let texts = Array("billing.éa = 1dead".utf8)
        let pauses = number(0x0C, 0x0B) + number(0x0E, 0x0D)
        let start =
            [4] + number(9, size: 4) + number(4, size: 4) + number(2, size: 4)
            + number(0x22, 0x21) + number(0x24, 0x23)
        let since = number(0x1A, 0x19)
        let earliest = number(6, 5, size: 4) + since + [0]
        let latest = number(7, 5, size: 4) + since + [1]
        let time = number(8, 5, size: 4) + since + [2] + number(0x18, 0x17)
        let cursor =
            number(9, 5, size: 4) + since + [3] + number(6, 5, size: 4) + number(2, size: 4)
            + number(7) + number(8)
        let attachments = earliest + latest + time + cursor
        #expect(Array(bytes[end...]) == texts + pauses + start + attachments)
    }
}
