import Bytes
import CommitLog
import Gateway
import Kernel
import Reactor
import Settings
import Storage
import Telemetry

/// The main thread of `posthorn serve`: it starts the loops, hears signals, and waits for the end.
struct Broker: ~Copyable {
    private static let reportTag: UInt64 = 0
    private static let signalTag: UInt64 = 1
    private static let keeperTag: UInt64 = 2
    static let mailMax = 1_024

    private var settings: ServeSettings
    private var source: SettingsSource
    private let descriptors: DescriptorPlan
    private let signals: Signals
    private var poller: Poller
    private let reports: Mailbox<GatewayReport>
    private let loops: [LoopHandle]
    private let shared: LoopShare
    private var log: Log
    private var drain: DrainSchedule?
    /// Loops whose threads are there, and those of them that may have clients.
    private var running: Set<Int> = []
    private var serving: Set<Int> = []
    /// Those that still read their logs.
    private var opening: Set<Int> = []
    private var listening = 0
    private var cut = 0
    private var exitCode = ExitCode.success

    init(
        _ settings: ServeSettings, source: SettingsSource, opening: StorageOpening<DiskPlace>,
        descriptors: DescriptorPlan, signals: consuming Signals, log: consuming Log
    ) throws(KernelError) {
        let reports = try Mailbox<GatewayReport>(limit: Self.mailMax)
        let poller = try Poller()
        try poller.add(signals, tag: Self.signalTag)
        try poller.add(reports.bell, tag: Self.reportTag)
        let keeperNews = try Mailbox<KeeperNews>(limit: Self.mailMax)
        try poller.add(keeperNews.bell, tag: Self.keeperTag)
        var loops: [LoopHandle] = []
        for _ in 0..<settings.loopCount { loops.append(try LoopHandle(mailMax: Self.mailMax)) }

        let switchboard = try Switchboard(
            loops: loops.count, shards: Int(opening.cookie.shardCount))
        self.settings = settings
        self.source = source
        self.signals = signals
        self.reports = reports
        self.poller = poller
        self.loops = loops
        self.descriptors = descriptors
        shared = LoopShare(
            reports: reports, keeperNews: keeperNews, metrics: loops.map(\.metrics),
            version: Version.number,
            logSettings: log.settings, opening: opening,
            switchboard: switchboard,
            hashKey: SipKey(opening.hashKey))
        self.log = log
    }

    /// Serves until a signal ends it or a loop fails.
    mutating func run() throws(KernelError) -> ExitCode {
        guard
            let address = SocketAddress(host: settings.listen.host, port: settings.listen.port)
        else { preconditionFailure("the settings hold a numeric address") }
        try Listener.checkIsFree(address)
        try startKeeper()
        // The first loop finds the port where any will do; the others share it.
        try start(0, on: address)
        while !running.isEmpty {
            log.flush(mayBlock: true)
            let count = try poller.wait(milliseconds: -1)
            for index in 0..<count {
                switch poller.readiness(at: index).tag {
                case Self.signalTag: while let signal = signals.next() { take(signal) }
                case Self.keeperTag:
                    for news in shared.keeperNews.drain() { news.write(to: &log) }
                default: for report in reports.drain() { try take(report) }
                }
            }
        }
        return conclude()
    }

    private func startKeeper() throws(KernelError) {
        let shared = shared
        try Thread.start("keeper") {
            do throws(KernelError) {
                let opening = shared.opening
                try Keeper.run(
                    opening.place, opening.settings.diskMarks, shared.switchboard
                ) { shared.tell($0) }
            } catch {
                shared.report(.failed(loop: -1, reason: error.description))
            }
        }
    }

    private mutating func start(_ index: Int, on address: SocketAddress) throws(KernelError) {
        let handle = loops[index]
        let settings = settings.gateway(descriptors)
        let shared = shared
        running.insert(index)
        serving.insert(index)
        opening.insert(index)
        try Thread.start("gateway-\(index)") {
            handle.run(index, on: address, settings, shared)
        }
    }

    // MARK: Reports

