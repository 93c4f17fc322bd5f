import HTTP
import Kernel
import Reactor

/// One client's connection: its socket, what HTTP makes of it, and what the loop knows about it.
struct Client: ~Copyable {
    let stream: Stream
    var http: ServerConnection
    /// Whether the ledger counts it; a client that was turned away is not counted.
    let isCounted: Bool
    /// What the poller was told last.
    var interest = Interest.input
    var timer: (id: TimerID, due: Tick)?
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
        var interest: Interest = []
        if http.wantsInput { interest.insert(.input) }
        if http.hasOutput { interest.insert(.output) }
        return interest
    }

    /// Sends what waits, as far as the kernel takes it.
    mutating func send(_ bench: inout HTTPBench) -> WriteResult {
        let result = stream.send(http.output, from: http.outputSent)
        if case .bytes(let count) = result { http.sent(count, &bench) }
        return result
    }
}
