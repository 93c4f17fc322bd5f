import Bytes
import HTTP
import Records
import Wire

/// Batches of one request: stored all together, or not at all.
extension PublishDesk {
    /// `POST /v1/topics/{topic}/batches`.
    mutating func publish(
        _ order: BatchOrder, to name: ArraySlice<UInt8>, in topics: borrowing TopicMap,
        at now: TurnTime
    ) throws(GatewayError) {
        try checkRoom()
        if let known = topics.find(name.span) {
            try take(order, known, at: now)
        } else {
            guard Name.isValid(name.span) else { throw .topic(.invalidName) }
            byteCount += order.body.count
            wait(.batch(order), for: [UInt8](name), at: now)
        }
        callerCount += 1
    }

    mutating func take(
        _ order: BatchOrder, _ known: KnownTopic, at now: TurnTime
    ) throws(GatewayError) {
        let packed: BatchErrand?
        switch order.form {
        case .json:
            var source = MessageListReader(order.body)
            packed = try pack(order, from: &source, known, at: now)
        case .lines:
            var source = MessageLineReader(order.body)
            packed = try pack(order, from: &source, known, at: now)
        case .events:
            var source = EventListReader(order.body)
            packed = try pack(order, from: &source, known, at: now)
        case .frames:
            var source = MessageFrameReader(order.body)
            packed = try pack(order, from: &source, known, at: now)
        }
        guard let errand = packed else {
            byteCount += order.body.count
            var again = order
            again.hasAskedAgain = true
            return wait(.batch(again), for: known.name, at: now)
        }
        byteCount += errand.size
        errand.due = now.tick + settings.timeout
        counts.batches += UInt64(errand.parts.count)
        counts.bytes += UInt64(errand.size)
        recallOrSend(errand)
    }

    // MARK: From a body to parts

    /// Returns nothing where a partition is named that may be newer than what is known of the topic.
    private mutating func pack<Source: MessageSource & ~Copyable>(
        _ order: BatchOrder, from source: inout Source, _ known: KnownTopic, at now: TurnTime
    ) throws(GatewayError) -> BatchErrand? {
        var packer = BatchPacker(known.topic.settings.compression, &spareBuilders)
        defer { packer.giveBack(&spareBuilders) }
        var message = BatchMessage()
        var faults: [MessageFault] = []
        var count = 0
        let open = openPartition(of: known, order)
        let body = order.body
        do throws(BodyError) {
            reading: while true {
                message.clear()
                switch try source.next(body.span, at: now, into: &message) {
                case .end: break reading
                case .fault(let fault):
                    faults.append(fault)
                    count += 1
                case .message:
                    if !order.hasAskedAgain, message.partition ?? 0 >= known.topic.shards.count {
                        return nil
                    }
                    if order.idempotencyKey != nil, !known.topic.growths.isEmpty {
                        addEarlierShards(of: message, order, known, at: now, to: &packer)
                    }
                    let fault = pack(&message, count, order, known, open, into: &packer)
                    if let fault { faults.append(fault) }
                    count += 1
                case .stored(let stored):
                    if let fault = pack(stored, count, order, known, open, into: &packer) {
                        throw .invalid([fault.fault(under: Source.root)])
                    }
                    count += stored.count
                }
                guard count <= PublishBounds.messagesMax else { break reading }
            }
        } catch {
            throw .body(error)
        }
        guard count <= PublishBounds.messagesMax else {
            throw .publish(.tooManyMessages(limit: PublishBounds.messagesMax))
        }
        if !faults.isEmpty && !order.isLenient {
            let list = faults.prefix(RequestFault.listedMax).map { $0.fault(under: Source.root) }
            let areMissing = faults.allSatisfy { $0.isOfNoPartition }
            throw .publish(areMissing ? .missingPartitions(list) : .badMessages(list))
        }
        packer.finish(&compressor)
        let durability = order.durability ?? known.topic.settings.durability
        let errand = BatchErrand(
            order, known, parts: packer.parts, messageCount: count, faults: faults,
            isBuffered: durability == .buffered)
        if !packer.earlierShards.isEmpty {
            // The rest of it may be where it would go today.
            errand.earlierShards = Set(packer.earlierShards + errand.shares.map(\.shard)).sorted()
        }
        return errand
    }

    private func addEarlierShards(
        of message: borrowing BatchMessage, _ order: BatchOrder, _ known: KnownTopic,
        at now: TurnTime, to packer: inout BatchPacker
    ) {
        guard message.partition == nil, let idempotencyKey = order.idempotencyKey else { return }
        let route = message.draft.key.map { partitionHash(of: $0.span) }
        known.addEarlierShards(
            ofHash: route ?? UInt32(truncatingIfNeeded: hash(idempotencyKey, 0)), at: now,
            to: &packer.earlierShards)
    }

    /// Where the messages go that say nothing about it: all to one place, so that their order stays,
    /// and a repeated batch to the place of the first.
    private func openPartition(of known: KnownTopic, _ order: BatchOrder) -> UInt32 {
        guard let key = order.idempotencyKey else { return openPartition(of: known) }
        let hash = hash(key, 0)
        return keyed(UInt32(truncatingIfNeeded: hash), known.topic.shards.count)
    }

    private func hash(_ key: [UInt8], _ index: Int) -> UInt64 {
        idempotencyHash(key: settings.hashKey, name: key.span, index: UInt32(index))
    }

    private mutating func pack(
        _ message: inout BatchMessage, _ index: Int, _ order: BatchOrder,
        _ known: KnownTopic, _ open: UInt32, into packer: inout BatchPacker
    ) -> MessageFault? {
        let sizeMax = known.topic.settings.messageSizeMax
        guard message.draft.body.count <= sizeMax else {
            return MessageFault(index, "", "has more than \(sizeMax) bytes")
        }
        let count = known.topic.shards.count
        let partition: UInt32
        if let stated = message.partition {
            guard stated < count else {
                return .noSuchPartition(index, of: count)
            }
            partition = stated
        } else if let key = message.draft.key {
            partition = keyed(partitionHash(of: key.span), count)
        } else {
            partition = open
        }
        if let key = order.idempotencyKey {
            message.draft.idempotencyHash = hash(key, index)
        }
        do throws(RecordsError) {
            try packer.append(message.draft, partition, message: index, &compressor)
            return nil
        } catch {
            return MessageFault(index, "", RecordWords.detail(of: error))
        }
    }

    private mutating func pack(
        _ stored: StoredBatch, _ index: Int, _ order: BatchOrder, _ known: KnownTopic,
        _ open: UInt32, into packer: inout BatchPacker
    ) -> MessageFault? {
        let settings = known.topic.settings
        guard order.idempotencyKey == nil else {
            return MessageFault(index, "", "has to come as messages to have an Idempotency-Key")
        }
        guard stored.bodySizeMax <= settings.messageSizeMax else {
            return MessageFault(
                index, "", "has a message of more than \(settings.messageSizeMax) bytes")
        }
        let count = known.topic.shards.count
        var partition = open
        for (place, key) in stored.keys.enumerated() {
            let wanted = keyed(partitionHash(of: key.span), count)
            if place > 0 && wanted != partition {
                return MessageFault(index, "", "has keys of different partitions")
            }
            partition = wanted
        }
        packer.append(stored, partition, firstMessage: index, &compressor)
        return nil
    }
}
