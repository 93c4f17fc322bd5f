package import CommitLog
import Coordination
import Kernel
import Records
import Wire

/// Why a check cannot look at all.
package enum CheckFailure: Error, Equatable {
    /// There is no cookie and no log.
    case notData
    case disk(LogError)
    /// Something is whole, and of a later version.
    case newer

    package var reason: String {
        switch self {
        case .notData: "it has no cookie and no log, so it is not Posthorn's"
        case .disk(let error): "a file \(error.words)"
        case .newer: "a later version of Posthorn wrote it: check it with that one"
        }
    }
}

/// Proves a stopped data directory, log by log; it changes nothing.
///
/// Whoever calls it holds the lock of the directory.
package struct DataChecker<Place: LogPlace> {
    private let place: Place
    private var report = DataCheckReport()
    private var table: TopicTable?
    private var spreads = SpreadComparison()

    package init(_ place: Place) {
        self.place = place
    }

    /// `progress` gets to hear which log is read, and how far, frame by frame.
    package mutating func run(
        progress: (LogName, _ position: Int, _ limit: Int) -> Void
    ) throws(CheckFailure) -> DataCheckReport {
        let names = try looking { () throws(LogError) in try place.root().names() }
        let cookie = try readCookie(names)
        var shards = Self.shards(in: names)
        guard cookie != nil || !shards.isEmpty || names.contains(LogName.coordinator.description)
        else { throw .notData }
        if let cookie {
            shards = 0..<Int(min(cookie.shardCount, UInt32(StorageSettings.shardsMax)))
        }
        noteStrangers(names, shards)
        let logs = [LogName.coordinator] + shards.map { .shard(UInt16($0)) }
        var owner = cookie?.cluster
        if owner == nil { owner = try cluster(of: logs) }
        guard let owner else { return report }
        for log in logs { try check(log, owner, progress) }
        report.undecided = spreads.waitingCount
        let topics = table?.topics.values.map(\.id)
        for finding in spreads.findings(isServed: { topics?.contains($0) ?? false }) {
            report.note(finding)
        }
        return report
    }

    // MARK: Beside the logs

    private mutating func readCookie(_ names: [String]) throws(CheckFailure) -> Cookie? {
        guard names.contains(Cookie.name) else {
            report.note(CheckFinding(nil, "cookie", "the cookie is missing: whose data is it?"))
            return nil
        }
        do throws(LogError) {
            return try Cookie(decoding: try place.root().readFile(Cookie.name))
        } catch {
            if error.hidesAll { throw CheckFailure(error) }
            report.note(CheckFinding(nil, "cookie", "the cookie \(error.words)"))
            return nil
        }
    }

    private mutating func noteStrangers(_ names: [String], _ shards: Range<Int>) {
        let ours = [Cookie.name, "lock", LogName.coordinator.description]
        let logs = shards.map { LogName.shard(UInt16($0)).description }
        for name in names where !ours.contains(name) && !logs.contains(name) {
            let problem: CheckProblem =
                FileName(name) == .unfinished ? .unfinished(name) : .stranger(name)
            report.note(CheckFinding(problem, of: .coordinator).besideLogs)
        }
    }

    /// The shards that have a directory, where no cookie says how many there are.
    private static func shards(in names: [String]) -> Range<Int> {
        let known = 0..<StorageSettings.shardsMax
        let last = known.last { names.contains(LogName.shard(UInt16($0)).description) }
        return 0..<(last.map { $0 + 1 } ?? 0)
    }

    /// Whose data it is, by the first segment that says so.
    private func cluster(of logs: [LogName]) throws(CheckFailure) -> Identity? {
        for log in logs {
            guard let directory = try directory(of: log) else { continue }
            let found = try looking { () throws(LogError) -> Identity? in
                for name in try directory.names() {
                    guard case .segment = FileName(name) else { continue }
                    let file = try directory.open(name)
                    let block = try file.read(0..<min(LogFormat.blockSize, file.size))
                    if let header = SegmentHeader.found(in: block) { return header.cluster }
                }
                return nil
            }
            if let found { return found }
        }
        return nil
    }

    // MARK: Logs

    private mutating func check(
        _ log: LogName, _ cluster: Identity, _ progress: (LogName, Int, Int) -> Void
    ) throws(CheckFailure) {
        guard let directory = try directory(of: log) else { return noteLost(log) }
        do throws(LogError) {
            let hasSegment = try directory.names().contains { name in
                if case .segment = FileName(name) { true } else { false }
            }
            guard hasSegment else { return noteLost(log) }
            switch log {
            case .coordinator: try checkCoordinator(directory, cluster) { progress(log, $0, $1) }
            case .shard(let number):
                try checkShard(number, directory, cluster) { progress(log, $0, $1) }
            }
        } catch {
            if error.hidesAll { throw CheckFailure(error) }
            report.note(CheckFinding(error, of: log))
        }
    }

    private mutating func checkCoordinator(
        _ directory: Place.Directory, _ cluster: Identity, _ progress: (Int, Int) -> Void
    ) throws(LogError) {
        var checker = try CoordinatorChecker(directory, cluster: cluster)
        while try checker.next() { progress(checker.progress.position, checker.progress.limit) }
        let found = try checker.finish()
        table = found.table
        report.topics = found.topics
        report.groups = found.groups
        note(found.log, found.entries, found.entries.count, of: .coordinator)
    }

    private mutating func checkShard(
        _ number: UInt16, _ directory: Place.Directory, _ cluster: Identity,
        _ progress: (Int, Int) -> Void
    ) throws(LogError) {
        var checker = try ShardChecker(directory, number: number, cluster: cluster)
        while try checker.next() { progress(checker.progress.position, checker.progress.limit) }
        let found = try checker.finish()
        note(found.log, found.entries, found.entryProblemCount, of: .shard(number))
        spreads.add(found.spreads, of: number)
        guard let places = table?.places else { return }
        for partition in found.partitions where !places.allow(partition, in: number) {
            report.note(CheckFinding(.topic(partition), of: .shard(number)))
        }
    }

    private mutating func note(
        _ log: CheckReport, _ entries: [EntryProblem], _ entryProblemCount: Int, of name: LogName
    ) {
        report.logs.append(DataCheckReport.Log(name: name, report: log))
        for problem in log.problems { report.note(CheckFinding(problem, of: name)) }
        for problem in entries { report.note(CheckFinding(problem, of: name)) }
        report.problemCount += log.problemCount - log.problems.count
        report.problemCount += entryProblemCount - entries.count
        guard log.isTorn else { return }
        report.note(
            CheckFinding(
                name, "torn_tail", at: log.end, isDamage: false,
                "the last frame is not whole, as after a crash; a start cuts it off"))
    }

    private mutating func noteLost(_ log: LogName) {
        report.note(CheckFinding(log, "lost", "the log is missing: it has no segment"))
    }

    private func directory(of log: LogName) throws(CheckFailure) -> Place.Directory? {
        try looking { () throws(LogError) in try place.existingDirectory(of: log) }
    }

    private func looking<Result>(
        _ body: () throws(LogError) -> Result
    ) throws(CheckFailure) -> Result {
        do throws(LogError) { return try body() } catch { throw CheckFailure(error) }
    }
}

