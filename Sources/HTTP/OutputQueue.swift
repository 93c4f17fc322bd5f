/// The bytes of a connection that wait to be sent, and since when.
package struct OutputQueue: ~Copyable {
    /// All of the buffer, of which `sent` are sent.
    package internal(set) var bytes: [UInt8] = []
    package private(set) var sent = 0
    /// A body that follows `bytes` and is sent from where it lies, as many connections may send it.
    package private(set) var shared: [UInt8] = []
    package private(set) var sharedSent = 0
    private(set) var window: ProgressWindow

    init(at now: UInt64) { window = ProgressWindow(start: now) }

    /// A body from this size on is not copied: for less, a copy costs less than a second `send`.
    static let sharedSizeMin = 16 << 10

    package var isEmpty: Bool { sent == bytes.count && shared.isEmpty }

    package var pending: Int { bytes.count - sent + shared.count - sharedSent }

    /// Whether all that is left is of a shared body.
    package var isAtShared: Bool { sent == bytes.count && !shared.isEmpty }

    /// A copy of all that is not sent, for those who only look.
    package var unsent: [UInt8] { Array(bytes[sent...] + shared[sharedSent...]) }

    /// Adds a body behind all that is there; it is not copied unless more has to follow it.
    mutating func share(_ body: [UInt8]) {
        assert(shared.isEmpty, "begin was called before")
        shared = body
    }

    /// Gets ready for more bytes.
    mutating func begin(_ bench: inout HTTPBench, at now: UInt64) {
        if !shared.isEmpty {
            bytes.append(contentsOf: shared[sharedSent...])
            forgetShared()
        }
        if !isEmpty { return forgetSent() }
        window.restart(at: now)
        if bytes.capacity == 0 { bytes = bench.takeBuffer() }
    }

    /// Drops what was sent where a client that never lets the queue run empty has left much of it.
    ///
    /// What is moved is less than what was sent since the last time.
    private mutating func forgetSent() {
        guard sent >= ServerConnection.outputPauseSize else { return }
        bytes.removeFirst(sent)
        sent = 0
    }

    mutating func noteSent(_ count: Int, _ bench: inout HTTPBench) {
        let own = min(count, bytes.count - sent)
        sent += own
        sharedSent += count - own
        window.moved += count
        assert(sharedSent <= shared.count)
        if sharedSent == shared.count { forgetShared() }
        if isEmpty { giveUp(&bench) }
    }

    private mutating func forgetShared() {
        shared = []
        sharedSent = 0
    }

    mutating func restartWindow(at now: UInt64) { window.restart(at: now) }

    /// Gives the buffer back, with whatever is in it.
    mutating func giveUp(_ bench: inout HTTPBench) {
        forgetShared()
        guard bytes.capacity > 0 else { return }
        let buffer = bytes
        bytes = []
        sent = 0
        bench.giveBack(buffer)
    }
}
