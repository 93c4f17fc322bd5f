import Gateway
import Kernel
import Reactor
import Telemetry

/// What all loops of the process use together.
struct LoopShare: Sendable {
    let reports: Mailbox<GatewayReport>
    let metrics: [GatewayMetrics]
    let version: String
    let logSettings: LogSettings
    let state = ServerState()
    let ledger = ConnectionLedger()

    func report(_ report: GatewayReport) {
        do throws(MailboxError) {
            try reports.post(report)
        } catch {
            preconditionFailure("a loop reports three times at the most")
        }
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
        do throws(KernelError) {
            let listener = try Listener(on: address)
            let bound = listener.address
            var random = SystemRandomNumberGenerator()
            let service = Service(
                settings, state: shared.state, version: shared.version, metrics: shared.metrics,
                log: Log(shared.logSettings), seed: random.next())
            let loop = try GatewayLoop(
                listener: listener, mailbox: mailbox, ledger: shared.ledger, metrics: metrics,
                service: service)
            shared.report(.listening(loop: index, address: bound))
            shared.report(.ended(loop: index, cut: try loop.run()))
        } catch {
            shared.report(.failed(loop: index, reason: error.description))
        }
    }
}
