import Delivery
import Kernel
import Testing

@testable import Storage

/// docs/log-format.md names what the entries and checkpoints of a shard can have.
@Suite("What a shard's log has, in docs/log-format.md")
struct EntryPageTests {
    private static func rows() throws -> [(number: Int, text: String)] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try TextFile.read("/\(root)/docs/log-format.md", sizeMax: 1 << 20)
        return String(decoding: page, as: UTF8.self).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|")
            guard line.hasPrefix("| "), cells.count >= 2,
                let number = Int(cells[0].filter { $0 != " " })
            else { return nil }
            return (number, String(cells[1].drop { $0 == " " }))
        }
    }

    @Test("are all there, with their numbers", arguments: EntryType.allCases)
    func entries(type: EntryType) throws {
        #expect(
            try Self.rows().contains {
                $0.number == Int(type.rawValue) && $0.text.hasPrefix("\(type) ")
            })
    }

    @Test("have a section for groups")
    func sections() throws {
        #expect(
            try Self.rows().contains {
                $0.number == Int(StateSection.groups) && $0.text.hasPrefix("groups:")
            })
    }
}
