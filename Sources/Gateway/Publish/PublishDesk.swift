// Publishing on one loop. What the requests of a turn publish is collected by partition, encoded once
// when the turn ends, and sent to the shards; their answers become the answers of the requests. No
// clock, no socket: bytes and times come in, calls and answers go out.
//
// A single publish is copied once, from where it was read into its batch, and answered from there.

import Bytes
import HTTP
import Records
import Wire

/// The publishers' side of a gateway loop.
package struct PublishDesk: ~Copyable {
    /// Calls that wait for their answers at once, and bytes in them.
    package static let callsMax = 4_096
    package static let bytesMax = 64 << 20
    /// Requests that wait at once.
    package static let callersMax = 65_536
    /// How often deadlines are looked at, in milliseconds.
    package static let scanPause: UInt64 = 250
    static let spareMax = 64
    /// Builders that wait for the next batch with the memory they have.
    static let spareBuildersMax = 8

    /// What waits for an answer of storage.
    enum Pending {
        case shipment(Shipment)
        /// The same, while a shard is asked for repeats.
        case recall(Shipment)
        case batch(BatchErrand, shard: Int)
        case inquiry(TopicInquiry)
    }

    package var settings: PublishSettings
    var compressor = BatchCompressor()
    /// Reads a batch again whose records have to go apart.
    var reader = BatchReader()
    /// What this turn has collected, and where it is found.
    var gathering: [Shipment] = []
    var places: [ShipmentKey: Int] = [:]
    var lastKey: ShipmentKey?
    var spare: [Shipment] = []
    var spareBuilders: [BatchBuilder] = []
    var pending = Slab<Pending>()
    /// Those that ask for topics, by name.
    var inquiries: [[UInt8]: TopicInquiry] = [:]
    var nextScan: UInt64?
    var turn = 0
    private var lastTime = PublishedTime(0)
    var spreadCount: UInt64 = 0
    /// Requests that wait, and bytes that wait with them.
    var callerCount = 0
    var byteCount = 0

    var calls: [DeskCall] = []
    var answers: [DeskAnswer] = []
    package var counts = PublishCounts()

    package init(_ settings: PublishSettings) { self.settings = settings }

    /// Whether something waits to be sent, or to be encoded first.
    var hasCalls: Bool { !calls.isEmpty || !gathering.isEmpty }

    /// What is to be sent to storage.
    package mutating func takeCalls() -> [DeskCall] {
        calls.takeAll()
    }

    /// When records were published, written once for all that have the same time.
    mutating func publishedTime(_ logTime: Int) -> PublishedTime {
        if lastTime.logTime != logTime { lastTime = PublishedTime(logTime) }
        return lastTime
    }

    /// What is to be said to clients.
    package mutating func takeAnswers() -> [DeskAnswer] {
        answers.takeAll()
    }
}

/// What a loop has published, for the numbers.
package struct PublishCounts: Equatable, Sendable {
    package var messages: UInt64 = 0
    package var batches: UInt64 = 0
    package var bytes: UInt64 = 0
    package var repeated: UInt64 = 0
    package var refused: UInt64 = 0
    package var unconfirmed: UInt64 = 0
}

// MARK: One message

extension PublishDesk {
    /// `POST /v1/topics/{topic}/messages`; its parts are used before this returns.
    mutating func publish(
        _ body: ArraySlice<UInt8>, _ options: consuming PublishOptions, to name: ArraySlice<UInt8>,
        for caller: Exchange, in topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        try checkRoom()
        options.draft.body = body
        var order = MessageOrder(caller: caller, options: options)
        if let known = topics.find(name.span),
            order.options.partition ?? 0 < known.topic.shards.count
        {
            try take(&order, known, at: now)
        } else {
            // The partition may be newer than this loop's copy of the topic, too.
            guard Name.isValid(name.span) else { throw .topic(.invalidName) }
            byteCount += body.count
            wait(.message(order.detached()), for: [UInt8](name), at: now)
        }
        callerCount += 1
    }

    func checkRoom() throws(GatewayError) {
        let hasRoom =
            pending.count < Self.callsMax && callerCount < Self.callersMax
            && byteCount < Self.bytesMax
        guard hasRoom else { throw .publish(.overloaded) }
    }

