import Bytes
import Records
import Wire

/// The batches of a turn, from their first message until they are sent.
extension PublishDesk {
    mutating func shipment(_ key: ShipmentKey, _ known: KnownTopic) -> Shipment {
        if key == lastKey, let last = gathering.last { return last }
        if let place = places[key] { return gathering[place] }
        return begin(key, known)
    }

    private mutating func begin(_ key: ShipmentKey, _ known: KnownTopic) -> Shipment {
        let shipment: Shipment
        if let used = spare.popLast() {
            used.begin(known, key.partition, isBuffered: key.isBuffered)
            shipment = used
        } else {
            shipment = Shipment(known, key.partition, isBuffered: key.isBuffered)
        }
        places[key] = gathering.count
        gathering.append(shipment)
        lastKey = key
        return shipment
    }

    /// Sends what there is for `key`, and begins another: what is sent first is stored first.
    mutating func nextShipment(
        _ key: ShipmentKey, _ known: KnownTopic, at now: TurnTime
    ) -> Shipment {
        guard let place = places[key] else { preconditionFailure("there is one that is full") }
        let full = gathering[place]
        let next = spare.popLast() ?? Shipment(known, key.partition, isBuffered: key.isBuffered)
        next.begin(known, key.partition, isBuffered: key.isBuffered)
        gathering[place] = next
        seal(full, at: now)
        return next
    }

    /// Encodes and sends what the turn has collected.
    package mutating func endTurn(at now: TurnTime) {
        turn &+= 1
        if turn < 0 { turn = 0 }
        compressor.pass(to: now.tick)
        if gathering.isEmpty { return }
        for shipment in gathering {
            if shipment.callers.isEmpty { recycle(shipment) } else { seal(shipment, at: now) }
        }
        gathering.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        lastKey = nil
    }

    private mutating func seal(_ shipment: Shipment, at now: TurnTime) {
        let compression = shipment.known.topic.settings.compression
        shipment.batch = shipment.builder.encode(compression, with: &compressor)
        counts.batches += 1
        counts.bytes += UInt64(shipment.batch.count)
        byteCount += shipment.batch.count
        shipment.due = now.tick + settings.timeout
        recallOrSend(shipment)
    }

    /// Sends a batch once no shard is left that may have had some of it before.
    private mutating func recallOrSend(_ shipment: Shipment) {
        if let shard = shipment.earlierShards.popLast() {
            call(.recall(shipment), .shard(shard, .recall(publish(shipment))), due: shipment.due)
        } else if shipment.recalled.isEmpty {
            send(shipment)
        } else {
            settle(shipment, shipment.recalled)
        }
    }

    mutating func takeRecalled(_ shipment: Shipment, _ answer: ShardAnswer) {
        switch answer {
        case .repeated(let records):
            shipment.recalled += records
            recallOrSend(shipment)
        case .refused(.noSuchTopic): refuseAll(shipment, .publish(.topicChanged))
        case .refused(let refusal): refuseAll(shipment, .publish(.storage(refusal)))
        default: refuseAll(shipment, .publish(.storage(.failed)))
        }
    }

    private func publish(_ shipment: Shipment) -> Publish {
        let topic = shipment.known.topic
        let partition = PartitionID(topic: topic.id, partition: shipment.partition)
        return Publish(
            parts: [Publish.Part(partition: partition, batch: shipment.batch)],
            isBuffered: shipment.isBuffered, partitionCount: topic.shards.count)
    }

    mutating func send(_ shipment: Shipment) {
        let content = ShardCall.publish(publish(shipment))
        call(.shipment(shipment), .shard(shipment.shard, content), due: shipment.due)
    }

    mutating func call(_ waiting: Pending, _ content: StorageCall.Content, due: UInt64) {
        let id = pending.insert(waiting)
        if nextScan == nil { nextScan = due }
        calls.append(DeskCall(id, content))
    }

    /// Sends the records of `shipment` but for those in `done`, who have their answers.
    mutating func resend(_ shipment: Shipment, without done: Set<Int>) {
        let rest = spare.popLast() ?? Shipment(shipment.known, 0, isBuffered: false)
        rest.begin(shipment.known, shipment.partition, isBuffered: shipment.isBuffered)
        rest.due = shipment.due
        do throws(RecordsError) {
            try reader.open(shipment.batch)
            let bytes = reader.bytes
            while let record = try reader.nextRecord() {
                if done.contains(record.index) { continue }
                let draft = record.draft(bytes, reader.entry(record.index))
                let fits = try rest.builder.append(draft)
                precondition(fits, "a part of a batch fits where the whole did")
                rest.callers.append(shipment.callers[record.index])
            }
            reader.close()
        } catch {
            preconditionFailure("a batch of our own is good: \(error)")
        }
        rest.batch = rest.builder.encode(
            shipment.known.topic.settings.compression, with: &compressor)
        byteCount += rest.batch.count
        send(rest)
    }

    /// Keeps the memory of a shipment that is done.
    mutating func recycle(_ shipment: Shipment) {
        byteCount -= shipment.batch.count
        shipment.clear()
        if spare.count < Self.spareMax { spare.append(shipment) }
    }
}
