import Bytes
import HTTP
import Kernel
import Reactor
import Telemetry

/// How a loop ends: it goes on serving for a while, takes no more, and waits for what is under way.
extension GatewayLoop {
    /// Rounds of arrivals that empty the longest backlog.
    static let lastArrivalsMax = Int(Listener.backlogMax) / arrivalsPerTurnMax

    mutating func startDrain(_ schedule: DrainSchedule) {
        drain = schedule
        service.broker?.drain(until: schedule.closing, at: loop.now)
        continueDrain()
    }

    mutating func continueDrain() {
        guard let drain else { return }
        if loop.now >= drain.cutting { return cutAll() }
        guard loop.now >= drain.closing else {
            _ = loop.timers.insert(Self.drainTimer, at: drain.closing)
            return
        }
        guard listener != nil else { return }
        // Whoever waits in the backlog has been promised an answer by the kernel.
        for _ in 0..<Self.lastArrivalsMax where acceptArrivals() {}
        listener = nil
        service.endsIdle = true
        // A request that has come already is answered; only then is its connection idle.
        for client in clients.all() where client.http.isIdle {
            read(client)
            touch(client)
        }
        _ = loop.timers.insert(Self.drainTimer, at: drain.cutting)
    }

    private mutating func cutAll() {
        listener = nil
        for client in clients.all() {
            if !client.http.isLingering { cut += 1 }
            drop(client, because: .drained)
        }
    }
}
