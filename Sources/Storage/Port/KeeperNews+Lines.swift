import CommitLog
package import Telemetry

extension KeeperNews {
    /// Tells an operator, and what can be done about it.
    package func write(to log: inout Log) {
        switch self {
        case .troubled(let name, let error):
            log.error(error == .noSpace ? "no_space" : "files_fail") { line in
                line.add("log", name.description)
                line.add("reason", "a file \(error.words)")
                line.add("fix", error.keeperFix)
            }
        case .mended(let name):
            log.info("files_made_again") { line in line.add("log", name.description) }
        case .disk(let level, let used): write(level, used, to: &log)
        }
    }

    private func write(_ level: DiskLevel, _ used: Int, to log: inout Log) {
        log.write(level.severity, "disk_\(level)") { line in
            line.add("used_percent", used)
            if let effect = level.effect {
                line.add("effect", effect)
                line.add("fix", "make room on the disk, delete topics, or shorten their retention")
            }
        }
    }
}

extension DiskLevel {
    fileprivate var severity: LogLevel {
        switch self {
        case .roomy: .info
        case .filling: .warn
        case .full, .scarce: .error
        }
    }

    fileprivate var effect: String? {
        switch self {
        case .roomy: nil
        case .filling: "what is dead goes sooner; publishes are refused when it gets fuller"
        case .full: "publishes are refused; reads, acks and deletes go on"
        case .scarce: "publishes are refused, and nothing is rewritten to make room"
        }
    }
}

extension LogError {
    fileprivate var keeperFix: String {
        self == .noSpace
            ? "make room on the disk, or delete topics; publishes go on by themselves"
            : "look after the disk, and at the system's own log; it is tried again"
    }
}
