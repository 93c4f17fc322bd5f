import Wire

/// From what a client says of its start to the place where it is.
extension ReadDesk {
    /// Whether the loop's copy of the topic is as new as the cursor, as far as that can be seen.
    static func isUpToDate(_ known: KnownTopic, _ options: ReadOptions) -> Bool {
        let count = known.topic.shards.count
        if let partition = options.partition, partition >= count { return false }
        guard case .cursor(let cursor) = options.start else { return true }
        guard cursor.topic == known.topic.id else { return false }
        switch cursor.place {
        case .all(let offsets): return offsets.count <= count
        case .one(let partition, _): return partition < count
        case .published(let stated, _, _, _): return stated <= count
        }
    }

    mutating func begin(
        _ request: ReadRequest, _ known: KnownTopic, hasAskedAgain: Bool
    ) throws(GatewayError) {
        if request.reader.isGone { return }
        let origin: ReadOrigin
        do throws(ReadError) {
            origin = try ReadOrigin(request.options, known)
        } catch {
            throw .read(error)
        }
        let taste = ReadTaste(request.options)
        let isShared: Bool
        if case .page = request.kind { isShared = true } else { isShared = false }
        if case .known = origin.start, isShared {
            return join([request.reader], known, taste, origin.place, request.options)
        }
        let reading = Reading(known, request.kind, taste, origin.place, request.options)
        reading.start = origin.start
        reading.hasAskedAgain = hasAskedAgain
        reading.add(request.reader)
        ask(reading)
    }

    /// Lets readers go on at a place, together with those who are there already.
    mutating func join(
        _ readers: [Reader], _ known: KnownTopic, _ taste: ReadTaste, _ place: ReadPlace,
        _ options: ReadOptions
    ) {
        let key = Reading.Key(topic: known.topic.id, place: place, taste: taste.key)
        if let reading = parked[key], readers.allSatisfy({ mayPark($0) }) {
            for reader in readers { enter(reader, reading) }
        } else if let reading = fresh[key] {
            for reader in readers { reading.add(reader) }
        } else {
            let reading = Reading(known, .page, taste, place, options)
            for reader in readers { reading.add(reader) }
            fresh[key] = reading
            ask(reading)
        }
    }
}

/// Where a read begins in a topic, and what has to be found out for that.
struct ReadOrigin {
    let place: ReadPlace
    let start: Reading.Start

    init(_ options: ReadOptions, _ known: KnownTopic) throws(ReadError) {
        let count = known.topic.shards.count
        var partition = options.partition
        var offsets: [Int]?
        var isExact = true
        var start = Reading.Start.known
        switch options.start {
        case .earliest: isExact = false
        case .latest: (isExact, start) = (false, .ends)
        case .time(let time): (isExact, start) = (false, .since(time))
        case .offset(let offset): offsets = [offset]
        case .cursor(let cursor):
            guard cursor.topic == known.topic.id else { throw .otherTopic }
            switch cursor.place {
            case .all(let stated):
                guard stated.count <= count else { throw .invalidCursor("after") }
                // What was added since has been read by nobody.
                offsets = stated + [Int](repeating: 0, count: count - stated.count)
            case .one(let stated, let offset):
                guard partition ?? stated == stated else {
                    throw .contradiction("after", "partition")
                }
                partition = stated
                offsets = [offset]
            case .published(_, let stated, let offset, let logTime):
                if partition == stated {
                    offsets = [offset]
                } else {
                    start = .since(logTime)
                }
            }
        }
        if let partition {
            guard partition < count else { throw .noSuchPartition(count: count) }
            if let all = offsets, all.count > 1 { offsets = [all[Int(partition)]] }
        }
        let width = partition == nil ? count : 1
        place = ReadPlace(
            partition: partition, offsets: offsets ?? [Int](repeating: 0, count: width),
            isExact: isExact)
        self.start = start
    }
}
