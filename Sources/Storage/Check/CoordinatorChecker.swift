package import CommitLog
import Coordination
import Wire

/// What a check of the coordinator's log found.
package struct CoordinatorCheckReport: Sendable {
    package var log: CheckReport
    package var entries: [EntryProblem] = []
    package var topics = 0
    package var groups = 0
    /// Nothing where what is lost may have held topics.
    var table: TopicTable?

    package var isWhole: Bool { entries.isEmpty && !log.problems.contains(where: \.isDamage) }
}

/// Proves the coordinator's log, and that its checkpoints say what its entries come to.
package struct CoordinatorChecker<Directory: LogDirectory> {
    private var log: LogChecker<Directory>
    private let cluster: Identity
    private var state: CoordinatorState?
    private var ahead: ArraySlice<Checkpoint>
    private var problems: [EntryProblem] = []

    package init(_ directory: Directory, cluster: Identity) throws(LogError) {
        let log = try LogChecker(directory, shard: CoordinatorLog.shard, cluster: cluster)
        ahead = log.checkpoints[...]
        self.cluster = cluster
        self.log = log
    }

    package var progress: (position: Int, limit: Int) { log.progress }

    /// Reads one frame further; false at the end.
    package mutating func next() throws(LogError) -> Bool {
        switch try log.next() {
        case .frame(let frame):
            compare(upTo: frame.header.position)
            take(frame)
            compare(upTo: frame.header.end)
        case .lost: state = nil
        case .end: return false
        }
        return true
    }

    package mutating func finish() throws(LogError) -> CoordinatorCheckReport {
        while try next() {}
        compare(upTo: .max)
        var report = CoordinatorCheckReport(log: log.report, entries: problems)
        report.topics = state?.table.topics.count ?? 0
        report.groups = state?.groups.groups.count ?? 0
        report.table = state?.table
        return report
    }

    private mutating func take(_ frame: FoundFrame) {
        // The first frame of all: nothing came before it.
        if frame.header.previousCRC == 0 { state = CoordinatorState() }
        for entry in frame.entries {
            do throws(LogError) {
                let body = Array(frame.body(of: entry))
                let record = try CoordinatorRecord(entry.head, body: body.span)
                guard record.head == entry.head, isOurs(record), fits(record) else {
                    throw .damaged(.frame)
                }
                state?.apply(record)
            } catch {
                note(.entry(position: entry.position))
            }
        }
    }

    private func isOurs(_ record: CoordinatorRecord) -> Bool {
        guard case .identity(let identity) = record else { return true }
        return identity.cluster == cluster && state?.identity == nil
    }

    /// Whether a group works only on topics that there are, and is no other than it was.
    private func fits(_ record: CoordinatorRecord) -> Bool {
        guard case .group(let group) = record, let state else { return true }
        let known = state.groups.groups[group.name]
        let isNext = group.id == state.groups.nextID
        return (known.map { $0.id == group.id } ?? isNext)
            && group.attachments.allSatisfy { state.table.has($0.topic) }
    }

    private mutating func compare(upTo position: Int) {
        while let next = ahead.first, next.position <= position {
            ahead.removeFirst()
            let said = decode(next)
            if said == nil || state != nil && state != said {
                note(.state(checkpoint: next.position))
            }
            state = said ?? state
        }
    }

    private func decode(_ checkpoint: Checkpoint) -> CoordinatorState? {
        do throws(LogError) { return try CoordinatorState(checkpoint) } catch { return nil }
    }

    private mutating func note(_ problem: EntryProblem) {
        if problems.count < CheckReport.problemsMax { problems.append(problem) }
    }
}
