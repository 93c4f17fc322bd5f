import Bytes
import HTTP
import Kernel
import Reactor
import Telemetry

/// How connections come in, and what happens to those that are too many.
extension GatewayLoop {
    /// Takes a turn's worth of connections; true if more may wait.
    @discardableResult
    mutating func acceptArrivals() -> Bool {
        for _ in 0..<Self.arrivalsPerTurnMax {
            do throws(KernelError) {
                guard let stream = try listener?.accept() else { return false }
                take(stream)
            } catch {
                pauseArrivals(because: error)
                return false
            }
        }
        return true
    }

    private mutating func take(_ stream: consuming Stream) {
        let peer = stream.peer.address
        let settings = service.settings
        switch ledger.admit(
            peer, totalMax: settings.connectionsMax,
            perAddressMax: settings.connectionsPerAddressMax)
        {
        case .admitted:
            metrics.accepted.add()
            add(Client(stream: stream, at: loop.now, isCounted: true))
        case .processFull:
            metrics.refused.add(at: GatewayMetrics.Refusal.process.rawValue)
            turnAway(stream, limit: settings.connectionsMax)
        case .addressFull:
            metrics.refused.add(at: GatewayMetrics.Refusal.address.rawValue)
            turnAway(stream, limit: settings.connectionsPerAddressMax)
        }
    }

    /// Tells a client that it is one too many, as long as few others are being told.
    private mutating func turnAway(_ stream: consuming Stream, limit: Int) {
        guard turnedAway < service.settings.turnedAwayMax else { return }
        turnedAway += 1
        let client = Client(stream: stream, at: loop.now, isCounted: false)
        service.turnAway(&client.http, limit: limit, at: loop.now)
        add(client)
    }

    private mutating func add(_ client: Client) {
        metrics.open.add(1)
        client.id = clients.insert(client)
        do throws(KernelError) {
            try loop.poller.add(client.stream, for: .input, tag: client.id.raw)
            touch(client)
        } catch {
            drop(client, because: .broken)
        }
    }

    /// Out of descriptors or memory: those who wait are taken when some have come back.
    private mutating func pauseArrivals(because error: KernelError) {
        metrics.refused.add(at: GatewayMetrics.Refusal.descriptors.rawValue)
        service.log.warn("accept_paused") { line in
            line.add("call", error.call)
            line.add("reason", error.reason)
        }
        hear(arrivals: false)
        _ = loop.timers.insert(Self.acceptTimer, at: loop.now + Self.exhaustionPause)
    }

    mutating func resumeArrivals() { hear(arrivals: true) }

    private mutating func hear(arrivals: Bool) {
        do throws(KernelError) {
            switch listener {
            case .some(let listener): try loop.hear(listener, arrivals: arrivals)
            case .none: break
            }
        } catch {
            preconditionFailure("a registered listener can be changed: \(error)")
        }
    }
}
