package import CommitLog

/// What an operator has to hear of the keeper's work: each trouble once, and its end.
package enum KeeperNews: Equatable, Sendable {
    /// Files of a log cannot be made or removed; the keeper goes on trying.
    case troubled(LogName, LogError)
    /// All of that works again.
    case mended(LogName)
    /// The disk is fuller than it was, or less full.
    case disk(DiskLevel, usedPercent: Int)
}

/// Which work of the keeper fails, log by log.
///
/// A piece of work is tried again and again; only the first failure and the last are told.
package struct KeeperTroubles {
    private struct Trouble {
        var failing: Set<Chore.Kind> = []
        /// A full disk and a broken one are two troubles.
        var hasToldFull = false
        var hasToldBroken = false
    }

    private var troubles: [LogName: Trouble] = [:]

    package init() {}

    /// Notes what became of a chore.
    package mutating func note(
        _ kind: Chore.Kind, of log: LogName, _ error: LogError?
    ) -> KeeperNews? {
        guard let error else { return noteSuccess(kind, of: log) }
        var trouble = troubles[log] ?? Trouble()
        trouble.failing.insert(kind)
        let isTold = error == .noSpace ? trouble.hasToldFull : trouble.hasToldBroken
        if error == .noSpace { trouble.hasToldFull = true } else { trouble.hasToldBroken = true }
        troubles[log] = trouble
        return isTold ? nil : .troubled(log, error)
    }

    private mutating func noteSuccess(_ kind: Chore.Kind, of log: LogName) -> KeeperNews? {
        guard troubles[log]?.failing.remove(kind) != nil, troubles[log]?.failing.isEmpty == true
        else { return nil }
        troubles[log] = nil
        return .mended(log)
    }
}
