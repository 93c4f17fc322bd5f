import Synchronization

/// What all threads of the process may ask about it.
package final class ServerState: Sendable {
    private let ready = Atomic<Bool>(false)
    private let draining = Atomic<Bool>(false)

    package init() {}

    /// Whether every loop serves, and none was told to stop.
    package var isReady: Bool { ready.load(ordering: .relaxed) && !isDraining }
    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    package func becomeReady() { ready.store(true, ordering: .relaxed) }
    package func startDraining() { draining.store(true, ordering: .relaxed) }
}
