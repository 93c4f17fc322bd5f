/// The bytes of a connection that wait to be sent, and since when.
package struct OutputQueue: ~Copyable {
    /// All of the buffer, of which `sent` are sent.
    package internal(set) var bytes: [UInt8] = []
    package private(set) var sent = 0
    private(set) var window: ProgressWindow

    init(at now: UInt64) { window = ProgressWindow(start: now) }

    package var isEmpty: Bool { sent == bytes.count }

    package var pending: Int { bytes.count - sent }

    /// Gets ready for more bytes.
    mutating func begin(_ bench: inout HTTPBench, at now: UInt64) {
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
        sent += count
        window.moved += count
        assert(sent <= bytes.count)
        if isEmpty { giveUp(&bench) }
    }

    mutating func restartWindow(at now: UInt64) { window.restart(at: now) }

    /// Gives the buffer back, with whatever is in it.
    mutating func giveUp(_ bench: inout HTTPBench) {
        guard bytes.capacity > 0 else { return }
        let buffer = bytes
        bytes = []
        sent = 0
        bench.giveBack(buffer)
    }
}