    mutating func take(
        _ order: inout MessageOrder, _ known: KnownTopic, at now: TurnTime
    ) throws(GatewayError) {
        let sizeMax = known.topic.settings.messageSizeMax
        guard order.bodySize <= sizeMax else {
            throw .publish(.messageTooLarge(limit: sizeMax))
        }
        order.complete(settings.hashKey, at: now)
        let partition = try partition(of: order.options.draft, order.options.partition, known)
        let durability = order.options.durability ?? known.topic.settings.durability
        let key = ShipmentKey(
            topic: known.topic.id, partition: partition, isBuffered: durability == .buffered,
            isDelayed: order.options.draft.delay != nil)
        var shipment = shipment(key, known)
        let hash = order.options.draft.idempotencyHash
        if let hash, shipment.hashes.contains(hash) {
            shipment = nextShipment(key, known, at: now)
        }
        do throws(RecordsError) {
            if try !shipment.builder.append(order.options.draft) {
                shipment = nextShipment(key, known, at: now)
                let fits = try shipment.builder.append(order.options.draft)
                precondition(fits, "an empty batch takes any record")
            }
        } catch {
            throw .publish(OptionWords.error(error))
        }
        if let hash {
            shipment.hashes.insert(hash)
            if order.options.partition == nil, !known.topic.growths.isEmpty {
                let route = order.options.draft.key.map { partitionHash(of: $0.span) }
                known.addEarlierShards(
                    ofHash: route ?? UInt32(truncatingIfNeeded: hash), at: now,
                    to: &shipment.earlierShards)
            }
        }
        shipment.callers.append(order.caller)
    }

    /// Where the message goes: as it says, or by its key, or where it costs least.
    func partition(
        of draft: borrowing RecordDraft, _ stated: UInt32?, _ known: KnownTopic
    ) throws(GatewayError) -> UInt32 {
        let count = known.topic.shards.count
        if let stated {
            guard stated < count else { throw .publish(.noSuchPartition(count: count)) }
            return stated
        }
        if let key = draft.key { return keyed(partitionHash(of: key.span), count) }
        // The repeat of a publish has to meet the first one.
        if let hash = draft.idempotencyHash {
            return keyed(UInt32(truncatingIfNeeded: hash), count)
        }
        return openPartition(of: known)
    }

    func keyed(_ hash: UInt32, _ count: Int) -> UInt32 {
        UInt32(Records.partition(ofHash: hash, of: count))
    }

    /// The same for all messages of a turn, so that they share a batch.
    func openPartition(of known: KnownTopic) -> UInt32 {
        known.openPartitions[turn % known.openPartitions.count]
    }
}

// MARK: Time

extension PublishDesk {
    /// When `expire` has to be called at the latest.
    package var nextDeadline: UInt64? { nextScan }

    /// Answers those whom storage did not answer in time.
    package mutating func expire(at now: TurnTime) {
        guard let scan = nextScan, now.tick >= scan else { return }
        nextScan = nil
        var next = UInt64.max
        for (id, waiting) in pending.pairs() {
            let due = due(of: waiting)
            if due <= now.tick {
                _ = pending.remove(id)
                expire(waiting)
            } else {
                next = min(next, due)
            }
        }
        // Not each deadline for itself: others are about to come with the same one.
        if next != .max { nextScan = max(next, now.tick + Self.scanPause) }
    }

    private func due(of waiting: Pending) -> UInt64 {
        switch waiting {
        case .shipment(let shipment), .recall(let shipment): shipment.due
        case .batch(let errand, _): errand.due
        case .inquiry(let inquiry): inquiry.due
        }
    }

    private mutating func expire(_ waiting: Pending) {
        switch waiting {
        case .shipment(let shipment):
            refuseAll(shipment, .publish(.unconfirmed(.unknown)))
        case .recall(let shipment): refuseAll(shipment, .publish(.unconfirmed(.none)))
        case .batch(let errand, _): expire(errand)
        case .inquiry(let inquiry): close(inquiry, .topic(.unanswered(mayHaveChanged: false)))
        }
    }
}
