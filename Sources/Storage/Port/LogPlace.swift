package import CommitLog
package import Kernel

/// Which log of a data directory.
package enum LogName: Hashable, Sendable, CustomStringConvertible {
    case shard(UInt16)
    case coordinator

    /// Of its directory, as in docs/log-format.md.
    package var description: String {
        switch self {
        case .shard(let number): LogHome.name(ofShard: UInt32(number))
        case .coordinator: "coordinator"
        }
    }
}

/// Where the logs of a process stand, and what time it is there.
///
/// Each thread that works there opens its own directories.
package protocol LogPlace: Sendable {
    associatedtype Directory: LogDirectory

    /// What stands beside the logs, such as the cookie.
    func root() throws(LogError) -> Directory

    /// The directory of a log; where it is missing it is made.
    func directory(of log: LogName) throws(LogError) -> Directory

    /// The same for who only looks: nothing where it is missing.
    func existingDirectory(of log: LogName) throws(LogError) -> Directory?

    /// The same for who makes files in the background, and has time.
    func backgroundDirectory(of log: LogName) throws(LogError) -> Directory

    /// How much room there is.
    func space() throws(LogError) -> DiskSpace

    /// What the clocks say there.
    func moment() -> Moment
}

extension LogPlace {
    package func moment() -> Moment { Self.now() }

    /// By the clocks of this machine.
    package static func now() -> Moment {
        Moment(wall: Int(WallClock.now()), boot: Int(BootClock.nanoseconds() / 1_000_000))
    }
}

/// A data directory on the real disk.
package struct DiskPlace: LogPlace {
    /// Bytes a second at which segments are made ahead, so that flushes beside that stay quick.
    ///
    /// A log that fills one segment faster than that waits for the next.
    package static let zeroingRate = 256 << 20

    private let path: String
    private let isReadOnly: Bool

    /// `isReadOnly` is for who only looks, and may have no right to more.
    package init(_ path: String, isReadOnly: Bool = false) {
        self.path = path
        self.isReadOnly = isReadOnly
    }

    package func root() throws(LogError) -> StoredDirectory {
        try LogHome(path, isReadOnly: isReadOnly).files
    }

    package func space() throws(LogError) -> DiskSpace { try root().space() }

    package func directory(of log: LogName) throws(LogError) -> StoredDirectory {
        try LogHome(path).directory(named: log.description)
    }

    package func existingDirectory(of log: LogName) throws(LogError) -> StoredDirectory? {
        try LogHome(path, isReadOnly: isReadOnly).existingDirectory(named: log.description)
    }

    package func backgroundDirectory(of log: LogName) throws(LogError) -> StoredDirectory {
        let directory = try directory(of: log)
        directory.zeroingRate = Self.zeroingRate
        return directory
    }
}
