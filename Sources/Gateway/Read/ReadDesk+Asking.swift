package import Bytes
import Records
package import Wire

/// What storage is asked, and what becomes of what it says.
extension ReadDesk {
    /// Behind everything, so that a fetch brings nothing but the ends.
    private static var farOffset: Int { 1 << 61 }

    /// Asks for a reading, now or when others are done.
    mutating func ask(_ reading: Reading) {
        guard askingCount < Self.askingMax else { return line.append(reading) }
        askingCount += 1
        let count = reading.place.offsets.count
        reading.parts = [FetchedPart?](repeating: nil, count: count)
        reading.offsets = [Int?](repeating: nil, count: count)
        reading.refusal = nil
        for (shard, positions) in shares(of: reading) { ask(reading, shard, positions) }
    }

    private mutating func ask(_ reading: Reading, _ shard: UInt16, _ positions: [Int]) {
        let topic = reading.known.topic.id
        let ids = positions.map {
            PartitionID(topic: topic, partition: reading.place.partition(at: $0))
        }
        reading.awaited += 1
        if case .since(let time) = reading.start {
            let id = pending.insert(.locate(reading, positions))
            let locate = Locate(partitions: ids, time: time)
            return calls.append(DeskCall(id, .shard(shard, .locate(locate))))
        }
        var isForEnds = false
        if case .ends = reading.start { isForEnds = true }
        let parts = zip(ids, positions).map { id, position in
            Fetch.Part(
                partition: id, offset: isForEnds ? Self.farOffset : reading.place.offsets[position])
        }
        counts.fetches += 1
        let id = pending.insert(.fetch(reading, positions))
        let fetch = Fetch(
            parts: parts, bytesMax: isForEnds ? 0 : fetchSize(of: reading),
            recordsMax: recordsMax(of: reading))
        calls.append(DeskCall(id, .shard(shard, .fetch(fetch))))
    }

    /// The positions of partitions by the shards that have them, in order.
    func shares(of reading: Reading) -> [(shard: UInt16, positions: [Int])] {
        let shards = reading.known.topic.shards
        var shares: [(shard: UInt16, positions: [Int])] = []
        for position in reading.place.offsets.indices {
            let shard = shards[Int(reading.place.partition(at: position))]
            if let place = shares.firstIndex(where: { $0.shard == shard }) {
                shares[place].positions.append(position)
            } else {
                shares.append((shard, [position]))
            }
        }
        return shares
    }

    /// What a round asks of each shard: few messages need few bytes, until that proves too little.
    private func fetchSize(of reading: Reading) -> Int {
        let key = reading.taste.key
        guard reading.rounds == 0 else { return key.bytesMax }
        return min(key.bytesMax, 16 << 10 + key.messagesMax * 2 << 10)
    }

    /// Without a filter each record is wanted; those that have expired are made up for by a round.
    private func recordsMax(of reading: Reading) -> Int {
        guard reading.taste.filter == nil else { return .max }
        return reading.taste.key.messagesMax - reading.rendition.count
    }

    // MARK: Answers of shards

    /// Takes what a shard says to a call of this desk; a late answer finds nobody.
    package mutating func take(_ id: SlabID, _ answer: ShardAnswer, at now: TurnTime) {
        guard let waiting = pending.remove(id) else { return }
        switch waiting {
        case .watch(let lookout): hear(answer, of: lookout, id, at: now)
        case .inquiry: preconditionFailure("the coordinator answers for topics")
        case .fetch(let reading, let positions):
            switch answer {
            case .fetched(let parts) where parts.count == positions.count:
                for (part, position) in zip(parts, positions) { reading.parts[position] = part }
            case .refused(let refusal): reading.refusal = refusal
            default: reading.refusal = .failed
            }
            settle(reading, at: now)
        case .locate(let reading, let positions):
            switch answer {
            case .located(let offsets) where offsets.count == positions.count:
                for (offset, place) in zip(offsets, positions) { reading.offsets[place] = offset }
            case .refused(let refusal): reading.refusal = refusal
            default: reading.refusal = .failed
            }
            settle(reading, at: now)
        }
    }

    /// Goes on once all shards have answered.
    private mutating func settle(_ reading: Reading, at now: TurnTime) {
        reading.awaited -= 1
        guard reading.awaited == 0 else { return }
        askingCount -= 1
        if !reading.readers.isEmpty { proceed(reading, at: now) }
        while askingCount < Self.askingMax, let next = line.take() {
            if !next.readers.isEmpty { ask(next) }
        }
    }

