// A start, first part: whose data it is, the first files of new logs, and the coordinator. The shards
// are opened by the threads that own them.

package import CommitLog
package import Coordination
import Kernel
package import Wire

/// What storage is started with.
package struct StorageSettings: Sendable {
    package static let shardsMax = 1_024
    package static let shardsDefault = 2

    /// 0 is as many as the data has, or `shardsDefault` where there is none yet.
    package var shards: Int
    package var topics: TopicRules
    package var shardLimits = ShardLimits()
    package var coordinatorLimits = CoordinatorLimits()
    package var diskMarks = DiskMarks()
    package var flushes = FlushPlace.inline
    /// What a start believes unseen: nothing, but in tests of the tests.
    package var frameChecks = FrameChecks.all

    package init(shards: Int, topics: TopicRules) {
        precondition(shards >= 0 && shards <= Self.shardsMax, "the settings have a range")
        self.shards = shards
        self.topics = topics
    }
}

/// What a start found in a log.
package struct LogFinding: Sendable {
    package let log: LogName
    package let report: RecoveryReport
    package let nanoseconds: UInt64
}

package struct StorageOpening<Place: LogPlace>: Sendable {
    package let place: Place
    package var settings: StorageSettings
    package let cookie: Cookie
    /// With everything safe that it has.
    package let coordinator: CoordinatorLog
    package let finding: LogFinding
    /// With it Idempotency-Keys are hashed.
    ///
    /// Where it is lost, another one serves until the next start: what was published before is then
    /// not known again.
    package let hashKey: HashKey

    package init(
        _ place: Place, _ settings: StorageSettings,
        random: inout some RandomNumberGenerator, at moment: Moment
    ) throws(StorageFault) {
        self.place = place
        self.settings = settings
        let start = DataStart(place, settings, moment)
        cookie = try start.cookie(&random)
        let began = BootClock.nanoseconds()
        let opened = try start.coordinator(of: cookie, &random)
        coordinator = opened.log
        hashKey = opened.log.hashKey ?? HashKey(high: random.next(), low: random.next())
        finding = LogFinding(
            log: .coordinator, report: opened.report,
            nanoseconds: BootClock.nanoseconds() - began)
    }

    /// All topics there are, in the order of their ids.
    package var topics: [Topic] {
        coordinator.state.table.topics.values.sorted { $0.id < $1.id }
    }

    /// All topics and groups, and the secrets of receipts, as if they came now.
    var news: [CoordinatorNews] {
        let groups = coordinator.state.groups.groups.values.sorted { $0.id < $1.id }
        return topics.map { .topic(.put($0)) } + groups.map { .group(.put($0)) }
            + [.secrets(coordinator.state.secrets)]
    }
}

extension StorageOpening {
    /// Opens what `loop` owns, in the thread of the loop.
    package func storage(
        of loop: Int, _ switchboard: Switchboard, at moment: Moment
    ) throws(StorageFault) -> (storage: LocalStorage<Place>, findings: [LogFinding]) {
        var random = SystemRandomNumberGenerator()
        let place = place
        return try storage(of: loop, switchboard, random: &random, at: moment) {
            log, rounds in
            Flusher.start(of: log, in: place, rounds, for: loop, switchboard)
        }
    }

    /// The same, with what is random given, and flushers.
    package func storage(
        of loop: Int, _ switchboard: Switchboard, random: inout some RandomNumberGenerator,
        at moment: Moment, startFlusher: @escaping FlusherStart
    ) throws(StorageFault) -> (storage: LocalStorage<Place>, findings: [LogFinding]) {
        precondition(switchboard.shardCount == Int(cookie.shardCount), "the same shards")
        var shards: [UInt16: LocalStorage<Place>.OwnShard] = [:]
        var findings: [LogFinding] = []
        for number in switchboard.shards(of: loop) {
            let began = BootClock.nanoseconds()
            let (shard, report) = try open(number, seed: random.next(), at: moment)
            shards[number] = shard
            findings.append(
                LogFinding(
                    log: .shard(number), report: report,
                    nanoseconds: BootClock.nanoseconds() - began))
        }
        var own: Driven<CoordinatorLog, Place.Directory>?
        if loop == Switchboard.coordinatorLoop {
            let directory = try checked(.coordinator) { () throws(LogError) in
                try place.directory(of: .coordinator)
            }
            let driver = LogDriver(.coordinator, in: directory, flushes: settings.flushes)
            own = Driven(coordinator, driver)
            findings.insert(finding, at: 0)
        }
        let storage = LocalStorage<Place>(
            loop: loop, in: place, switchboard, shards: shards, coordinator: own, news: news,
            startFlusher: startFlusher)
        return (storage, findings)
    }

    private func open(
        _ number: UInt16, seed: UInt64, at moment: Moment
    ) throws(StorageFault) -> (LocalStorage<Place>.OwnShard, RecoveryReport) {
        return try checked(.shard(number)) { () throws(LogError) in
            let directory = try place.directory(of: .shard(number))
            let opened = try Shard.open(
                directory, number: number, cluster: cookie.cluster, limits: settings.shardLimits,
                seed: seed, at: moment, checks: settings.frameChecks)
            let driver = LogDriver(.shard(number), in: directory, flushes: settings.flushes)
            return (Driven(opened.shard, driver), opened.report)
        }
    }
}

/// Names the log that an error is of.
func checked<Result>(
    _ log: LogName, _ body: () throws(LogError) -> Result
) throws(StorageFault) -> Result {
    do throws(LogError) {
        return try body()
    } catch {
        throw .log(log, error)
    }
}
