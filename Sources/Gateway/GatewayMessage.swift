package import Kernel
package import Reactor

/// What the main thread tells a loop.
package enum GatewayMessage: Sendable {
    case change(GatewaySettings)
    case drain(DrainSchedule)
    /// All loops have served their last client.
    case end
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
    /// The loop has no client any more; `cut` connections were not done.
    case served(loop: Int, cut: Int)
    /// The disk of a log failed: nothing of it is confirmed any more.
    case diskFailed(loop: Int, reason: String)
    /// What the directory holds is not to be used as it is.
    case damaged(loop: Int, reason: String, fix: String)
    /// The thread is over.
    case ended(loop: Int)
}

/// Why a loop comes back to the thread that runs it.
package enum GatewayPause: Equatable, Sendable {
    /// The disk of a log failed; the loop has to be told to go on.
    case diskFailed
    case served(cut: Int)
    /// No loop of the process needs this one any more.
    case ended
}
