import CommitLog
import Coordination
import Gateway
import Kernel
import Records
import Storage
import Wire

/// The whole broker from one seed: clients, gateway loops, shards and the coordinator, with the bytes of
/// HTTP on one side and disks that lose, tear and fail on the other.
///
/// Loops take turns in any order and at any time, so what they send each other waits for as long as
/// mailboxes can let it wait. A process is killed, loses its power, or ends at a failed flush; then the
/// next one starts on what the disks have.
package final class BrokerWorld {
    /// What the seeds came across, so that a test sees that they come across everything.
    package struct Tally {
        package var confirmed = 0
        package var unknown = 0
        package var refused = 0
        package var shown = 0
        package var kills = 0
        package var powerCuts = 0
        package var failedFlushes = 0
        package var fullDisks = 0
        package var vanished = 0
        package var deletions = 0
        package var repeats = 0
        /// Batches over several shards that were decided about, and those that somebody gave up.
        package var decided = 0
        package var dropped = 0
        package var checks = 0
        package var turns = 0

        package init() {}
    }

    static let clientsMax = 6
    /// Longer than any delay, and than any request waits.
    static let outwaitMax = 26_000
    private static let restartsMax = 20

    let seed: UInt64
    let mistake: BrokerMistake?
    let dice: Dice
    let place: SimulatedPlace
    let state = ServerState()
    let model: BrokerModel
    var clients: [BrokerClient] = []
    var tally = Tally()
    var step = 0
    /// A disk was full in this life of the process: what it put off comes later.
    var wasFull = false
    /// A keeper may have failed to make a segment, and tries again after a pause: publishes wait for that.
    private var publishesMayWait = false
    private(set) var process: BrokerProcess?
    private let storageSettings: StorageSettings
    private let gatewaySettings: GatewaySettings
    private let loopCount: Int
    /// The latest date that the wall clock ever showed before it was set.
    private var wallMax = 0
    /// Whether somebody sets the clock now and then; log time is not known from outside then.
    private let hasJumps: Bool
    private var numbers: UInt64 = 0

    package init(seed: UInt64, mistake: BrokerMistake? = nil) {
        self.seed = seed
        self.mistake = mistake
        dice = Dice(seed: seed)
        place = SimulatedPlace(seed: ~seed)
        model = BrokerModel(knowsRepeats: true)
        hasJumps = dice.oneIn(3)
        loopCount = dice.number(in: 2...3)
        var storage = Self.storageSettings(
            shards: dice.number(in: 2...3), skipsCRC: mistake == .skipsPayloadCRC)
        // On every third disk rounds are on their way while the loops go on.
        if seed % 3 == 0 { storage.flushes = .thread }
        storageSettings = storage
        var gateway = GatewaySettings()
        gateway.publishTimeout = UInt64(dice.pick([400, 10_000]))
        gatewaySettings = gateway
        state.becomeReady()
    }

    private static func storageSettings(shards: Int, skipsCRC: Bool) -> StorageSettings {
        var defaults = TopicDefaults(partitions: 2)
        defaults.settings.compression = .none
        var settings = StorageSettings(
            shards: shards, topics: TopicRules(defaults: defaults, shardCount: shards))
        settings.shardLimits = ShardBench.smallLimits
        settings.shardLimits.checkpointBytes = 48 << 10
        settings.shardLimits.rewriteBelow = 90
        settings.coordinatorLimits.segmentCapacity = 48 << 10
        settings.coordinatorLimits.log.payloadSizeMax = 16 << 10
        settings.coordinatorLimits.log.roundSizeTarget = 8 << 10
        settings.coordinatorLimits.log.waitingSizeMax = 32 << 10
        if skipsCRC { settings.frameChecks.subtract(.payload) }
        return settings
    }

    /// Lives through the whole of it; returns what was violated, in words, or nothing.
    package func run(steps: Int = 300) -> (violation: String?, tally: Tally) {
        start()
        while step < steps && model.fault == nil {
            step += 1
            takeStep()
            // A broken process answers for a while before it ends.
            if process?.isBroken == true && dice.oneIn(4) { end(.failedFlush) }
        }
        if model.fault == nil { calmDown() }
        if model.fault == nil { checkEnd() }
        count()
        return (model.fault, tally)
    }

    func fail(_ text: String) { model.fail(text) }

    func nextNumber() -> UInt64 {
        numbers += 1
        return numbers
    }

    private func takeStep() {
        pass(dice.pick([0, 0, 1, 5, 40]))
        if process?.hasRounds == true, dice.oneIn(2) {
            process?.flush { dice.number(in: 0...$0 - 1) }
        }
        switch dice.number(in: 0...39) {
        case 0...9: actClient()
        case 10...29: turnAny()
        case 30...33: process?.doChore()
        case 34: for loop in loops { turn(loop) }
        case 35: if let loop = anyLoop { loop.addReader() }
        case 36: pass(dice.number(in: 0...600))
        case 37 where hasJumps && dice.oneIn(3): jump()
        case 38 where dice.oneIn(2): breakSomething()
        default: for client in clients { take(client) }
        }
    }

    // MARK: Time

    private func pass(_ milliseconds: Int) {
        place.now.boot += milliseconds
        place.now.wall += milliseconds
    }

    /// Somebody sets the clock.
    private func jump() {
        wallMax = max(wallMax, place.now.wall)
        place.now.wall += dice.number(in: -60_000...60_000)
        model.hasSteadyClock = false
    }

    // MARK: The process

    private enum End { case kill, powerCut, failedFlush }

    var loops: [BrokerLoop] { process?.loops ?? [] }
    private var anyLoop: BrokerLoop? { loops.isEmpty ? nil : dice.pick(loops) }

    private func turnAny() { if let loop = anyLoop { turn(loop) } }

    private func turn(_ loop: BrokerLoop) {
        tally.turns += 1
        loop.turn()
    }

    private func breakSomething() {
        switch dice.number(in: 0...5) {
        case 0: end(.kill)
        case 1: end(.powerCut)
        case 2, 3:
            place.anyLog(dice)?.callsLeft = dice.number(in: 0...12)
            publishesMayWait = true
        case 4:
            place.anyLog(dice)?.failsNextFlush = true
            publishesMayWait = true
        default:
            place.mendRoom()
            if dice.oneIn(2) {
                // All at once, or near to it; a little more makes it full then.
                if dice.oneIn(2) {
                    place.set(space: 0)
                } else {
                    place.room.fill(toPercent: dice.number(in: 84...100))
                }
                wasFull = true
                tally.fullDisks += 1
            }
        }
    }

    private func end(_ end: End) {
        var end = end
        // What a failed flush left in memory is not what the disk has, however the process ends.
        if process?.isBroken == true && end == .kill { end = .failedFlush }
        if end == .failedFlush && place.isOut { end = .powerCut }
        for client in clients { leave(client) }
        clients = []
        process = nil
        switch end {
        case .kill: tally.kills += 1
        case .powerCut:
            tally.powerCuts += 1
            place.losePower()
        case .failedFlush:
            tally.failedFlushes += 1
            place.dropCache()
        }
        if dice.oneIn(6) { check() }
        if mistake == .reusesOffsets && dice.oneIn(2) { place.forgetLastWrites() }
        if dice.oneIn(4) {
            place.anyLog(dice)?.callsLeft = dice.number(in: 0...60)
            publishesMayWait = true
        }
        start()
    }

    /// Starts until it is up; power may go while it starts.
    private func start() {
        wasFull = place.isFull
        place.liesAboutFlushes = false
        for _ in 0..<Self.restartsMax {
            do throws(StorageFault) {
                process = try BrokerProcess(
                    loops: loopCount, storageSettings, gatewaySettings, in: self)
                place.liesAboutFlushes = mistake == .acknowledgesBeforeFlush
                return
            } catch {
                if place.isOut {
                    tally.powerCuts += 1
                    place.losePower()
                } else {
                    // A full disk, or a flush that fails, may well keep it from starting.
                    guard error.isTrouble else { return fail("a start failed: \(error)") }
                    place.dropCache()
                }
                place.mend()
            }
        }
        fail("it does not start")
    }
}

