import Bytes
import CommitLog
import Coordination
import Gateway
import HTTP
import Kernel
import Reactor
import Storage
import Telemetry
import Wire

/// A gateway loop of a simulated process: the product's service, desk and storage, driven by the
/// steps of the product's loop.
final class BrokerLoop {
    /// As in the product's loop.
    private static let storageRoundsMax = 4
    private static let readSizeMax = 64 << 10

    let number: Int
    let broker: BrokerDesk
    let storage: LocalStorage<SimulatedPlace>
    private var service: Service
    private(set) var peers = Slab<BrokerPeer>()
    private var touched: [BrokerPeer] = []
    private var inbox = [UInt8](repeating: 0, count: 8 << 10)
    /// Of the topics that this loop has heard of.
    private(set) var topics: [UInt32: Topic] = [:]
    private let world: BrokerWorld
    private var readers: [BrokerReader] = []

    init(
        _ number: Int, _ storage: LocalStorage<SimulatedPlace>, _ key: SipKey,
        _ settings: GatewaySettings, in world: BrokerWorld
    ) {
        self.number = number
        self.storage = storage
        self.world = world
        var publishing = PublishSettings(hashKey: key, seed: world.dice.random.next())
        publishing.timeout = settings.publishTimeout
        broker = BrokerDesk(
            publishing, nearShard: storage.nearShard, at: UInt64(world.place.now.boot))
        service = Service(
            settings, routes: Routes.all + Routes.broker, state: world.state, version: "1",
            metrics: [], log: Log(LogSettings(format: .logfmt, level: .error)),
            seed: world.dice.random.next(), broker: broker)
    }

    private var now: UInt64 { UInt64(world.place.now.boot) }

    func connect(_ peer: BrokerPeer) {
        peer.id = peers.insert(peer)
        touch(peer)
    }

    // MARK: Why it would turn

    /// Whether something happened that wakes a sleeping loop.
    var isWoken: Bool {
        storage.isBusy || !touched.isEmpty || !storage.mailbox.isEmpty
            || (nextDeadline ?? .max) <= now || peers.all().contains { $0.hasEvent }
            || readers.contains { $0.phase == .ready }
    }

    /// When it would wake by itself.
    var nextDeadline: UInt64? {
        let timers = peers.all().compactMap(\.timer)
        return (timers + [storage.nextDeadline, broker.nextDeadline].compactMap { $0 }).min()
    }

    var isCalm: Bool {
        broker.inFlight == 0 && !broker.hasCalls && broker.nextDeadline == nil
    }

    // MARK: A turn

    func turn() {
        service.bench.setDate(unixSeconds: Int64(world.place.now.wall / 1_000))
        broker.wall = UInt64(world.place.now.wall)
        if !storage.mailbox.isEmpty { storage.hearMail() }
        for peer in peers.all() { hear(peer) }
        for peer in peers.all() { expire(peer) }
        settleTouched(waiting: true)
        serveStorage()
        settleTouched(waiting: false)
        service.takeAnswered { _ in }
    }

    private func hear(_ peer: BrokerPeer) {
        if peer.wire.isHungUp { return drop(peer) }
        if peer.interest.input && peer.wire.isReadable {
            service.client = peer.id
            switch service.read(&peer.http, from: peer.wire, into: &inbox, at: now) {
            case .bytes, .ended: touch(peer)
            case .wouldBlock: break
            case .broken: drop(peer)
            }
        }
        if peer.interest.output && peer.wire.isWritable { touch(peer) }
    }

    private func expire(_ peer: BrokerPeer) {
        guard let due = peer.timer, due <= now, peers[peer.id] != nil else { return }
        peer.timer = nil
        service.client = peer.id
        if service.expire(&peer.http, at: now) != nil { drop(peer) } else { touch(peer) }
    }

    private func touch(_ peer: BrokerPeer) {
        if peer.isTouched { return }
        peer.isTouched = true
        touched.append(peer)
    }

    private func drop(_ peer: BrokerPeer) {
        guard peers.remove(peer.id) != nil else { return }
        if peer.http.isAnswering {
            broker.forget(Exchange(client: peer.id, number: peer.http.requestNumber))
        }
        service.abandon(&peer.http, at: now)
    }

    private func settleTouched(waiting: Bool) {
        let batch = touched
        touched = []
        for peer in batch {
            if waiting, peer.http.owesAnswer {
                touched.append(peer)
            } else {
                peer.isTouched = false
                settle(peer)
            }
        }
    }

