import Bytes
import Kernel
import Testing

/// A file of the repository.
func file(_ path: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try TextFile.read("/\(root)/\(path)", sizeMax: 1 << 20)
}

/// A page of docs/, as far as tests hold it against the code.
struct Page {
    private let lines: [Substring]

    init(_ name: String) throws {
        lines = String(decoding: try file("docs/\(name)"), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The cells of the table under the row that begins with `heading`.
    func table(_ heading: String) -> [[String]] {
        lines.drop { !$0.hasPrefix("| \(heading) |") }.dropFirst(2)
            .prefix { $0.hasPrefix("|") }
            .map { line in
                line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                    .map { String($0).trimmed }
            }
    }

    /// The bytes of the first block of hexadecimal digits under a line that has `heading` in it.
    func hex(under heading: String) throws -> [UInt8] {
        let block = lines.drop { !$0.contains(heading) }.drop { !$0.hasPrefix("    ") }
            .prefix { $0.hasPrefix("    ") }
        let digits = block.flatMap { $0.prefix { $0 != "|" }.utf8 }.compactMap(\.hexDigit)
        return stride(from: 0, to: digits.count - digits.count % 2, by: 2)
            .map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// A number with commas between its thousands.
    var number: Int? { Int(filter { $0 != "," }) }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
}
