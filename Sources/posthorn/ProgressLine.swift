import Kernel

/// One line on a person's terminal that changes in place; where nobody looks, nothing.
struct ProgressLine {
    /// Between two changes, in nanoseconds.
    private static let pause: UInt64 = 100_000_000

    private let isShown = StandardError.isTerminal
    private var nextChange: UInt64 = 0
    private var hasText = false

    mutating func show(_ text: () -> String) {
        guard isShown else { return }
        let now = BootClock.nanoseconds()
        guard now >= nextChange else { return }
        nextChange = now + Self.pause
        write("\r\u{1B}[K" + text())
        hasText = true
    }

    mutating func clear() {
        if hasText { write("\r\u{1B}[K") }
        hasText = false
    }

    private func write(_ text: String) {
        _ = StandardError.write([UInt8](text.utf8)[...], mayBlock: true)
    }
}
