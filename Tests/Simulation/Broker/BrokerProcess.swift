import Bytes
import CommitLog
import Coordination
import Gateway
import Kernel
import Reactor
import Storage

/// One life of the simulated `serve`: its loops, and the keeper and the flushers beside them.
final class BrokerProcess {
    private struct Flusher {
        let loop: Int
        let rounds: Mailbox<LogWrite>
        var work: FlusherWork<SimulatedPlace>
    }

    let opening: StorageOpening<SimulatedPlace>
    private let switchboard: Switchboard
    private(set) var loops: [BrokerLoop] = []
    private var keeper: KeeperWork<SimulatedPlace>
    private var orders: [KeeperOrder] = []
    private var flushers: [Flusher] = []

    init(
        loops count: Int, _ settings: StorageSettings, _ gateway: GatewaySettings,
        in world: BrokerWorld
    ) throws(StorageFault) {
        let place = world.place
        opening = try StorageOpening(
            place, settings, random: &world.dice.random, at: place.now)
        do throws(KernelError) {
            switchboard = try Switchboard(loops: count, shards: Int(opening.cookie.shardCount))
        } catch {
            preconditionFailure("a test has its bells: \(error)")
        }
        keeper = KeeperWork(place, settings.diskMarks)
        var bytes: [UInt8] = []
        bytes.append(littleEndian: opening.hashKey.high)
        bytes.append(littleEndian: opening.hashKey.low)
        let key = SipKey(bytes.span)
        for number in 0..<count {
            let opened = try opening.storage(
                of: number, switchboard, random: &world.dice.random, at: place.now
            ) { [unowned self] log, rounds in
                flushers.append(
                    Flusher(loop: number, rounds: rounds, work: FlusherWork(place, log)))
                return true
            }
            for finding in opened.findings where !finding.report.mayWrite {
                world.fail("\(finding.log) has damage that nobody did: \(finding.report.damage)")
            }
            loops.append(BrokerLoop(number, opened.storage, key, gateway, in: world))
        }
    }

    /// Whether it has to end, because a log failed.
    var isBroken: Bool { loops.contains { $0.storage.isBroken } }

    var hasChores: Bool {
        !orders.isEmpty || !switchboard.orders.isEmpty || keeper.isRewriting
    }

    /// Whether a flusher has a round that it has not written.
    var hasRounds: Bool { flushers.contains { !$0.rounds.isEmpty } }

    /// Writes and flushes the round of one flusher; false if none has one.
    @discardableResult
    func flush(_ pick: (Int) -> Int = { _ in 0 }) -> Bool {
        let waiting = flushers.indices.filter { !flushers[$0].rounds.isEmpty }
        if waiting.isEmpty { return false }
        let index = waiting[pick(waiting.count)]
        for round in flushers[index].rounds.drain() {
            let report = flushers[index].work.perform(round)
            let loop = flushers[index].loop
            if !switchboard.take(StorageParcel(report, for: loop), for: loop) {
                preconditionFailure("loops of a small world have room for reports")
            }
        }
        return true
    }

    /// Does the chore that was ordered first; false if there is none, or no room for its report.
    @discardableResult
    func doChore() -> Bool {
        orders += switchboard.orders.drain()
        guard hasChores else { return false }
        let parcel = orders.isEmpty ? keeper.goOn() : keeper.perform(orders.removeFirst())
        if let parcel, !switchboard.take(parcel, for: Int(parcel.from)) {
            preconditionFailure("loops of a small world have room for reports")
        }
        return true
    }
}
