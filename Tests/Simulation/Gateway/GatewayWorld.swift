import Bytes
import Gateway
import HTTP
import Kernel
import Telemetry

/// A gateway and its clients from one seed: the real `Service` and the real connections, driven by
/// the steps of the product's loop, with a clock that is a number and a network that cuts anywhere.
package final class GatewayWorld {
    /// What can be done wrong on purpose, to see that somebody notices.
    package enum Mistake: CaseIterable, Sendable {
        case forgetsBacklog, forgetsDeadlines, servesTwice, sendsAgain, forgetsToSend
        case keepsTheGone, forgetsInterest, forgetsTheEnd, leaksTheLedger
    }

    /// What was found wrong, and how to see it again.
    package struct Failure: Error, CustomStringConvertible {
        package let seed: UInt64
        package let description: String
    }

    private static let clientsMax = 8
    /// No connection on which nothing moves lasts longer than the longest timeout and a turn.
    private static let deadlineMax: UInt64 = 100_000
    private static let stepsMax = 1_500
    /// Enough for the smallest buffer to carry all that is owed.
    private static let calmStepsMax = 20_000
    /// No answer here is larger.
    private static let answerSizeMax = 24 << 10
    private static let readSizeMax = 64 << 10
    private static let connectionsMax = 6

    private let seed: UInt64
    private let mistake: Mistake?
    private let dice: Dice
    private var service: Service
    private let state = ServerState()
    private let ledger = ConnectionLedger()
    private let address: IPAddress
    private var inbox = [UInt8](repeating: 0, count: GatewayWorld.readSizeMax)
    private var now: UInt64 = 1_000_000
    private var peers: [Peer] = []
    private var touched: [Peer] = []
    private var toCome: Int
    private var isDrainDue = false
    private var drainedAt: UInt64?
    private var named = 0
    private var answered = 0
    private var found = 0

    package init(seed: UInt64, mistake: Mistake? = nil) {
        guard let peer = SocketAddress(host: "127.0.0.1", port: 1) else {
            preconditionFailure("loopback is an address")
        }
        self.seed = seed
        self.mistake = mistake
        dice = Dice(seed: seed)
        address = peer.address
        toCome = dice.number(in: 1...Self.clientsMax)
        let routes =
            Routes.all + [
                Route(
                    path: "/send/{name}", method: .post, operation: .getHealth,
                    produces: ["text/plain"], body: .needed(types: ["text/plain"])),
                Route(
                    path: "/later/{name}", method: .get, operation: .deferred,
                    produces: ["text/plain"]),
            ]
        service = Service(
            Self.settings(dice), routes: routes, state: state, version: "1", metrics: [],
            log: Log(LogSettings(format: .logfmt, level: .error)), seed: seed)
        state.becomeReady()
    }

    private static func settings(_ dice: Dice) -> GatewaySettings {
        var settings = GatewaySettings()
        settings.connectionsMax = connectionsMax
        settings.limits.bodySizeMax = dice.pick([50_000, 200_000, 8 << 20])
        settings.timeouts.idle = dice.pick([5_000, 75_000])
        settings.timeouts.header = dice.pick([2_000, 10_000])
        if dice.oneIn(4) { settings.corsOrigins = ["*"] }
        return settings
    }

    /// Lives through the whole of it.
    package func run() throws(Failure) {
        for _ in 0..<Self.stepsMax {
            try step()
            if toCome == 0 && peers.allSatisfy({ $0.client.isDone }) { break }
        }
        toCome = 0
        try calmDown()
        try outwait()
        try checkBooks()
    }

    // MARK: Time

    private func step() throws(Failure) {
        now += UInt64(dice.pick([0, 0, 0, 1, 1, 10, 100, dice.number(in: 0...4_000)]))
        if toCome > 0 && dice.oneIn(4) { arrive() }
        for peer in peers where dice.oneIn(2) { peer.client.act(at: now) }
        try turn()
        if dice.oneIn(200) { change() }
        isDrainDue = dice.oneIn(800)
    }

    /// Lets all clients say and take what they want, with hardly any time.
    private func calmDown() throws(Failure) {
        var quiet = 0
        for _ in 0..<Self.calmStepsMax where quiet < 3 {
            let before = (answered, peers.count, peers.reduce(0) { $0 + $1.wire.wrote.count })
            for peer in peers { peer.client.act(at: now) }
            try turn()
            let after = (answered, peers.count, peers.reduce(0) { $0 + $1.wire.wrote.count })
            // What the loop has heard of and only not come to yet is not calm.
            let isDue = peers.contains {
                $0.http.isAnswering || $0.interest.input && $0.wire.isReadable
            }
            quiet = before == after && touched.isEmpty && !isDue ? quiet + 1 : 0
        }
        for peer in peers where peer.client.isPatient { try checkCalm(peer) }
    }

    /// Lets time pass until every connection has met its deadline.
    private func outwait() throws(Failure) {
        for _ in 0..<Self.stepsMax where !peers.isEmpty {
            now += 5_000
            try turn()
            for peer in peers {
                if now > peer.movedAt + Self.deadlineMax {
                    try fail(peer, "outlives its deadlines")
                }
            }
        }
        if let peer = peers.first { try fail(peer, "is never ended") }
    }

    // MARK: The turns of a loop

    private func arrive() {
        toCome -= 1
        named += 1
        let capacity = dice.pick([500, 4_096, 65_536, 1 << 20])
        let wire = SimulatedWire(dice, capacity: capacity, isForgetful: mistake == .sendsAgain)
        let client = SimulatedClient(
            name: "c\(named)", script: ClientScript("c\(named)", dice), wire: wire, dice: dice)
        let verdict = ledger.admit(
            address, totalMax: service.settings.connectionsMax, perAddressMax: 0)
        let peer = Peer(client, at: now, isCounted: verdict == .admitted)
        if verdict != .admitted {
            service.turnAway(&peer.http, limit: service.settings.connectionsMax, at: now)
        }
        peers.append(peer)
        touch(peer)
    }

    private func turn() throws(Failure) {
        for peer in peers {
            if peer.wire.isHungUp {
                try drop(peer, because: peer.http.reasonIfBroken)
                continue
            }
            if peer.interest.input && peer.wire.isReadable && !dice.oneIn(8) { try read(peer) }
            if peer.interest.output && peer.wire.isWritable { touch(peer) }
        }
        for peer in peers {
            guard let due = peer.timer, due <= now else { continue }
            peer.timer = nil
            if let reason = service.expire(&peer.http, at: now) {
                try drop(peer, because: reason)
            } else {
                touch(peer)
            }
        }
        for peer in peers where peer.http.isAnswering && dice.oneIn(2) { answerLater(peer) }
        if isDrainDue { try drain() }
        let batch = touched
        touched.removeAll()
        for peer in batch {
            peer.isTouched = false
            if mistake == .forgetsToSend && dice.oneIn(8) {
                peer.interest = Interest(input: peer.http.wantsInput, output: false)
            } else {
                try settle(peer)
            }
        }
        service.takeAnswered { _ in answered += 1 }
    }

    /// Goes on with an answer that was put off: it comes at once, or streams for a while.
    private func answerLater(_ peer: Peer) {
        var response = Response(.ok)
        response.add("Content-Type", "text/plain")
        if !peer.http.isStreaming && dice.oneIn(2) {
            response.setBody([UInt8](repeating: 0x6C, count: dice.number(in: 0...20_000)))
            service.send(&peer.http, response, at: now)
        } else if !peer.http.isStreaming {
            _ = service.sendStream(&peer.http, response, at: now)
        } else if peer.http.takesMore && !dice.oneIn(4) {
            let piece = [UInt8](repeating: 0x73, count: dice.number(in: 0...3_000))
            service.streamOut(&peer.http, piece, at: now)
        } else {
            // Its head was too early to say that the process drains, so what follows is let go.
            if state.isDraining { peer.drainedAt = peer.wire.read.count - peer.http.backlogSize }
            service.finishStream(&peer.http, at: now)
        }
        peer.movedAt = now
        touch(peer)
    }

    private func touch(_ peer: Peer) {
        if peer.isTouched { return }
        peer.isTouched = true
        touched.append(peer)
    }

    private func read(_ peer: Peer) throws(Failure) {
        let before = peer.wire.read.count
        if mistake == .forgetsTheEnd && peer.wire.isAtEnd { return }
        switch service.read(&peer.http, from: peer.wire, into: &inbox, at: now) {
        case .bytes(let count):
            if mistake == .servesTwice && dice.oneIn(4) && peer.http.wantsInput {
                service.serve(&peer.http, Input(inbox, count: count), at: now)
            }
            assert(peer.wire.read.count == before + count)
            peer.movedAt = now
            touch(peer)
        case .ended: touch(peer)
        case .wouldBlock: break
        case .broken: try drop(peer, because: .broken)
        }
    }

    private func settle(_ peer: Peer) throws(Failure) {
        if mistake == .forgetsBacklog { forgetBacklog(peer) }
        let settlement = service.settle(&peer.http, on: peer.wire, at: now)
        if settlement.sentBytes > 0 { peer.movedAt = now }
        if settlement.isDrained {
            // Only in the very turn of the drain is it known that nothing could have come since.
            if now == drainedAt && peer.wire.isReadable {
                try fail(peer, "was told to end with a request unread")
            }
            peer.drainedAt = peer.wire.read.count
        }
        if settlement.wantsTurn { touch(peer) }
        if case .goes(let reason) = settlement.verdict {
            if mistake == .keepsTheGone && dice.oneIn(4) { return }
            return try drop(peer, because: reason)
        }
        let wanted = peer.http.wantedInterest
        // Interest that was once lost is only missed where nothing else asks for it again.
        if mistake != .forgetsInterest || !wanted.input || peer.interest.input {
            peer.interest = wanted
        }
        if mistake != .forgetsDeadlines { updateTimer(peer) }
        try checkBounds(peer)
    }

    /// Makes room as a settled turn does, and loses what waits for that.
    private func forgetBacklog(_ peer: Peer) {
        guard peer.http.hasOutput, !peer.http.output.isAtShared else { return }
        if case .bytes(let count) = peer.wire.send(
            peer.http.output.bytes, from: peer.http.output.sent)
        {
            peer.http.sent(count, &service.bench, at: now)
        }
        _ = peer.http.takeBacklog()
    }

    private func updateTimer(_ peer: Peer) {
        guard let due = peer.http.nextDeadline(service.settings.timeouts) else { return }
        if let timer = peer.timer, timer <= due { return }
        peer.timer = due
    }

    private func drop(_ peer: Peer, because reason: CloseReason?) throws(Failure) {
        guard let place = peers.firstIndex(where: { $0 === peer }) else { return }
        peers.remove(at: place)
        try checkDropped(peer, reason)
        // A stream is counted when it begins; one that was cut is no whole answer to be found.
        if peer.http.isStreaming { found += 1 }
        service.abandon(&peer.http, at: now)
        if peer.isCounted && mistake != .leaksTheLedger { ledger.release(address) }
        guard peer.http.request == nil, !peer.http.hasOutput, peer.http.isClosed else {
            throw failure(peer, "holds something after its end")
        }
    }

    private func change() {
        service.change(to: Self.settings(dice))
        for peer in peers { touch(peer) }
    }

    private func drain() throws(Failure) {
        isDrainDue = false
        drainedAt = now
        state.startDraining()
        toCome = 0
        service.endsIdle = true
        for peer in peers {
            if peer.http.isIdle { try read(peer) }
            touch(peer)
        }
    }

    // MARK: What must hold

    private func checkBounds(_ peer: Peer) throws(Failure) {
        let pause = ServerConnection.outputPauseSize
        let unsent = peer.http.output.pending
        if unsent > pause + Self.answerSizeMax { try fail(peer, "\(unsent) bytes wait for it") }
        if peer.http.output.bytes.count > 2 * pause + Self.answerSizeMax {
            try fail(peer, "\(peer.http.output.bytes.count) bytes are held for it")
        }
        if peer.http.backlogSize > Self.readSizeMax { try fail(peer, "its backlog is no read") }
        if peer.http.isLingering && !peer.http.wantsInput { try fail(peer, "lingers unheard") }
        let isWaiting = peer.http.nextDeadline(service.settings.timeouts) != nil
        let mayEnd = isWaiting || peer.http.isAnswering
        if !mayEnd && !peer.http.wantsFinish && !peer.isTouched {
            try fail(peer, "nothing will ever end it")
        }
    }

    /// Nothing is under way on a connection whose client has said and taken everything.
    private func checkCalm(_ peer: Peer) throws(Failure) {
        if peer.http.hasOutput { try fail(peer, "its client waits for what is not sent") }
        if peer.http.isIdle && !peer.http.wantsInput { try fail(peer, "nobody listens to it") }
        if peer.wire.isReadable && peer.http.wantsInput && !peer.http.isLingering {
            try fail(peer, "what it sent is not read")
        }
        try check(peer, isComplete: true)
    }

    private func checkDropped(_ peer: Peer, _ reason: CloseReason?) throws(Failure) {
        // Who is too slow is not waited for.
        let isCut =
            peer.wire.isBroken || reason == .slowReader || reason == .slowRequest
            || reason == .broken
        try check(peer, isComplete: !isCut)
        // A client that has all its answers and says nothing is idle, or has said why it goes.
        if reason == .broken && !peer.wire.isBroken { try fail(peer, "was dropped as broken") }
    }

    private func check(_ peer: Peer, isComplete: Bool) throws(Failure) {
        var wrote = peer.wire.wrote
        if !isComplete { wrote += peer.http.output.unsent }
        var referee = Referee(
            read: Array(peer.wire.read.prefix(peer.drainedAt ?? .max)), wrote: wrote,
            statuses: peer.client.script.statuses,
            isTurnedAway: !peer.isCounted)
        if let fault = referee.fault(isComplete: isComplete) { try fail(peer, fault) }
        if peer.isChecked { found -= peer.answers }
        peer.isChecked = true
        // Who is turned away has asked for nothing that could be counted.
        peer.answers = peer.isCounted ? referee.answers : 0
        found += peer.answers
    }

    /// When all is over, the numbers agree.
    private func checkBooks() throws(Failure) {
        if found != answered {
            throw Failure(seed: seed, description: "\(answered) answers were counted, not \(found)")
        }
        for _ in 0..<Self.connectionsMax {
            let verdict = ledger.admit(
                address, totalMax: Self.connectionsMax, perAddressMax: Self.connectionsMax)
            guard verdict == .admitted else {
                throw Failure(seed: seed, description: "the ledger counts who is gone")
            }
        }
    }

    private func fail(_ peer: Peer, _ what: String) throws(Failure) { throw failure(peer, what) }

    private func failure(_ peer: Peer, _ what: String) -> Failure {
        let script = peer.client.script
        return Failure(
            seed: seed,
            description: """
                seed \(seed), at \(now - 1_000_000) ms, \(peer.client.name) (\(script.pace), \
                \(script.reading), \(script.end)): \(what)
                """)
    }
}

/// One connection, as the loop's own table keeps it.
private final class Peer {
    let client: SimulatedClient
    var http: ServerConnection
    let isCounted: Bool
    var interest = Interest.input
    var timer: UInt64?
    var isTouched = false
    /// When bytes last moved.
    var movedAt: UInt64
    /// How much had been read when it was told to end because the process does.
    var drainedAt: Int?
    var isChecked = false
    var answers = 0

    var wire: SimulatedWire { client.wire }

    init(_ client: SimulatedClient, at now: UInt64, isCounted: Bool) {
        self.client = client
        self.isCounted = isCounted
        movedAt = now
        http = ServerConnection(at: now)
    }
}
