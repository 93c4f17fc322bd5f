import CommitLog
package import Telemetry

extension LogFinding {
    /// Tells an operator what the start found; damage loudly.
    package func write(to log: inout Log) {
        log.info("log_opened") { line in
            line.add("log", self.log.description)
            line.add("frames", report.frames)
            line.add("entries", report.entries)
            line.add("epoch", Int(report.end.epoch) + 1)
            line.add("end", report.end.position)
            line.add("torn_tail", report.isTorn)
            line.add("leftovers", report.leftovers.count)
            line.add("milliseconds", Int(nanoseconds / 1_000_000))
        }
        for position in report.damagedCheckpoints {
            log.warn("checkpoint_damaged") { line in
                line.add("log", self.log.description)
                line.add("position", position)
                line.add("effect", "the one before serves")
            }
        }
        for damage in report.damage {
            log.error("log_damaged") { line in
                line.add("log", self.log.description)
                line.add("from", damage.range.lowerBound)
                line.add("to", damage.range.upperBound)
                line.add("fault", "\(damage.fault)")
                line.add("effect", "what is whole is served, and nothing is written")
                line.add("fix", "put the data back from a backup")
            }
        }
    }
}