    private mutating func take(_ report: GatewayReport) throws(KernelError) {
        switch report {
        case .listening(let loop, let address):
            listening += 1
            opening.remove(loop)
            if drain != nil { return }
            if loop == 0 {
                for other in loops.indices.dropFirst() { try start(other, on: address) }
            }
            if listening == loops.count { becomeReady(at: address) }
        case .failed(let loop, let reason):
            log.error("loop_failed") { line in
                line.add("loop", loop)
                line.add("reason", reason)
            }
            lose(loop, .failure)
        case .damaged(let loop, let reason, let fix):
            log.error("data_damaged") { line in
                line.add("reason", reason)
                line.add("fix", fix)
            }
            lose(loop, .damage)
        case .diskFailed(_, let reason):
            log.error("disk_failed") { line in
                line.add("reason", reason)
                line.add("fix", "look after the disk; what was confirmed is safe; start again")
            }
            // The loop goes on until all clients have their answers.
            exitCode = .damage
            drainLoops(window: 0)
        case .served(let loop, let cut):
            self.cut += cut
            endServing(loop)
        case .ended(let loop): running.remove(loop)
        }
    }

    /// A thread is over before its time: the others end, too.
    private mutating func lose(_ loop: Int, _ code: ExitCode) {
        running.remove(loop)
        opening.remove(loop)
        exitCode = code
        drainLoops(window: 0)
        endServing(loop)
    }

    /// A loop's storage may be needed for as long as another loop has clients.
    private mutating func endServing(_ loop: Int) {
        serving.remove(loop)
        if serving.isEmpty { post(.end) }
    }

    private mutating func becomeReady(at address: SocketAddress) {
        shared.state.becomeReady()
        log.info("listening") { line in
            line.add("address", address.description)
            line.add("loops", loops.count)
            line.add("data", settings.data)
            line.add("version", Version.number)
            line.add("pid", Machine.processID())
        }
    }

    private mutating func conclude() -> ExitCode {
        if cut > 0 {
            log.warn("cut") { line in line.add("connections", cut) }
        }
        let isWhole = listening == loops.count
        log.info("stopped") { line in if !isWhole { line.add("during", "start") } }
        log.flush(mayBlock: true)
        return exitCode == .success && cut > 0 ? .failure : exitCode
    }

    // MARK: Signals

    private mutating func take(_ signal: Signal) {
        switch signal {
        case .hangup: reread()
        case .terminate: stop(window: settings.drainWindow.milliseconds)
        case .interrupt: stop(window: 0)
        }
    }

    /// The first request to stop drains; a second one, while that goes on, cuts.
    private mutating func stop(window: UInt64) {
        guard drain != nil else { return drainLoops(window: window) }
        log.info("cutting")
        let now = BootClock.nanoseconds() / 1_000_000
        post(.drain(DrainSchedule(closing: now, cutting: now)))
    }

    private mutating func drainLoops(window: UInt64) {
        shared.state.startDraining()
        let now = BootClock.nanoseconds() / 1_000_000
        let schedule = DrainSchedule(
            closing: now + window, cutting: now + settings.drainTimeout.milliseconds)
        drain = schedule
        log.info("draining") { line in line.add("window_ms", window) }
        post(.drain(schedule))
        leaveOpening()
    }

    /// Waits no longer for loops that have no client yet: a start may be broken off anywhere.
    private mutating func leaveOpening() {
        running.subtract(opening)
        for loop in opening { endServing(loop) }
        opening = []
    }

    private mutating func reread() {
        do throws(SettingsError) {
            let fresh = try ServeSettings(source.read())
            let (settings, needRestart) = try settings.reread(from: fresh)
            self.settings = settings
            log.settings.level = settings.level
            post(.change(settings.gateway(descriptors)))
            log.info("settings_reread") { line in
                if !needRestart.isEmpty {
                    line.add("need_restart", needRestart.joined(separator: ","))
                }
            }
        } catch {
            log.error("settings_kept") { line in line.add("reason", error.message) }
        }
    }

    private mutating func post(_ message: GatewayMessage) {
        for loop in loops {
            do throws(MailboxError) {
                try loop.mailbox.post(message)
            } catch {
                // Somebody sends signals faster than a loop turns: the next one may be heard.
                log.warn("signal_lost")
            }
        }
    }
}
