import CommitLog
import Coordination

/// Finds out whose data a directory has, and makes it where there is none.
///
/// The cookie is written last: with it every log has a segment, and one without has lost its data.
struct DataStart<Place: LogPlace> {
    private let place: Place
    private let settings: StorageSettings
    private let moment: Moment

    init(_ place: Place, _ settings: StorageSettings, _ moment: Moment) {
        self.place = place
        self.settings = settings
        self.moment = moment
    }

    func cookie(_ random: inout some RandomNumberGenerator) throws(StorageFault) -> Cookie {
        guard let found = try readCookie() else { return try makeData(&random) }
        let kept = Int(found.shardCount)
        let wanted = settings.shards == 0 ? kept : settings.shards
        guard wanted >= kept else { throw .fewerShards(asked: wanted, kept: kept) }
        for number in 0..<kept { try checkIsThere(.shard(UInt16(number))) }
        try checkIsThere(.coordinator)
        if wanted == kept { return found }
        for number in kept..<wanted { try make(UInt16(number), of: found, &random) }
        var cookie = found
        cookie.shardCount = UInt32(wanted)
        try write(cookie)
        return cookie
    }

    // MARK: The cookie

    private func readCookie() throws(StorageFault) -> Cookie? {
        do throws(LogError) {
            let root = try place.root()
            let names = try root.names()
            for name in names where FileName(name) == .unfinished { try root.remove(name) }
            guard names.contains(Cookie.name) else { return nil }
            let file = try root.open(Cookie.name)
            try file.flush()
            return try Cookie(decoding: try file.read(0..<file.size))
        } catch {
            throw .badCookie(error)
        }
    }

    private func write(_ cookie: Cookie) throws(StorageFault) {
        do throws(LogError) {
            try place.root().makeFile(Cookie.name, cookie.encoded())
        } catch {
            throw .directory(error)
        }
    }

    private func makeData(_ random: inout some RandomNumberGenerator) throws(StorageFault) -> Cookie
    {
        let count = settings.shards == 0 ? StorageSettings.shardsDefault : settings.shards
        let cookie = Cookie(
            shardCount: UInt32(count),
            cluster: Identity(high: random.next(), low: random.next()),
            node: Identity(high: random.next(), low: random.next()),
            incarnation: random.next(), createdTime: max(0, moment.wall))
        for number in 0..<count { try make(UInt16(number), of: cookie, &random) }
        try clear(.coordinator)
        try checked(.coordinator) { () throws(LogError) in
            try CoordinatorLog.prepare(
                place.directory(of: .coordinator), cluster: cookie.cluster,
                limits: settings.coordinatorLimits, at: moment, random: &random)
        }
        try write(cookie)
        return cookie
    }

    // MARK: Logs

    private func make(
        _ number: UInt16, of cookie: Cookie, _ random: inout some RandomNumberGenerator
    ) throws(StorageFault) {
        try clear(.shard(number))
        let seed: UInt64 = random.next()
        try checked(.shard(number)) { () throws(LogError) in
            try Shard.make(
                in: place.directory(of: .shard(number)), number: number, cluster: cookie.cluster,
                limits: settings.shardLimits, seed: seed, at: moment)
        }
    }

    /// Removes the empty first segment of a start that did not come to its end; anything else is
    /// somebody's.
    private func clear(_ log: LogName) throws(StorageFault) {
        let isOurs = try checked(log) { () throws(LogError) -> Bool in
            let directory = try place.directory(of: log)
            for name in try directory.names() {
                switch FileName(name) {
                case .unfinished: try directory.remove(name)
                case .segment(let start):
                    guard start == 0, try Self.isEmpty(directory.open(name)) else { return false }
                    try directory.remove(name)
                case .index, .checkpoint, .archive: return false
                case nil: continue
                }
            }
            try directory.synchronise()
            return true
        }
        if !isOurs { throw .stranger(log) }
    }

    /// Whether no frame was ever written behind the header.
    private static func isEmpty<File: LogFile>(_ file: File) throws(LogError) -> Bool {
        guard file.size >= LogFormat.blockSize else { return false }
        let first = LogFormat.blockSize..<min(2 * LogFormat.blockSize, file.size)
        return try file.read(first).allSatisfy { $0 == 0 }
    }

    private func checkIsThere(_ log: LogName) throws(StorageFault) {
        let names = try checked(log) { () throws(LogError) in
            try place.directory(of: log).names()
        }
        let hasSegment = names.contains { name in
            if case .segment = FileName(name) { true } else { false }
        }
        if !hasSegment { throw .lost(log) }
    }

    // MARK: The coordinator

    /// Opens the coordinator's log and brings its first rounds to the disk, so that the secret of the
    /// cluster is safe before anybody uses it.
    func coordinator(
        of cookie: Cookie, _ random: inout some RandomNumberGenerator
    ) throws(StorageFault) -> (log: CoordinatorLog, report: RecoveryReport) {
        try checked(.coordinator) { () throws(LogError) in
            let directory = try place.directory(of: .coordinator)
            var rules = settings.topics
            rules.shardCount = Int(cookie.shardCount)
            var (log, report) = try CoordinatorLog.open(
                directory, cluster: cookie.cluster, rules: rules,
                limits: settings.coordinatorLimits, at: moment, random: &random)
            var driver = LogDriver(.coordinator, in: directory, flushes: .inline)
            // A round may need the segment that a chore makes.
            for _ in 0..<4 {
                while case .flushed = try driver.pump(&log, clock: { moment }) {}
                for chore in log.takeChores() { log.finished(directory.perform(chore), at: moment) }
            }
            return (log, report)
        }
    }
}
