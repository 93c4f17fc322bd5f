import Bytes
import HTTP
import Kernel
import Reactor

/// One client's connection: its socket, what HTTP makes of it, and what the loop knows about it.
final class Client {
    let stream: Stream
    var http: ServerConnection
    /// Its place in the loop's table, and its tag in the poller.
    var id = SlabID(index: 0, generation: 0)
    /// Whether the ledger counts it; a client that was turned away is not counted.
    let isCounted: Bool
    /// What the poller was told last.
    var interest = Interest.input
    var timer: TimerID?
    /// When `timer` fires.
    var timerDue: Tick = 0
    /// Whether its stream waits for it to read what was sent.
    var isHeldUp = false
    /// Answers with leased messages that have not left whole yet.
    var deliveries: [Exchange] = []
    /// Whether it stands in the turn's list of those to settle.
    var isTouched = false

    init(stream: consuming Stream, at now: Tick, isCounted: Bool) {
        self.stream = stream
        self.isCounted = isCounted
        http = ServerConnection(at: now)
    }
}
