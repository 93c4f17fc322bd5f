import Bytes
import HTTP
package import Kernel
package import Reactor
import Telemetry
package import Wire

/// One gateway thread: all it owns, and its life from the first turn to the last.
///
/// Nothing is stored that could call back, and no other thread sees any of it: the mailbox is the
/// only way in. What a turn produces leaves at its end, one write a connection.
package struct GatewayLoop: ~Copyable {
    static let arrivalsPerTurnMax = 64
    /// The most that one connection is read in a turn.
    static let readSizeMax = 64 << 10
    static let exhaustionPause: Tick = 100
    static let logRetryPause: Tick = 100

    /// Timers of the loop itself; no client ever has such an id.
    static let acceptTimer = SlabID(index: 0, generation: 0)
    static let drainTimer = SlabID(index: 1, generation: 0)
    static let logTimer = SlabID(index: 2, generation: 0)
    static let storageTimer = SlabID(index: 3, generation: 0)

    var loop: Loop
    var listener: Listener?
    let mailbox: Mailbox<GatewayMessage>
    let ledger: ConnectionLedger
    let metrics: GatewayMetrics
    var service: Service
    /// The way to storage, in a loop that serves topics.
    let storage: (any StoragePort)?
    /// When storage, or a request that waits for it, has to be looked after.
    var storageAlarm: (timer: TimerID, due: Tick)?
    var clients = Slab<Client>()
    var turnedAway = 0
    var inbox = [UInt8](repeating: 0, count: GatewayLoop.readSizeMax)
    /// Clients that something happened to in this turn.
    var touched: [Client] = []
    /// Those of them whose turn ends now; the two lists change places, so neither is made anew.
    private var settling: [Client] = []
    /// A list that is longer is not kept.
    private static let settlingKept = 1_024
    var drain: DrainSchedule?
    var cut = 0
    /// Whether no loop of the process needs this one's storage any more.
    private var mayEnd = false
    private var hasServed = false
    private var hasToldFailure = false
    private var isLogTimerSet = false
    private var turnEvents: [Event] = []

    package init(
        listener: consuming Listener, mailbox: Mailbox<GatewayMessage>, ledger: ConnectionLedger,
        metrics: GatewayMetrics, service: consuming Service, storage: (any StoragePort)? = nil
    ) throws(KernelError) {
        let loop = try Loop()
        try loop.register(mailbox)
        try loop.register(listener)
        self.loop = loop
        self.listener = consume listener
        self.mailbox = mailbox
        self.ledger = ledger
        self.metrics = metrics
        self.service = service
        self.storage = storage
    }

    /// Listens to a second mailbox, which is that of storage.
    package func hear<Message>(parcels mailbox: Mailbox<Message>) throws(KernelError) {
        try loop.register(parcels: mailbox)
    }

    /// Turns until there is something to tell whoever looks after all loops, who then calls again.
    ///
    /// It serves until the drain has ended the last client, and then turns on for other loops' sake,
    /// until they are done too. A disk that fails ends neither: who waits for a shard here, on any
    /// loop, has to hear that it is refused.
    package mutating func goOn() throws(KernelError) -> GatewayPause {
        while true {
            if let pause = nextPause() {
                service.log.flush(mayBlock: true)
                return pause
            }
            try turn()
        }
    }

    private mutating func nextPause() -> GatewayPause? {
        if storage?.isBroken == true && !hasToldFailure {
            hasToldFailure = true
            return .diskFailed
        }
        if hasServed { return mayEnd && storage?.isAtRest != false ? .ended : nil }
        if listener != nil || !clients.isEmpty { return nil }
        hasServed = true
        return .served(cut: cut)
    }

    private mutating func turn() throws(KernelError) {
        try loop.wait(into: &turnEvents, isBusy: !touched.isEmpty || storage?.isBusy == true)
        let wall = WallClock.now()
        service.bench.setDate(unixSeconds: wall / 1_000)
        service.broker?.wall = UInt64(wall)
        for index in turnEvents.indices { take(turnEvents[index]) }
        endTurn()
    }

    private mutating func take(_ event: Event) {
        switch event {
        case .ready(let id, let readiness): take(readiness, of: id)
        case .deadline(let id): expire(id)
        case .arrivals: acceptArrivals()
        case .mail: for message in mailbox.drain() { take(message) }
        case .parcels: storage?.hearMail()
        }
    }

    private mutating func take(_ message: GatewayMessage) {
        switch message {
        case .change(let settings):
            service.change(to: settings)
            // Their deadlines may be nearer now than their timers.
            for client in clients.all() { touch(client) }
        case .drain(let schedule): startDrain(schedule)
        case .end: mayEnd = true
        }
    }

    // MARK: Clients

    private mutating func take(_ readiness: Readiness, of id: SlabID) {
        guard let client = clients[id] else { return }
        if readiness.isBroken { return drop(client, because: client.http.reasonIfBroken) }
        // The start of a drain may have read it in this turn already, and bytes of it may wait.
        if readiness.isReadable && client.http.wantsInput { read(client) }
        if readiness.isWritable { touch(client) }
    }

    mutating func read(_ client: Client) {
        note(client)
        switch service.read(&client.http, from: client.stream, into: &inbox, at: loop.now) {
        case .bytes(let count):
            metrics.receivedBytes.add(UInt64(count))
            touch(client)
        case .ended:
            if client.http.isAnswering {
                service.broker?.inputEnded(exchange(of: client), at: loop.now)
            }
            touch(client)
        case .wouldBlock: break
        case .broken: drop(client, because: .broken)
        }
    }

    /// Tells the service whose bytes and answers come next.
    mutating func note(_ client: Client) {
        service.client = client.id
        service.peer = client.stream.peer.address
    }

    mutating func touch(_ client: Client) {
        if client.isTouched { return }
        client.isTouched = true
        touched.append(client)
    }

    private mutating func expire(_ id: SlabID) {
        switch id {
        case Self.acceptTimer: resumeArrivals()
        case Self.drainTimer: continueDrain()
        case Self.logTimer: isLogTimerSet = false
        case Self.storageTimer: storageAlarm = nil
        default:
            guard let client = clients[id] else { return }
            client.timer = nil
            note(client)
            if let reason = service.expire(&client.http, at: loop.now) {
                drop(client, because: reason)
            } else {
                touch(client)
            }
        }
    }

    /// Ends a connection at once; a reason counts it as ended by us.
    ///
    /// The socket is closed when the turn lets go of the client.
    mutating func drop(_ client: Client, because reason: CloseReason?) {
        guard clients.remove(client.id) != nil else { return }
        if let timer = client.timer { loop.timers.cancel(timer) }
        if client.http.isAnswering { service.broker?.forget(exchange(of: client)) }
        concludeDeliveries(of: client)
        service.abandon(&client.http, at: loop.now)
        if client.isCounted { ledger.release(client.stream.peer.address) } else { turnedAway -= 1 }
        metrics.open.add(-1)
        if let reason { metrics.closed.add(at: Int(reason.rawValue)) }
    }

    // MARK: The end of a turn

    private mutating func endTurn() {
        // What needs no storage leaves before anything is flushed.
        settleTouched(waiting: storage != nil)
        if storage != nil {
            serveStorage()
            settleTouched(waiting: false)
        }
        let took = loop.endTurn()
        metrics.turns.record(nanoseconds: took)
        let metrics = metrics
        service.takeAnswered { answer in
            metrics.countRequest(at: answer.place, answer.status)
            let nanoseconds = took + answer.waited * 1_000_000
            metrics.durations[answer.place].record(nanoseconds: nanoseconds)
        }
        flushLog()
    }

    /// Settles those that something happened to; with `waiting`, but for those that wait for storage.
    private mutating func settleTouched(waiting: Bool) {
        swap(&touched, &settling)
        for index in settling.indices {
            let client = settling[index]
            if waiting, client.http.owesAnswer {
                touched.append(client)
            } else {
                client.isTouched = false
                settle(client)
            }
        }
        settling.removeAll(keepingCapacity: settling.count <= Self.settlingKept)
    }

    /// Sends what a client's turn produced, and tells the poller and the timers what comes next.
    private mutating func settle(_ client: Client) {
        note(client)
        let settlement = service.settle(&client.http, on: client.stream, at: loop.now)
        if settlement.sentBytes > 0 { metrics.sentBytes.add(UInt64(settlement.sentBytes)) }
        if settlement.isDrained { metrics.closed.add(at: Int(CloseReason.drained.rawValue)) }
        if settlement.wantsTurn { touch(client) }
        if case .goes(let reason) = settlement.verdict { return drop(client, because: reason) }
        if !client.http.hasOutput { concludeDeliveries(of: client) }
        resumeStream(of: client)
        updateInterest(client)
        updateTimer(client)
    }

    private mutating func updateInterest(_ client: Client) {
        let wanted = client.http.wantedInterest
        if wanted == client.interest { return }
        do throws(KernelError) {
            try loop.poller.change(client.stream, to: wanted, tag: client.id.raw)
            client.interest = wanted
        } catch {
            drop(client, because: .broken)
        }
    }

    /// Makes sure that a timer fires by the client's deadline.
    ///
    /// A timer that fires too early is harmless and is set again, so a deadline that moves on with
    /// every request costs nothing until it fires.
    private mutating func updateTimer(_ client: Client) {
        guard let deadline = client.http.nextDeadline(service.settings.timeouts) else { return }
        let due = rounded(deadline)
        if let timer = client.timer {
            if client.timerDue <= due { return }
            loop.timers.cancel(timer)
        }
        client.timerDue = due
        client.timer = loop.timers.insert(client.id, at: due)
    }

    /// Distant deadlines share ticks, so that thousands of idle clients wake the loop seldom.
    private func rounded(_ deadline: Tick) -> Tick {
        deadline > loop.now + 4_096 ? (deadline | 255) + 1 : deadline
    }

    private mutating func flushLog() {
        if service.log.isEmpty { return }
        let isFlushed = service.log.flush()
        metrics.droppedLogLines.set(Int64(clamping: service.log.dropped))
        if isFlushed || isLogTimerSet { return }
        isLogTimerSet = true
        _ = loop.timers.insert(Self.logTimer, at: loop.now + Self.logRetryPause)
    }
}