extension StorageFault {
    /// Whether the disk did that, in a way that passes.
    fileprivate var isTrouble: Bool {
        switch self {
        case .badCookie(let error), .log(_, let error), .directory(let error):
            switch error {
            case .disk, .noSpace: true
            default: false
            }
        case .fewerShards, .lost, .stranger: false
        }
    }
}

// MARK: The end of a world

extension BrokerWorld {
    /// Lets everybody finish; nothing that is under way may need anything but a turn of who was woken.
    private func calmDown() {
        // What a flusher could not write before the disk was mended is heard of.
        if storageSettings.flushes == .thread { for loop in loops { turn(loop) } }
        if process?.isBroken == true { end(.failedFlush) }
        place.mend()
        // Log time waits for a clock that was set back.
        place.now.wall = max(place.now.wall, wallMax)
        settle()
        if process?.isBroken == true { return fail("a log failed on a disk that is whole") }
        if !wasFull { checkWaiters("is not answered, though nothing is under way") }
        let end = place.now.boot + Self.outwaitMax
        while place.now.boot < end && model.fault == nil {
            let due = loops.compactMap(\.nextDeadline).min() ?? UInt64(end)
            pass(max(1, min(Int(due), end) - place.now.boot))
            settle()
        }
        checkWaiters("waits for ever", isForEver: true)
        for loop in loops {
            if !loop.isCalm { fail("the desk of loop \(loop.number) keeps something") }
            checkReaders(of: loop)
        }
    }

