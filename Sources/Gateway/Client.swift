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
    /// Whether it stands in the turn's list of those to settle.
    var isTouched = false

    init(stream: consuming Stream, at now: Tick, isCounted: Bool) {
        self.stream = stream
        self.isCounted = isCounted
        http = ServerConnection(at: now)
    }

    /// What there is to hear about now.
    ///
    /// Hang-ups and errors come unasked. A client whose input ended is no longer asked for input,
    /// since the end would be reported again and again.
    var wantedInterest: Interest {
        Interest(input: http.wantsInput, output: http.hasOutput)
    }

    /// Sends what waits, as far as the kernel takes it.
    func send(_ bench: inout HTTPBench, at now: Tick) -> WriteResult {
        let result = stream.send(http.output, from: http.outputSent)
        if case .bytes(let count) = result { http.sent(count, &bench, at: now) }
        return result
    }
}
