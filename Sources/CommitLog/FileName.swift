/// The names of a shard's files: 20 digits of a position, and what is in it.
package enum FileName: Hashable, Sendable {
    case segment(Int)
    case index(Int)
    case checkpoint(Int)
    case archive(Int)
    case unfinished

    package init?(_ text: String) {
        if text.hasSuffix(".tmp") {
            self = .unfinished
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 20,
            parts[0].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let position = Int(parts[0])
        else { return nil }
        switch parts[1] {
        case "log": self = .segment(position)
        case "idx": self = .index(position)
        case "ckp": self = .checkpoint(position)
        case "arc": self = .archive(position)
        default: return nil
        }
    }

    package static func segment(at position: Int) -> String { digits(position) + ".log" }
    package static func index(at position: Int) -> String { digits(position) + ".idx" }
    package static func checkpoint(at position: Int) -> String { digits(position) + ".ckp" }

    package static func archive(at position: Int) -> String { digits(position) + ".arc" }

    private static func digits(_ position: Int) -> String {
        let text = String(position)
        return String(repeating: "0", count: 20 - text.utf8.count) + text
    }
}
