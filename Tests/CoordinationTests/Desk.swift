import CommitLog
import Simulation
import Wire

@testable import Coordination

/// Drives a coordinator's log over a disk, as its loop and its keeper do.
final class Desk {
    static let cluster = Identity(high: 3, low: 4)

    let disk: SimulatedDisk
    private let limits: CoordinatorLimits
    var random: SeededRandom
    var boot = 5_000
    var log: CoordinatorLog
    var replies: [CoordinatorReply] = []
    var news: [CoordinatorNews] = []
    private var tickets: UInt64 = 0

    init(seed: UInt64 = 1, limits: CoordinatorLimits? = nil) throws {
        self.limits = limits ?? Self.limits
        disk = SimulatedDisk(seed: seed)
        random = SeededRandom(seed: seed &* 77)
        let start = Moment(wall: 1_000_000, boot: 0)
        try CoordinatorLog.prepare(
            disk, cluster: Self.cluster, limits: self.limits, at: start, random: &random)
        log = try Self.open(disk, self.limits, at: start, &random).log
    }

    private static var limits: CoordinatorLimits {
        var limits = CoordinatorLimits()
        limits.segmentCapacity = 64 << 10
        limits.log.payloadSizeMax = 32 << 10
        limits.log.roundSizeTarget = 16 << 10
        return limits
    }

    var now: Moment { Moment(wall: 1_000_000 + boot, boot: boot) }

    static func rules(topicsMax: Int = TopicRules.topicsMax) -> TopicRules {
        var rules = TopicRules(defaults: TopicDefaults(partitions: 4), shardCount: 3)
        rules.topicsMax = topicsMax
        return rules
    }

    private static func open(
        _ disk: SimulatedDisk, _ limits: CoordinatorLimits, at moment: Moment,
        _ random: inout SeededRandom
    ) throws(LogError) -> (log: CoordinatorLog, report: RecoveryReport) {
        try CoordinatorLog.open(
            disk, cluster: cluster, rules: rules(), limits: limits, at: moment,
            random: &random)
    }

    /// Starts again, from what the disk has.
    @discardableResult
    func restart() throws(LogError) -> RecoveryReport {
        let opened = try Self.open(disk, limits, at: now, &random)
        log = opened.log
        return opened.report
    }

    /// Makes a call, and returns its ticket.
    @discardableResult
    func call(_ call: CoordinatorCall) -> UInt64 {
        tickets += 1
        log.take(call, ticket: tickets, from: 0)
        return tickets
    }

    func put(_ name: String, _ change: (inout TopicChange) -> Void = { _ in }) -> UInt64 {
        var settings = TopicChange()
        change(&settings)
        return call(.put(name: name, settings))
    }

    /// Makes a call, does all that follows, and returns the answer.
    func ask(_ content: CoordinatorCall) throws(LogError) -> CoordinatorAnswer? {
        let ticket = call(content)
        try settle()
        return replies.last { $0.ticket == ticket }?.answer
    }

    /// One round, with its chores.
    @discardableResult
    func turn() throws(LogError) -> LogStep {
        boot += 1
        log.tick(at: now)
        let step = try log.nextWrite(at: now)
        if case .write(let write) = step {
            let file = try disk.open(FileName.segment(at: write.segment))
            try file.write(write.bytes, at: write.place)
            try file.flush()
            log.flushed(at: now)
        }
        try keep()
        replies += log.takeReplies()
        news += log.takeNews()
        return step
    }

    private func keep() throws(LogError) {
        for chore in log.takeChores() {
            let report = disk.perform(chore)
            // A keeper tries again; one whose power is gone is gone itself.
            if case .disk(let code) = report.error { throw .disk(code: code) }
            log.finished(report, at: now)
        }
    }

    func settle() throws(LogError) {
        var quiet = 0
        // A round may wait for the segment that its chore has just made.
        while quiet < 2 {
            if case .write = try turn() { quiet = 0 } else { quiet += 1 }
        }
    }
}
