package import Kernel
package import Reactor

/// What the main thread tells a loop.
package enum GatewayMessage: Sendable {
    case change(GatewaySettings)
    case drain(DrainSchedule)
}

/// The two ends of a drain, on the boot-time clock.
package struct DrainSchedule: Equatable, Sendable {
    /// Until then connections are still taken, so that load balancers can look elsewhere first.
    package let closing: Tick
    /// Then what is not done is cut.
    package let cutting: Tick

    package init(closing: Tick, cutting: Tick) {
        self.closing = closing
        self.cutting = max(closing, cutting)
    }
}

/// What a loop tells the main thread.
package enum GatewayReport: Sendable {
    case listening(loop: Int, address: SocketAddress)
    case failed(loop: Int, reason: String)
    /// The loop is over; `cut` connections were not done.
    case ended(loop: Int, cut: Int)
}
