/// What a shard says to a call; every call is answered once, but for an `unwatch`.
package enum ShardAnswer: Sendable {
    /// Where the parts of a publish went, in their order.
    case published([PlacedPart])
    /// Nothing was stored: these records were published before; after a recall it may be none.
    case repeated([RepeatedRecord])
    /// The parts of a fetch, in their order.
    case fetched([FetchedPart])
    /// Something came that a watch waited for.
    case news
    /// The first offsets, in the order of the partitions.
    case located([Int])
    case described([PartitionStatus])
    case spread(SpreadAnswer)
    case group(GroupAnswer)
    case refused(ShardRefusal)
}

package enum ShardRefusal: Error, Equatable, Sendable {
    /// Deleted, or not heard of yet.
    case noSuchTopic
    /// So much waits for its flush already; nothing was stored.
    case overloaded
    /// Its keys were placed by fewer partitions than the topic has by now; nothing was stored.
    case outdated
    /// The disk is full but for what is kept for reads and acks; nothing was stored.
    case noSpace
    /// The topic has as much as it may; nothing was stored.
    case backlogFull(limit: Int)
    /// Damage was found that waits for an operator; nothing was stored.
    case readOnly
    /// The disk failed: what was under way may be stored, or not.
    case failed
    /// A batch that is not whole, or not what it says.
    case badBatch
    /// A part of the log that cannot be read.
    case damaged
}

/// Where one batch went.
package struct PlacedPart: Equatable, Sendable {
    package enum Place: Equatable, Sendable {
        case offset(Int)
        /// Without an offset until it is due; the position of its entry.
        case held(position: Int)
        /// Taken, and not flushed yet.
        case buffered
    }

    package let place: Place
    /// When it was appended, by the clock of the log.
    package let logTime: Int

    package init(place: Place, logTime: Int) {
        self.place = place
        self.logTime = logTime
    }
}

/// A record whose Idempotency-Key is known.
package struct RepeatedRecord: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        /// The same message; the first one went there, as that record of its batch.
        case same(PlacedPart.Place, record: Int, partition: UInt32, logTime: Int)
        /// Another message.
        case other
    }

    /// Which part of the publish, and which record in its batch.
    package let part: Int
    package let record: Int
    package let verdict: Verdict

    package init(part: Int, record: Int, verdict: Verdict) {
        self.part = part
        self.record = record
        self.verdict = verdict
    }
}

/// A run of records as it rests.
package struct FetchedBatch: Sendable {
    /// Holds the batch; shared by whoever reads the same.
    package let bytes: [UInt8]
    /// Where it begins in them.
    package let start: Int
    /// The offset of its first record, or of the first of `picks`.
    package let baseOffset: Int
    /// The records of a held batch that fell due together; nothing where all of them count.
    package let picks: [UInt16]?
    package let count: Int
    /// When the records came to be readable, by the clock of the log.
    package let logTime: Int

    package init(
        bytes: [UInt8], start: Int, baseOffset: Int, picks: [UInt16]?, count: Int, logTime: Int
    ) {
        self.bytes = bytes
        self.start = start
        self.baseOffset = baseOffset
        self.picks = picks
        self.count = count
        self.logTime = logTime
    }

    package var endOffset: Int { baseOffset + count }
}

package struct FetchedPart: Sendable {
    /// In order; the first may begin before the offset that was asked for.
    package var batches: [FetchedBatch]
    /// The first offset that is kept, and the one behind the last that is committed.
    package var start: Int
    package var end: Int
    /// Log time of the shard: what has expired by it is not shown.
    package var logTime: Int

    package init(batches: [FetchedBatch], start: Int, end: Int, logTime: Int) {
        self.batches = batches
        self.start = start
        self.end = end
        self.logTime = logTime
    }
}

package struct PartitionStatus: Equatable, Sendable {
    package var start: Int
    package var end: Int
    package var bytes: Int
    /// Dead bytes that stay on the disk for the sake of the partition's live ones.
    package var pinnedBytes: Int
    /// Messages that wait for their time.
    package var held: Int

    package init(start: Int, end: Int, bytes: Int, pinnedBytes: Int, held: Int) {
        self.start = start
        self.end = end
        self.bytes = bytes
        self.pinnedBytes = pinnedBytes
        self.held = held
    }
}