/// Which partitions there may be, and in which shard.
private struct TopicPlaces {
    let shards: [UInt32: [UInt16]]
    let nextID: UInt32

    /// A topic that was deleted may have something left that the shard has not given up yet.
    func allow(_ partition: PartitionID, in shard: UInt16) -> Bool {
        guard let own = shards[partition.topic] else { return partition.topic < nextID }
        return partition.partition < own.count && own[Int(partition.partition)] == shard
    }
}

extension TopicTable {
    fileprivate var places: TopicPlaces {
        var shards: [UInt32: [UInt16]] = [:]
        for topic in topics.values { shards[topic.id] = topic.shards }
        return TopicPlaces(shards: shards, nextID: nextID)
    }
}

extension CheckFinding {
    fileprivate var besideLogs: CheckFinding {
        CheckFinding(nil, kind, at: position, isDamage: isDamage, message)
    }
}

extension CheckFailure {
    fileprivate init(_ error: LogError) {
        if case .unsupported = error { self = .newer } else { self = .disk(error) }
    }
}

extension LogError {
    /// Whether it says nothing about the data, but about who looks.
    fileprivate var hidesAll: Bool {
        switch self {
        case .unsupported: true
        case .disk(let code): KernelError(call: "open", code: code).isDenied
        default: false
        }
    }
}

extension SegmentHeader {
    fileprivate static func found(in block: [UInt8]) -> SegmentHeader? {
        do throws(LogError) { return try SegmentHeader(decoding: block) } catch { return nil }
    }
}
