// Sizes in bytes as people write them: `512`, `64KiB`, `1MiB`, `10GiB`, and `kB`, `MB`, `GB` in
// powers of ten. A bare number is bytes.

/// A size in bytes that is written with a unit.
package enum HumanSize {
    private static let units: [(name: String, bytes: UInt64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]

    /// Reads a size, or returns nil if `text` is none or does not fit.
    package static func parse(_ text: Span<UInt8>) -> Int? {
        guard let number = HumanNumber(text) else { return nil }
        var scale: UInt64 = 1
        if !number.unit.isEmpty {
            let name = number.unit.map { text[$0] }
            guard let unit = units.first(where: { $0.name.utf8.elementsEqual(name) }) else {
                return nil
            }
            scale = unit.bytes
        }
        let (bytes, hasWrapped) = number.value.multipliedReportingOverflow(by: scale)
        return hasWrapped ? nil : Int(exactly: bytes)
    }

    package static func parse(_ text: String) -> Int? { parse(text.utf8.span) }

    /// The shortest binary text that reads back as `bytes`.
    package static func format(_ bytes: Int) -> String {
        precondition(bytes >= 0, "a size is not negative")
        let bytes = UInt64(bytes)
        for unit in units.prefix(4) where bytes >= unit.bytes && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.name)"
        }
        return "\(bytes)"
    }
}
