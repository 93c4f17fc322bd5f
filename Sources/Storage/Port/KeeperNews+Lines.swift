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
