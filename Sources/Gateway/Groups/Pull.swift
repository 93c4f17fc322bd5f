import Bytes
import Reactor
import Records
import Wire

/// One pull until it is answered.
final class Pull {
    let caller: Exchange
    /// The name of its group.
    let name: String
    let order: PullOrder
    /// Of its client, for people to see.
    let address: String
    let arrived: UInt64
    /// When it is told that nothing came.
    var due: UInt64
    /// When it waits no more for others, once it has something.
    var lingerEnd: UInt64?
    /// When storage was asked last.
    var askedAt: UInt64
    var timer: TimerID?

    /// The number of its group, and its topics, once both are known.
    var group: UInt32 = 0
    private(set) var topics: [KnownTopic] = []
    /// Which of its topics, partitions and shards comes first, so that none is always the last.
    private(set) var turn = 0
    /// Its partitions by shard.
    private(set) var shares: [UInt16: [GroupPull.Part]] = [:]
    /// The shards that are to be asked, and how many calls are under way.
    var toAsk: [UInt16] = []
    var awaited = 0
    /// Calls for messages so far.
    var rounds = 0
    /// Shards that gave something to a pull that has an id: asked again, they would give the same.
    var givers: Set<UInt16> = []
    var watches: [(id: SlabID, shard: UInt16)] = []
    /// How often shards did not know its group or its topics yet.
    var retries = 0

    var leases: [GroupGrant.Lease] = []
    var count = 0
    var size = 0
    private(set) var lags: [UInt16: Int] = [:]
    /// What it settles before.
    var settlement: SettleErrand?
    /// What it ends with, once what it settles is done, too.
    var ending: ReadEnding?

    /// Whether it only asks whether it was there before.
    var isProbing = false
    /// Whether it is over: calls that are under way, and timers, may still name it.
    var isGone = false
    var isParked = false
    /// Whether shards are asked again after a pause.
    var isWaitingToRetry = false
    /// Whether what it settles was sent.
    var hasSettled = false
    var holdsPlace = false
    /// Whether its client sends no more, and may be gone altogether.
    var isInputEnded = false

    init(
        _ order: PullOrder, of name: String, for caller: Exchange, from address: String,
        at now: UInt64
    ) {
        self.order = order
        self.name = name
        self.caller = caller
        self.address = address
        arrived = now
        askedAt = now
        due = now
    }

    var messagesLeft: Int { order.messagesMax - count }
    var isFull: Bool { messagesLeft <= 0 || size >= order.bytesMax }
    var lag: Int { lags.values.reduce(0, +) }

    func note(lag: Int, of shard: UInt16) { lags[shard] = lag }

    func known(_ topic: UInt32) -> KnownTopic? { topics.first { $0.topic.id == topic } }

    /// Divides its partitions among shards.
    func share(_ topics: [KnownTopic], turn: Int) {
        self.topics = topics
        self.turn = turn
        shares = [:]
        for index in topics.indices {
            let place = (index + turn) % topics.count
            add(topics[place], weight: order.topics[place].weight)
        }
    }

    private func add(_ known: KnownTopic, weight: Int) {
        let shards = known.topic.shards
        guard let first = shards.first else { return }
        if shards.allSatisfy({ $0 == first }) {
            return add(Array(shards.indices), of: known, in: first, weight: weight)
        }
        for (shard, partitions) in Dictionary(grouping: shards.indices, by: { shards[$0] }) {
            add(partitions, of: known, in: shard, weight: weight)
        }
    }

    private func add(
        _ partitions: [Int], of known: KnownTopic, in shard: UInt16, weight: Int
    ) {
        // What a topic gets in a shard does not depend on how many partitions it has there.
        let part = max(1, weight * Self.weightScale / partitions.count)
        var parts = shares[shard] ?? []
        for index in partitions.indices {
            let partition = partitions[(index + turn) % partitions.count]
            parts.append(
                GroupPull.Part(
                    PartitionID(topic: known.topic.id, partition: UInt32(partition)), weight: part))
        }
        shares[shard] = parts
    }

    private static let weightScale = 256

    /// All of its shards, in the order in which they are asked.
    func shards() -> [UInt16] {
        let all = shares.keys.sorted()
        return all.indices.map { all[($0 + turn) % all.count] }
    }
}
