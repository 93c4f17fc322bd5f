// Durations as people write them: `250ms`, `20s`, `5m`, `2h`, `7d`; a bare number is seconds.
// The same words are used on the command line, in the settings file and in the HTTP API.

/// The units, from the largest; each is a whole number of the next.
private let units: [(name: String, milliseconds: UInt64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
]

extension Duration {
    /// Reads a duration, or returns nil if `text` is none or longer than 292 million years.
    package init?(human text: Span<UInt8>) {
        guard let number = HumanNumber(text) else { return nil }
        let scale: UInt64
        if number.unit.isEmpty {
            scale = 1_000
        } else {
            let name = number.unit.map { text[$0] }
            guard let unit = units.first(where: { $0.name.utf8.elementsEqual(name) }) else {
                return nil
            }
            scale = unit.milliseconds
        }
        let (milliseconds, hasWrapped) = number.value.multipliedReportingOverflow(by: scale)
        guard !hasWrapped, let milliseconds = Int64(exactly: milliseconds) else { return nil }
        self = .milliseconds(milliseconds)
    }

    package init?(human text: String) { self.init(human: text.utf8.span) }

    /// The shortest text that reads back as the same number of milliseconds.
    package var human: String {
        let total = milliseconds
        if total == 0 { return "0s" }
        for unit in units where total % unit.milliseconds == 0 {
            return "\(total / unit.milliseconds)\(unit.name)"
        }
        preconditionFailure("every number is a multiple of 1 ms")
    }

    /// Whole milliseconds, with nothing below zero and no trap at the top.
    package var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        let (whole, hasWrapped) = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        return hasWrapped ? .max : whole &+ UInt64(attoseconds / 1_000_000_000_000_000)
    }

    /// Whole nanoseconds, with nothing below zero and no trap at the top.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        let (whole, hasWrapped) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return hasWrapped ? .max : whole &+ UInt64(attoseconds / 1_000_000_000)
    }
}
