import Bytes
import CommitLog
import Coordination
import Gateway
import Kernel
import Reactor
import Storage
import Telemetry

/// What all loops of the process use together.
struct LoopShare: Sendable {
    let reports: Mailbox<GatewayReport>
    let keeperNews: Mailbox<KeeperNews>
    let metrics: [GatewayMetrics]
    let version: String
    let logSettings: LogSettings
    let opening: StorageOpening<DiskPlace>
    let switchboard: Switchboard
    /// Hashes the Idempotency-Keys.
    let hashKey: SipKey
    let state = ServerState()
    let ledger = ConnectionLedger()

    func report(_ report: GatewayReport) {
        do throws(MailboxError) {
            try reports.post(report)
        } catch {
            preconditionFailure("a loop reports a few times in its life")
        }
    }

    /// Has the main thread tell an operator, unless that has too much to tell already.
    func tell(_ news: KeeperNews) {
        do throws(MailboxError) { try keeperNews.post(news) } catch { return }
    }
}

/// One loop as the main thread knows it: where to write to, and what it counts.
struct LoopHandle: Sendable {
    let mailbox: Mailbox<GatewayMessage>
    let metrics = GatewayMetrics()

    init(mailMax: Int) throws(KernelError) { mailbox = try Mailbox(limit: mailMax) }

    /// The thread's whole life; all that it owns is made here and dies here.
    func run(
        _ index: Int, on address: SocketAddress, _ settings: GatewaySettings, _ shared: LoopShare
    ) {
        do throws(StorageFault) {
            let storage = try openStorage(index, shared)
            do throws(KernelError) {
                try serve(index, on: address, settings, shared, storage)
            } catch {
                shared.report(.failed(loop: index, reason: error.description))
            }
        } catch {
            shared.report(
                error.isDamage
                    ? .damaged(loop: index, reason: error.reason, fix: error.fix)
                    : .failed(loop: index, reason: error.reason))
        }
    }

    private func openStorage(
        _ index: Int, _ shared: LoopShare
    ) throws(StorageFault) -> LocalStorage<DiskPlace> {
        let (storage, findings) = try shared.opening.storage(
            of: index, shared.switchboard, at: currentMoment())
        var log = Log(shared.logSettings)
        for finding in findings { finding.write(to: &log) }
        log.flush(mayBlock: true)
        return storage
    }

    private func serve(
        _ index: Int, on address: SocketAddress, _ settings: GatewaySettings, _ shared: LoopShare,
        _ storage: LocalStorage<DiskPlace>
    ) throws(KernelError) {
        let listener = try Listener(on: address)
        let bound = listener.address
        var random = SystemRandomNumberGenerator()
        let service = Service(
            settings, routes: Routes.all + Routes.broker, state: shared.state,
            version: shared.version, metrics: shared.metrics,
            log: Log(shared.logSettings), seed: random.next(),
            broker: BrokerDesk(
                PublishSettings(hashKey: shared.hashKey, seed: random.next()),
                nearShard: storage.nearShard, at: BootClock.nanoseconds() / 1_000_000))
        var loop = try GatewayLoop(
            listener: listener, mailbox: mailbox, ledger: shared.ledger, metrics: metrics,
            service: service, storage: storage)
        try loop.hear(parcels: storage.mailbox)
        shared.report(.listening(loop: index, address: bound))
        while true {
            switch try loop.goOn() {
            case .diskFailed: tell(storage.failure, of: index, to: shared)
            case .served(let cut): shared.report(.served(loop: index, cut: cut))
            case .ended: return shared.report(.ended(loop: index))
            }
        }
    }

    private func tell(_ failure: StorageFailure?, of index: Int, to shared: LoopShare) {
        guard let failure else { preconditionFailure("storage is broken and does not say by what") }
        let reason = "\(failure.log): \(failure.error)"
        shared.report(.diskFailed(loop: index, reason: reason))
    }
}

extension SipKey {
    /// The key that the cluster keeps.
    init(_ kept: HashKey) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: kept.high)
        bytes.append(littleEndian: kept.low)
        self.init(bytes.span)
    }
}
