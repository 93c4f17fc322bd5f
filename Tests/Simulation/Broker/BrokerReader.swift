import Records
import Wire

/// A reader of one partition that asks storage as a gateway does: it fetches until there is nothing
/// more, then watches, and fetches again when there is news.
final class BrokerReader {
    private static let ticketMark: UInt64 = 0xFFFF_FFFF

    enum Phase: Equatable { case ready, fetching, watching, ended }

    let partition: PartitionID
    let topic: String
    let shard: UInt16
    var phase = Phase.ready
    var offset = 0
    private(set) var ticket: UInt64 = 0

    init(_ topic: Topic, partition: Int) {
        self.partition = PartitionID(topic: topic.id, partition: UInt32(partition))
        self.topic = topic.name
        shard = topic.shards[partition]
    }

    /// Whether a reply is for a reader; no place in a desk's slab has such a number.
    static func isOurs(_ ticket: UInt64) -> Bool { ticket & 0xFFFF_FFFF == ticketMark }

    static func ticket(_ number: UInt64) -> UInt64 { number << 32 | ticketMark }

    /// What it asks next, if it may ask.
    func nextCall(_ number: UInt64, bytesMax: Int) -> StorageCall? {
        guard phase == .ready else { return nil }
        phase = .fetching
        let fetch = Fetch(
            parts: [Fetch.Part(partition: partition, offset: offset)], bytesMax: bytesMax)
        return call(number, .fetch(fetch))
    }

    func watch(_ number: UInt64) -> StorageCall {
        phase = .watching
        return call(
            number, .watch(Watch(parts: [Fetch.Part(partition: partition, offset: offset)])))
    }

    private func call(_ number: UInt64, _ content: ShardCall) -> StorageCall {
        ticket = Self.ticket(number)
        return StorageCall(ticket: ticket, .shard(shard, content))
    }
}
