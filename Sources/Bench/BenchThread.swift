// One thread of the load: its connections, each with one request in flight, on one epoll set.

import HTTP
import Kernel
import Reactor

/// What a thread tells whoever waits for it.
enum BenchReport: Sendable {
    case progress(thread: Int, answers: Int)
    case done(Tally)
    case failed(reason: String)
}

struct BenchThread: ~Copyable {
    /// No page that is asked for is larger, but for what stands around the bodies.
    static let answerSizeMax = 32 << 20
    private static let connectMilliseconds: Int32 = 5_000
    private static let reportPause: UInt64 = 200_000_000

    private var script: Script
    private let nanoseconds: UInt64
    private var poller: Poller
    private var connections: [BenchConnection] = []
    private var inbox = [UInt8](repeating: 0, count: 64 << 10)
    private var tally = Tally()
    private let first: Int
    /// Connections that have had their first answer, which counts for nothing.
    private var warm = 0
    private var began: UInt64 = 0
    private var lastAnswer: UInt64 = 0
    private var isOver = false
    private var open = 0

    init(
        _ script: BenchScript, to address: SocketAddress, connections count: Int, first: Int,
        nanoseconds: UInt64
    ) throws(KernelError) {
        let poller = try Poller()
        var connections: [BenchConnection] = []
        for index in 0..<count {
            let stream = try Stream(
                connectingTo: address, milliseconds: Self.connectMilliseconds)
            try poller.add(stream, for: .input, tag: UInt64(index))
            connections.append(BenchConnection(stream, keepsBody: script.readsBodies))
        }
        self.script = Script(script, connections: count, first: first)
        self.nanoseconds = nanoseconds
        self.poller = poller
        self.connections = connections
        self.first = first
        open = count
    }

    /// Runs to the end; the last answers are waited for, and do not count when they come late.
    mutating func run(_ reports: Mailbox<BenchReport>) throws(KernelError) {
        for index in connections.indices { try start(index, at: BootClock.nanoseconds()) }
        var reported = BootClock.nanoseconds()
        let giveUp = reported + nanoseconds + 60_000_000_000
        while open > 0, !isOver {
            let count = try poller.wait(milliseconds: 200)
            let now = BootClock.nanoseconds()
            for ready in 0..<count {
                let readiness = poller.readiness(at: ready)
                let index = Int(readiness.tag)
                if readiness.isWritable { try send(index) }
                if readiness.isReadable || readiness.isBroken { try receive(index) }
            }
            if began > 0, now >= began + nanoseconds || now >= giveUp { isOver = true }
            if now >= reported + Self.reportPause {
                reported = now
                post(.progress(thread: first, answers: tally.answers), to: reports)
            }
        }
        let end = open == 0 ? max(lastAnswer, began) : BootClock.nanoseconds()
        tally.nanoseconds = began == 0 ? 0 : min(end - began, nanoseconds)
        post(.done(tally), to: reports)
    }

    private func post(_ report: BenchReport, to reports: Mailbox<BenchReport>) {
        do throws(MailboxError) {
            try reports.post(report)
        } catch {
            preconditionFailure("the main thread reads faster than five reports a second")
        }
    }

    // MARK: One connection

    private mutating func start(_ index: Int, at now: UInt64) throws(KernelError) {
        script.ask(index, connections[index], at: now)
        try send(index)
    }

    private mutating func send(_ index: Int) throws(KernelError) {
        let connection = connections[index]
        switch connection.send() {
        case .all: try connection.want(output: false, in: poller, tag: UInt64(index))
        case .more: try connection.want(output: true, in: poller, tag: UInt64(index))
        case .broken: drop(index)
        }
    }

    private mutating func receive(_ index: Int) throws(KernelError) {
        let connection = connections[index]
        guard connection.isOpen else { return }
        switch connection.receive(&inbox) {
        case .nothing: return
        case .broken: drop(index)
        case .answer(let status):
            let now = BootClock.nanoseconds()
            guard let page = page(status, index) else { return drop(index) }
            if 200..<300 ~= status, page.messages == 0, script.endsWithNothing {
                return leave(index)
            }
            count(status, page, connection, at: now)
            if !isOver { try start(index, at: now) }
        }
    }

    private mutating func page(_ status: Int, _ index: Int) -> PageCounter.Count? {
        guard 200..<300 ~= status else { return PageCounter.Count() }
        return script.take(index, connections[index])
    }

    private mutating func count(
        _ status: Int, _ page: PageCounter.Count, _ connection: BenchConnection, at now: UInt64
    ) {
        if began > 0 {
            guard now < began + nanoseconds else { return isOver = true }
            // What was asked before the clock ran says nothing about the time since.
            guard connection.sentAt >= began else { return }
            tally.note(
                status: status, after: now - connection.sentAt, messages: page.messages,
                bodyBytes: page.bodyBytes)
            lastAnswer = now
        } else if !connection.isWarm {
            connection.isWarm = true
            warm += 1
            if !(200..<300 ~= status) { tally.refusals[status, default: 0] += 1 }
            startClock(at: now)
        }
    }

    private mutating func startClock(at now: UInt64) {
        if began == 0, open > 0, warm >= open { began = now }
    }

    private mutating func drop(_ index: Int) {
        guard connections[index].isOpen else { return }
        tally.broken += 1
        leave(index)
    }

    private mutating func leave(_ index: Int) {
        if connections[index].isWarm { warm -= 1 }
        connections[index].close()
        open -= 1
        startClock(at: BootClock.nanoseconds())
    }
}
