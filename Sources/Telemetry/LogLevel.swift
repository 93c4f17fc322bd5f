import Synchronization

/// How much a line matters; a level shows itself and everything before it.
package enum LogLevel: UInt8, CaseIterable, Comparable, Sendable {
    case error, warn, info, debug

    package var name: String {
        switch self {
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        }
    }

    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package static func < (one: LogLevel, other: LogLevel) -> Bool {
        one.rawValue < other.rawValue
    }
}

package enum LogFormat: Sendable { case logfmt, json }

/// What all threads' logs share: the format for good, and the level, which may change at any time.
package final class LogSettings: Sendable {
    package let format: LogFormat
    private let rawLevel: Atomic<UInt8>

    package init(format: LogFormat = .logfmt, level: LogLevel = .info) {
        self.format = format
        rawLevel = Atomic(level.rawValue)
    }

    package var level: LogLevel {
        get {
            guard let level = LogLevel(rawValue: rawLevel.load(ordering: .relaxed)) else {
                preconditionFailure("only levels are stored")
            }
            return level
        }
        set { rawLevel.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Whether a line of `level` is written at the moment.
    package func shows(_ level: LogLevel) -> Bool {
        level.rawValue <= rawLevel.load(ordering: .relaxed)
    }
}