    /// Turns those that are woken, until nobody is.
    private func settle() {
        var rounds = 0
        repeat {
            for client in clients { take(client, all: true) }
            while process?.doChore() == true {}
            while process?.flush() == true {}
            for loop in loops where loop.isWoken { turn(loop) }
            rounds += 1
            if rounds > 3_000 { return fail("it never comes to rest") }
        } while model.fault == nil && process?.isBroken == false
            && (process?.hasChores == true || process?.hasRounds == true
                || loops.contains { $0.isWoken } || clients.contains { $0.wire.waiting > 0 })
    }

    private func checkWaiters(_ words: String, isForEver: Bool = false) {
        for client in clients where client.isWaiting {
            take(client, all: true)
            guard client.isWaiting else { continue }
            if publishesMayWait, !isForEver, client.open[0].line.hasPrefix("POST") { continue }
            if let chain = client.chain, !isForEver {
                checkParked(chain)
            } else {
                fail("\(client.open[0].id) \(words): \(client.open[0].line)")
            }
        }
    }

    /// No client waits for what is there.
    private func checkParked(_ chain: BrokerChain) {
        for loop in loops {
            guard let topic = loop.topics.values.first(where: { $0.name == chain.topic })
            else { continue }
            for number in topic.shards.indices {
                let reader = BrokerReader(topic, partition: number)
                readToEnd(reader, at: loop)
                if model.isMissing(chain, reader.partition, end: reader.offset) {
                    return fail("a client waits for \(reader.partition), and it is there")
                }
            }
            return
        }
    }

    /// No reader waits for what is there.
    private func checkReaders(of loop: BrokerLoop) {
        let waiting = loop.waitingReaders
        for reader in waiting {
            guard let topic = loop.topics[reader.partition.topic] else { continue }
            let other = BrokerReader(topic, partition: Int(reader.partition.partition))
            readToEnd(other, at: loop)
            if other.phase == .watching && other.offset > reader.offset {
                fail("\(reader.partition) has news that its reader never heard of")
            }
        }
    }

    private func readToEnd(_ reader: BrokerReader, at loop: BrokerLoop) {
        loop.add(reader)
        settle()
    }

    /// Starts once more, without any trouble, and reads all there is.
    private func checkEnd() {
        for client in clients { leave(client) }
        clients = []
        if dice.oneIn(2) { end(.powerCut) } else { end(.kill) }
        place.mend()
        settle()
        if model.fault == nil, check() > 0 { fail("parts of batches wait for ever") }
        guard let process, model.fault == nil, !process.isBroken else { return }
        var kept: [BrokerModel.Kept] = []
        for topic in process.opening.topics {
            for number in topic.shards.indices {
                let loop = dice.pick(process.loops)
                let reader = BrokerReader(topic, partition: number)
                let first = reader.offset
                readToEnd(reader, at: loop)
                guard model.fault == nil else { return }
                guard reader.phase == .watching else {
                    return fail("\(reader.partition) cannot be read")
                }
                kept.append(
                    BrokerModel.Kept(
                        partition: reader.partition, start: first, end: reader.offset))
            }
        }
        let topics = process.opening.topics.map { ($0.name, $0.id) }
        model.checkEnd(kept, topics: Dictionary(uniqueKeysWithValues: topics))
    }

    /// Proves all that the disks have, and returns how many parts of batches wait for a decision.
    @discardableResult
    private func check() -> Int {
        if place.isOut || place.isFull || mistake == .skipsPayloadCRC { return 0 }
        tally.checks += 1
        var checker = DataChecker(place)
        do throws(CheckFailure) {
            let report = try checker.run { _, _, _ in }
            // The power may go meanwhile; then nothing can be read.
            if place.isOut { return 0 }
            for finding in report.findings where finding.isDamage {
                fail(
                    "the check finds in \(finding.log.map { "\($0)" } ?? "all"): \(finding.message)"
                )
            }
            return report.undecided
        } catch {
            if !place.isOut { fail("the check fails: \(error)") }
            return 0
        }
    }

    private func count() {
        for message in model.messages {
            switch message.fate {
            case .stored, .held, .done: tally.confirmed += 1
            case .unknown, .open: tally.unknown += 1
            case .refused: tally.refused += 1
            }
        }
        tally.shown = model.shown
    }
}