    private func settle(_ peer: BrokerPeer) {
        guard peers[peer.id] != nil else { return }
        service.client = peer.id
        let settlement = service.settle(&peer.http, on: peer.wire, at: now)
        if settlement.wantsTurn { touch(peer) }
        if case .goes = settlement.verdict { return drop(peer) }
        peer.interest = peer.http.wantedInterest
        if let due = peer.http.nextDeadline(service.settings.timeouts), due < peer.timer ?? .max {
            peer.timer = due
        }
        if peer.http.backlogSize > Self.readSizeMax { world.fail("a backlog is no read") }
    }

    // MARK: Storage

    private func serveStorage() {
        broker.expire(at: now)
        for reader in readers { ask(reader) }
        for _ in 0..<Self.storageRoundsMax {
            broker.endTurn(at: now)
            for call in broker.takeCalls() {
                watch(call)
                storage.send(call)
            }
            for reply in storage.turn(at: now * 1_000_000) { take(reply) }
            give(broker.takeAnswers())
            if !broker.hasCalls { break }
        }
    }

    private func watch(_ call: StorageCall) {
        guard case .shard(_, .spread(let step)) = call.content else { return }
        switch step {
        case .decide(let spread, let others):
            world.tally.decided += 1
            guard world.mistake == .showsUndecided else { return }
            let ticket = BrokerReader.ticket(world.nextNumber())
            for other in others {
                storage.send(StorageCall(ticket: ticket, .shard(other, .spread(.show(spread)))))
            }
        case .drop: world.tally.dropped += 1
        case .prepare, .show, .ask, .done: break
        }
    }

    private func take(_ reply: StorageReply) {
        if case .shard(_, .news) = reply, world.mistake == .forgetsWakeUp, world.dice.oneIn(2) {
            return
        }
        switch reply {
        case .shard(let ticket, let answer) where BrokerReader.isOurs(ticket):
            guard let reader = readers.first(where: { $0.ticket == ticket }) else { return }
            take(answer, for: reader)
        case .news(.topic(let news)):
            hear(news)
            broker.take(reply, at: now)
        default: broker.take(reply, at: now)
        }
    }

    private func hear(_ news: TopicNews) {
        switch news {
        case .put(let topic): topics[topic.id] = topic
        case .deleted(let id, _): topics[id] = nil
        }
    }

    private func give(_ answers: [DeskAnswer]) {
        for answer in answers {
            var exchange = answer.caller
            if world.mistake == .answersTheWrong, world.dice.oneIn(3),
                let other = peers.all().last(where: { $0.http.owesAnswer })
            {
                exchange = Exchange(client: other.id, number: other.http.requestNumber)
            }
            guard let peer = peers[exchange.client], peer.http.owesAnswer,
                peer.http.requestNumber == exchange.number
            else { continue }
            service.client = peer.id
            switch answer.content {
            case .response(let response): service.send(&peer.http, response, at: now)
            case .problem(let error): service.refuse(&peer.http, error, at: now)
            }
            touch(peer)
        }
    }
}

// MARK: Readers

extension BrokerLoop {
    /// Lets somebody read a partition of a topic that this loop knows.
    func addReader() {
        readers.removeAll { $0.phase == .ended }
        let known = topics.values.sorted { $0.id < $1.id }
        guard !known.isEmpty, readers.count < 4 else { return }
        let topic = world.dice.pick(known)
        readers.append(
            BrokerReader(topic, partition: world.dice.number(in: 0...topic.shards.count - 1)))
    }

    /// Those who wait for news, and what they know.
    var waitingReaders: [BrokerReader] { readers.filter { $0.phase == .watching } }

    /// Reads all there is of a partition, by a reader of its own.
    func add(_ reader: BrokerReader) { readers.append(reader) }

    private func ask(_ reader: BrokerReader) {
        guard let call = reader.nextCall(world.nextNumber(), bytesMax: world.dice.pick([1, 5_000]))
        else { return }
        storage.send(call)
    }

    private func take(_ answer: ShardAnswer, for reader: BrokerReader) {
        switch answer {
        case .news: reader.phase = .ready
        case .fetched(let parts):
            guard let part = parts.first else { return world.fail("a fetch without its part") }
            world.model.note(part, for: reader)
            if reader.phase == .ended { return }
            if part.batches.isEmpty && reader.offset >= part.end {
                storage.send(reader.watch(world.nextNumber()))
            } else {
                reader.phase = .ready
            }
        case .refused: reader.phase = .ended
        default: world.fail("an odd answer to a reader: \(answer)")
        }
    }
}
