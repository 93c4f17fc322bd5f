// Readers that wait for a message and a publisher that sends it, round after round, on one thread:
// so the time between the two is read from one clock.

import Bytes
import HTTP
import Kernel
import Reactor
import Settings

struct ParkThread: ~Copyable {
    private static let connectMilliseconds: Int32 = 5_000
    private static let reportPause: UInt64 = 200_000_000
    private static let patience: UInt64 = 60_000_000_000

    private let requests: ParkRequests
    private let nanoseconds: UInt64
    private let pause: UInt64
    private var poller: Poller
    /// The readers, and behind them the publisher.
    private var connections: [BenchConnection] = []
    private let readers: Int
    private var inbox = [UInt8](repeating: 0, count: 64 << 10)
    private var counter: PageCounter
    private var tally = Tally()
    /// Where all readers go on.
    private var cursor: [UInt8] = []
    private var nextCursor: [UInt8] = []
    /// What each consumer has to settle.
    private var receipts: [[UInt8]]
    /// Those that have been answered, and ask again when the next round begins.
    private var idle: [Int]
    /// How many get a message: all readers, or one consumer of each group.
    private let deliveries: Int
    private var round: ParkRound?
    private var rounds = 0
    private var lost = 0
    private var isOver = false

    init(
        _ settings: BenchSettings, _ requests: ParkRequests, to address: SocketAddress
    ) throws(KernelError) {
        let poller = try Poller()
        var connections: [BenchConnection] = []
        for index in 0...settings.connections {
            let stream = try Stream(
                connectingTo: address, milliseconds: Self.connectMilliseconds)
            try poller.add(stream, for: .input, tag: UInt64(index))
            connections.append(BenchConnection(stream, keepsBody: true))
        }
        self.poller = poller
        self.connections = connections
        self.requests = requests
        readers = settings.connections
        receipts = Array(repeating: [], count: readers)
        idle = Array(0..<readers)
        deliveries = settings.groups > 0 ? min(settings.groups, readers) : readers
        nanoseconds = settings.duration.nanoseconds
        pause = settings.pause.nanoseconds
        counter = PageCounter(settings.format)
    }

    /// Runs rounds until the time is over; the first one warms up, and does not count.
    mutating func run(_ progress: (Int) -> Void) throws(KernelError) -> Tally {
        guard try prepare() else { return tally }
        try startRound()
        var (began, reported): (UInt64?, UInt64) = (nil, BootClock.nanoseconds())
        var lastRound = reported
        while !isOver, lost < readers {
            try turn()
            let now = BootClock.nanoseconds()
            if isRoundOver {
                if began == nil { (began, tally) = (now, Tally(broken: lost)) }
                lastRound = now
                if let began, now >= began + nanoseconds { isOver = true } else { try startRound() }
            }
            if now >= lastRound + Self.patience { isOver = true }
            if now >= reported + Self.reportPause {
                reported = now
                progress(tally.answers)
            }
        }
        tally.nanoseconds = began.map { lastRound - $0 } ?? 0
        return tally
    }

    // MARK: Rounds

    /// A consumer that is lost had no message of its own.
    private var isRoundOver: Bool {
        round?.isOver(lost: requests.pull == nil ? lost : 0) ?? false
    }

    /// Publishes the first message, so that there is a topic, and learns where its end is.
    private mutating func prepare() throws(KernelError) -> Bool {
        let (publisher, requests) = (connections[readers], requests)
        publisher.ask(at: BootClock.nanoseconds()) { $0 = requests.publishes.requests[0] }
        guard try succeeds(publisher) else { return false }
        publisher.ask(at: BootClock.nanoseconds()) {
            requests.look.write(topic: 0, after: [], to: &$0)
        }
        guard try succeeds(publisher) else { return false }
        cursor = publisher.field(ReadPlan.nextField).map { Array($0) } ?? []
        nextCursor = cursor
        guard let empty = requests.empty else { return true }
        for group in 0..<deliveries {
            guard try self.empty(group, of: empty) else { return false }
        }
        return true
    }

    /// Settles what is there for a group before the rounds begin; whether that went well.
    private mutating func empty(_ group: Int, of plan: WorkPlan) throws(KernelError) -> Bool {
        let publisher = connections[readers]
        var receipt: [UInt8] = []
        repeat {
            publisher.ask(at: BootClock.nanoseconds()) {
                plan.write(group: group, settling: receipt, to: &$0)
            }
            guard try succeeds(publisher), let page = counter.count(publisher.body) else {
                return false
            }
            receipt = Array(publisher.body[page.receipt])
        } while !receipt.isEmpty
        return true
    }

