import Records
import Wire

/// Messages of many requests that go to one partition as one batch, from the first of them to the
/// answer of storage.
final class Shipment {
    private(set) var known: KnownTopic
    private(set) var partition: UInt32
    private(set) var isBuffered: Bool
    var builder = BatchBuilder()
    /// Who published each of the records.
    var callers: [Exchange] = []
    /// Of the records with an Idempotency-Key: storage compares a batch with what came before it.
    var hashes: Set<UInt64> = []
    /// Shards that have to be asked first whether they know one of those, and what they said.
    var earlierShards: [UInt16] = []
    var recalled: [RepeatedRecord] = []
    /// Once it is encoded.
    var batch: [UInt8] = []
    var due: UInt64 = 0
    /// Whether its topic was looked for a second time.
    var hasAskedAgain = false

    init(_ known: KnownTopic, _ partition: UInt32, isBuffered: Bool) {
        self.known = known
        self.partition = partition
        self.isBuffered = isBuffered
    }

    /// Begins again with the memory it has.
    func begin(_ known: KnownTopic, _ partition: UInt32, isBuffered: Bool) {
        self.known = known
        self.partition = partition
        self.isBuffered = isBuffered
        hasAskedAgain = false
    }

    /// Goes to the topic that has the name now.
    func turn(to known: KnownTopic) { self.known = known }

    func clear() {
        callers.removeAll(keepingCapacity: true)
        if !hashes.isEmpty { hashes.removeAll() }
        earlierShards = []
        recalled = []
        batch = []
    }

    var shard: UInt16 { known.topic.shards[Int(partition)] }
}

/// What messages have to have in common to travel together.
struct ShipmentKey: Hashable {
    let topic: UInt32
    let partition: UInt32
    let isBuffered: Bool
    let isDelayed: Bool
}
