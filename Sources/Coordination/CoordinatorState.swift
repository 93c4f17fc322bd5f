import Bytes
package import CommitLog
import Records
import Wire

/// What the coordinator's log comes to: a fold of its entries.
package struct CoordinatorState: Equatable, Sendable {
    package internal(set) var table = TopicTable()
    /// Nothing before the first entry of a log.
    package internal(set) var identity: ClusterIdentity?

    package init() {}

    package mutating func apply(_ record: TopicRecord) {
        if case .identity(let identity) = record { self.identity = identity }
        table.apply(record)
    }
}

// The section of a checkpoint: {nextID 4, zero 4, identity 32}, then for each topic, in the order of
// their ids, {id 4, size 4, body}.
extension CoordinatorState {
    private static let fixedSize = 8 + ClusterIdentity.size

    package func encoded() -> [UInt8] {
        guard let identity else { preconditionFailure("a checkpoint follows the first entry") }
        let topics = table.topics.values.sorted { $0.id < $1.id }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            topics.reduce(Self.fixedSize) { $0 + 8 + TopicBody.size(of: $1) })
        bytes.append(littleEndian: table.nextID)
        bytes.append(littleEndian: UInt32(0))
        identity.encode(into: &bytes)
        for topic in topics {
            bytes.append(littleEndian: topic.id)
            bytes.append(littleEndian: UInt32(TopicBody.size(of: topic)))
            TopicBody.encode(topic, into: &bytes)
        }
        return bytes
    }

    package init(decoding section: [UInt8]) throws(LogError) {
        let bytes = section.span
        guard bytes.count >= Self.fixedSize else { throw .damaged(.checkpoint) }
        identity = try ClusterIdentity(decoding: bytes.extracting(8..<Self.fixedSize))
        var topics: [Topic] = []
        var place = Self.fixedSize
        while place < bytes.count {
            guard bytes.count - place >= 8 else { throw .damaged(.checkpoint) }
            let size = Int(bytes.uint32(at: place + 4))
            guard size <= bytes.count - place - 8 else { throw .damaged(.checkpoint) }
            let body = bytes.extracting(place + 8..<place + 8 + size)
            topics.append(try TopicBody.decode(body, id: bytes.uint32(at: place)))
            place += 8 + size
        }
        table = try TopicTable(topics: topics, nextID: bytes.uint32(at: 0))
    }
}