    /// Waits for one exchange that nothing else goes on beside; whether it brought a good answer.
    private mutating func succeeds(_ connection: BenchConnection) throws(KernelError) -> Bool {
        let giveUp = BootClock.nanoseconds() + Self.patience
        guard case .all = connection.send() else { return fail() }
        while BootClock.nanoseconds() < giveUp {
            _ = try poller.wait(milliseconds: 200)
            switch connection.receive(&inbox) {
            case .answer(200..<300): return true
            case .answer(let status):
                tally.refusals[status, default: 0] += 1
                return false
            case .nothing: continue
            case .broken: return fail()
            }
        }
        return fail()
    }

    private mutating func fail() -> Bool {
        tally.broken += 1
        return false
    }

    private mutating func startRound() throws(KernelError) {
        swap(&cursor, &nextCursor)
        let asking = idle
        idle = []
        for index in asking where connections[index].isOpen { try ask(index) }
        round = ParkRound(deliveries: deliveries, pause: pause, at: BootClock.nanoseconds())
        rounds += 1
    }

    private mutating func ask(_ index: Int) throws(KernelError) {
        let (plan, pull) = (requests.wait, requests.pull)
        let place = pull == nil ? cursor : receipts[index]
        connections[index].ask(at: BootClock.nanoseconds()) {
            if let pull {
                pull.write(group: index, settling: place, to: &$0)
            } else {
                plan.write(topic: 0, after: place, to: &$0)
            }
        }
        try send(index)
    }

    private mutating func turn() throws(KernelError) {
        let count = try poller.wait(milliseconds: millisecondsLeft())
        for ready in 0..<count {
            let readiness = poller.readiness(at: ready)
            let index = Int(readiness.tag)
            if readiness.isWritable { try send(index) }
            if readiness.isReadable || readiness.isBroken { try receive(index) }
        }
        if round?.isDue(at: BootClock.nanoseconds()) == true { try publish() }
    }

    private func millisecondsLeft() -> Int32 {
        guard let round, !round.isPublished else { return 200 }
        let now = BootClock.nanoseconds()
        guard now < round.publishAt else { return 0 }
        return Int32(clamping: min((round.publishAt - now + 999_999) / 1_000_000, 200))
    }

    private mutating func publish() throws(KernelError) {
        let set = requests.publishes.requests
        let request = set[rounds % set.count]
        let now = BootClock.nanoseconds()
        round?.publish(at: now)
        connections[readers].ask(at: now) { $0 = request }
        try send(readers)
    }

    // MARK: One connection

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
            guard 200..<300 ~= status else {
                tally.refusals[status, default: 0] += 1
                return drop(index)
            }
            if index == readers { confirmed(at: now) } else { try received(index, at: now) }
        }
    }

    private mutating func confirmed(at now: UInt64) {
        guard let time = round?.confirm(at: now) else { return }
        tally.publishes.record(nanoseconds: time)
        noteEnd(at: now)
    }

    private mutating func received(_ index: Int, at now: UInt64) throws(KernelError) {
        let connection = connections[index]
        guard let page = counter.count(connection.body) else { return drop(index) }
        if requests.pull != nil { receipts[index] = Array(connection.body[page.receipt]) }
        guard page.messages > 0 else {
            // Its time was over, or its server goes away: it asks again, and is given time to park.
            round?.delay(to: now + pause)
            return try ask(index)
        }
        if requests.pull != nil, round?.isPublished != true {
            // Somebody else published it, or it was there before.
            round?.delay(to: now + pause)
            return try ask(index)
        }
        idle.append(index)
        guard let time = round?.deliver(at: now) else { return }
        tally.note(
            status: 200, after: time, messages: page.messages, bodyBytes: page.bodyBytes)
        if let next = connection.field(ReadPlan.nextField) {
            nextCursor.removeAll(keepingCapacity: true)
            nextCursor.append(contentsOf: next)
        }
        noteEnd(at: now)
    }

    private mutating func noteEnd(at now: UInt64) {
        guard isRoundOver, let round else { return }
        tally.rounds.record(nanoseconds: now - round.publishedAt)
    }

    private mutating func drop(_ index: Int) {
        guard connections[index].isOpen else { return }
        connections[index].close()
        tally.broken += 1
        if index == readers { isOver = true } else { lost += 1 }
    }
}