    private mutating func proceed(_ reading: Reading, at now: TurnTime) {
        if let refusal = reading.refusal {
            if refusal == .noSuchTopic, !reading.hasAskedAgain {
                reading.hasAskedAgain = true
                return inquire(.reading(reading), reading.known.name)
            }
            return refuseAll(reading, .read(.storage(refusal)))
        }
        if case .known = reading.start {
            for reader in reading.readers { reader.hasLooked = true }
            return take(reading, at: now)
        }
        resolve(reading, at: now)
    }

    /// Knows where the reading begins; what it began with is not kept from it by retention.
    private mutating func resolve(_ reading: Reading, at now: TurnTime) {
        for position in reading.place.offsets.indices {
            let partition = reading.place.partition(at: position)
            if case .cursor(let cursor) = reading.options.start,
                case .published(_, partition, let offset, _) = cursor.place
            {
                reading.place.offsets[position] = offset
            } else {
                reading.place.offsets[position] =
                    reading.offsets[position] ?? reading.parts[position]?.end ?? 0
            }
        }
        reading.settle()
        let isAtEnds: Bool
        if case .ends = reading.start { isAtEnds = true } else { isAtEnds = false }
        reading.start = .known
        if isAtEnds {
            // The ends were found by a look at what is there, which is nothing behind them.
            for reader in reading.readers { reader.hasLooked = true }
            return rest(reading, at: now)
        }
        ask(reading)
    }

    // MARK: Messages

    private mutating func take(_ reading: Reading, at now: TurnTime) {
        let parts = reading.parts.compactMap { $0 }
        assert(parts.count == reading.place.offsets.count)
        if case .message(let id, let isEnvelope) = reading.kind {
            return answer(reading, parts[0], id, isEnvelope: isEnvelope)
        }
        reading.rounds += 1
        reading.fetchedSize += parts.reduce(0) { sum, part in
            sum + part.batches.reduce(0) { $0 + $1.restingSize }
        }
        if let error = keepWithin(reading, parts) {
            if reading.rendition.isEmpty { return refuseAll(reading, .read(error)) }
            return deliver(reading, .limit, at: now)
        }
        var harvest = Harvest(parts, reading)
        let before = reading.place
        var isBroken = false
        var stop = Harvest.Stop.cut
        do throws(RecordsError) {
            stop = try harvest.run(&batches)
        } catch {
            isBroken = true
        }
        reading.place = harvest.place
        // What rests in the log is not kept for those who wait.
        for position in reading.parts.indices { reading.parts[position]?.batches = [] }
        reading.rendition = harvest.rendition
        if isBroken {
            if reading.rendition.isEmpty {
                return refuseAll(reading, .read(.storage(.damaged)))
            }
            return deliver(reading, .limit, at: now)
        }
        switch stop {
        case .full: deliver(reading, .limit, isFull: true, at: now)
        case .end where reading.rendition.isEmpty: rest(reading, at: now)
        case .end: deliver(reading, .data, at: now)
        case .cut:
            let mayGoOn =
                reading.rounds < Self.roundsMax && reading.fetchedSize < Self.fetchedSizeMax
                && reading.place != before
            if mayGoOn { ask(reading) } else { deliver(reading, .limit, at: now) }
        }
    }

    /// Moves a reading to what is kept; an error if it minds what is not.
    private func keepWithin(_ reading: Reading, _ parts: [FetchedPart]) -> ReadError? {
        var isBelow = false
        for (position, part) in parts.enumerated()
        where reading.place.offsets[position] < part.start {
            isBelow = true
        }
        guard isBelow else { return nil }
        guard !reading.place.isExact else {
            let starts = parts.map(\.start)
            let place = ReadPlace(
                partition: reading.place.partition, offsets: starts, isExact: true)
            return .beyondRetention(earliest: place.cursor(of: reading.known.topic.id))
        }
        for (position, part) in parts.enumerated() {
            reading.place.offsets[position] = max(reading.place.offsets[position], part.start)
        }
        if reading.rendition.isEmpty { reading.settle() }
        return nil
    }
}

extension FetchedBatch {
    /// Of the whole batch, as it rests.
    fileprivate var restingSize: Int {
        guard bytes.count - start >= 4 else { return 0 }
        return Int(bytes.span.uint32(at: start))
    }
}
