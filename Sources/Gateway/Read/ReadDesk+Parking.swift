// Where readers wait. A place is watched once for all who wait there; the watch names the ends that
// are known, and a shard that has more says so at once: what comes between the look that found
// nothing and the watch wakes them, too.

import Bytes
import Records
import Wire

extension ReadDesk {
    /// Nothing is behind the place: those who wait are parked, the others are told.
    mutating func rest(_ reading: Reading, at now: TurnTime) {
        reading.place.isExact = true
        for reader in reading.readers {
            if mayPark(reader), reader.isStream || now.tick < reader.due {
                if !takePlace(reader, reading.known.topic.id) {
                    refuse(reader, .read(.tooManyWaiting(limit: settings.parkedMax)))
                }
            } else {
                giveNothing(reader, of: reading)
            }
        }
        if reading.readers.isEmpty { return }
        if reading.taste.key.format == .events { beginStreams(reading, at: now) }
        park(reading)
    }

    func mayPark(_ reader: Reader) -> Bool {
        drainEnd == nil && (reader.isStream || reader.wait > 0)
    }

    /// Adds a reader to those who are parked already.
    mutating func enter(_ reader: Reader, _ reading: Reading) {
        reading.add(reader)
        reader.hasLooked = true
        guard takePlace(reader, reading.known.topic.id) else {
            // Whoever has asked is still in the turn that asks, so there is an answer for it.
            return refuse(reader, .read(.tooManyWaiting(limit: settings.parkedMax)))
        }
    }

    private mutating func park(_ reading: Reading) {
        reading.rest()
        if let known = grown[reading.known.topic.id], reading.extend(to: known) {
            return ask(reading)
        }
        let key = reading.key
        if let other = parked[key], other !== reading {
            for reader in reading.takeReaders() { other.add(reader) }
            return
        }
        parked[key] = reading
        let place = Lookout.Key(
            topic: key.topic, partition: key.place.partition, offsets: key.place.offsets)
        let lookout = lookouts[place] ?? watch(place, for: reading)
        lookout.readings.append(reading)
        reading.lookout = lookout
    }

    private mutating func watch(_ key: Lookout.Key, for reading: Reading) -> Lookout {
        let lookout = Lookout(key, reading.known)
        lookouts[key] = lookout
        for (shard, positions) in shares(of: reading) {
            let parts = positions.map { position in
                let partition = reading.place.partition(at: position)
                return Fetch.Part(
                    partition: PartitionID(topic: key.topic, partition: partition),
                    offset: key.offsets[position])
            }
            let id = pending.insert(.watch(lookout))
            lookout.watches.append((id, shard))
            calls.append(DeskCall(id, .shard(shard, .watch(Watch(parts: parts)))))
        }
        return lookout
    }

    /// Takes what became of the watch with this number.
    mutating func hear(_ answer: ShardAnswer, of lookout: Lookout, _ id: SlabID, at now: TurnTime) {
        lookout.watches.removeAll { $0.id == id }
        let readings = close(lookout)
        switch answer {
        case .news, .refused(.noSuchTopic):
            counts.wakeUps += 1
            for reading in readings { ask(reading) }
        case .refused(let refusal):
            for reading in readings { refuseAll(reading, .read(.storage(refusal))) }
        default: for reading in readings { refuseAll(reading, .read(.storage(.failed))) }
        }
    }

    /// Ends a watch, and hands over those who waited for it.
    mutating func close(_ lookout: Lookout) -> [Reading] {
        lookouts[lookout.key] = nil
        withdraw(lookout)
        let readings = lookout.readings
        lookout.readings = []
        for reading in readings {
            reading.lookout = nil
            parked[reading.key] = nil
        }
        return readings
    }

    /// Takes a reading out that nobody waits for any more.
    mutating func unpark(_ reading: Reading) {
        guard let lookout = reading.lookout else { return }
        reading.lookout = nil
        parked[reading.key] = nil
        lookout.readings.removeAll { $0 === reading }
        if lookout.readings.isEmpty {
            lookouts[lookout.key] = nil
            withdraw(lookout)
        }
    }

    private mutating func withdraw(_ lookout: Lookout) {
        for (id, shard) in lookout.watches {
            guard pending.remove(id) != nil else { continue }
            calls.append(DeskCall(id, .shard(shard, .unwatch(ticket: id.raw))))
        }
        lookout.watches = []
    }

    // MARK: Room

    /// Counts a reader among those that wait, once; false if there are too many.
    mutating func takePlace(_ reader: Reader, _ topic: UInt32) -> Bool {
        if reader.placeTopic != nil { return true }
        let ofTopic = waitingByTopic[topic, default: 0]
        guard counts.parked < settings.parkedMax, ofTopic < settings.parkedPerTopicMax else {
            return false
        }
        reader.placeTopic = topic
        waitingByTopic[topic] = ofTopic + 1
        counts.parked += 1
        return true
    }

    mutating func leavePlace(_ reader: Reader) {
        guard let topic = reader.placeTopic, let count = waitingByTopic[topic] else { return }
        reader.placeTopic = nil
        waitingByTopic[topic] = count == 1 ? nil : count - 1
        counts.parked -= 1
    }
}
