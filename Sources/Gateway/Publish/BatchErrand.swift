import Records
import Wire

/// A batch that somebody wants to publish, as it came.
struct BatchOrder {
    enum Form: Int, CaseIterable {
        case json, lines, events, frames

        /// The media types of the forms, in their order.
        static let types = [
            "application/json", "application/x-ndjson", "application/cloudevents-batch+json",
            "application/vnd.posthorn.batch",
        ]
    }

    let caller: Exchange
    let form: Form
    let body: [UInt8]
    var durability: Durability?
    var idempotencyKey: [UInt8]?
    /// Whether what can be stored is stored, and the rest told apart.
    var isLenient = false
    /// Whether its topic was looked for, so that what is known of it is new.
    var hasAskedAgain = false
}

/// The batch of one request, from its parts to its answer.
final class BatchErrand {
    /// Records for one partition, encoded; and which of the request's messages they are.
    struct Part {
        let partition: UInt32
        let batch: [UInt8]
        let messages: [Int32]
    }

    /// What goes to one shard: places in `parts`.
    struct Share {
        let shard: UInt16
        var parts: [Int]
    }

    enum Phase { case recalling, simple, preparing, deciding, showing, done }

    let caller: Exchange
    var known: KnownTopic
    let parts: [Part]
    let shares: [Share]
    /// Messages in the request, with those that cannot be taken.
    let messageCount: Int
    let faults: [MessageFault]
    let isLenient: Bool
    let isBuffered: Bool
    var due: UInt64 = 0
    var phase = Phase.simple
    /// Shares that owe an answer in this phase.
    var left = 0
    /// Where the parts went.
    var places: [PlacedPart?]
    /// What storage said of records that came before, with their parts as places in `parts`.
    var repeated: [RepeatedRecord] = []
    var failure: GatewayError?
    var hasAskedAgain = false
    var spread = SpreadID(high: 0, low: 0)

    init(
        _ order: BatchOrder, _ known: KnownTopic, parts: [Part], messageCount: Int,
        faults: [MessageFault], isBuffered: Bool
    ) {
        caller = order.caller
        self.known = known
        self.parts = parts
        self.messageCount = messageCount
        self.faults = faults
        isLenient = order.isLenient
        places = [PlacedPart?](repeating: nil, count: parts.count)
        var shares: [Share] = []
        for (place, part) in parts.enumerated() {
            let shard = known.topic.shards[Int(part.partition)]
            if let share = shares.firstIndex(where: { $0.shard == shard }) {
                shares[share].parts.append(place)
            } else {
                shares.append(Share(shard: shard, parts: [place]))
            }
        }
        self.shares = shares
        // What several shards have to agree on is flushed in any case.
        self.isBuffered = isBuffered && shares.count == 1
    }

    /// Shards that have to be asked first whether they know some of it.
    var earlierShards: [UInt16] = []

    var size: Int { parts.reduce(0) { $0 + $1.batch.count } }
    var recordCount: Int { parts.reduce(0) { $0 + $1.messages.count } }

    /// Whether the records of the parts, one after another, are the messages of the request.
    var isInOrder: Bool {
        var next: Int32 = 0
        for part in parts {
            for message in part.messages {
                guard message == next else { return false }
                next += 1
            }
        }
        return next == messageCount
    }

    /// Where a part of a batch that is confirmed went.
    func place(of part: Int) -> PlacedPart {
        guard let placed = places[part] else {
            preconditionFailure("a batch that is confirmed has all of its places")
        }
        return placed
    }

    func publish(_ share: Share) -> Publish { publish(share.parts) }

    /// All of it, for a shard that is only asked.
    var whole: Publish { publish(Array(parts.indices)) }

    private func publish(_ places: [Int]) -> Publish {
        Publish(
            parts: places.map { place in
                Publish.Part(
                    partition: PartitionID(
                        topic: known.topic.id, partition: parts[place].partition),
                    batch: parts[place].batch)
            }, isBuffered: isBuffered, partitionCount: known.topic.shards.count)
    }
}
