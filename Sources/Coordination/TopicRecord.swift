// Entries of the coordinator's log, as in docs/log-format.md. Bodies:
//
//     1 identity   0 cluster  16 hashKey
//     2 put        0 createdAt  8 retention  16 retentionBytes  24 backlogMax  32 dedupWindow
//                 40 messageSizeMax  48 durability  49 compression  50 partitions  52 nameSize
//                 54 growths  56 name, then 2 bytes a partition, then 10 a growth
//     3 deleted    the name

import Bytes
package import CommitLog
import Records
package import Wire

/// A secret of the cluster: with it the hashes of Idempotency-Keys cannot be made to collide.
package struct HashKey: Equatable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Who the cluster is: made once, and never changed.
package struct ClusterIdentity: Equatable, Sendable {
    package let cluster: Identity
    package let hashKey: HashKey

    package init(cluster: Identity, hashKey: HashKey) {
        self.cluster = cluster
        self.hashKey = hashKey
    }
}

/// A change of what the coordinator knows, as an entry of its log.
package enum TopicRecord: Equatable, Sendable {
    case identity(ClusterIdentity)
    /// The topic as it is from here on.
    case put(Topic)
    case deleted(id: UInt32, name: String)

    package enum Kind: UInt8, CaseIterable, Sendable {
        case identity = 1
        case put = 2
        case deleted = 3
    }

    package var kind: Kind {
        switch self {
        case .identity: .identity
        case .put: .put
        case .deleted: .deleted
        }
    }

    package var head: EntryHead {
        let topic: UInt32 =
            switch self {
            case .identity: 0
            case .put(let topic): topic.id
            case .deleted(let id, _): id
            }
        return EntryHead(
            type: kind.rawValue, flags: 0, partition: PartitionID(topic: topic, partition: 0),
            baseOffset: 0, count: 0)
    }

    package var body: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .identity(let identity): identity.encode(into: &bytes)
        case .put(let topic): TopicBody.encode(topic, into: &bytes)
        case .deleted(_, let name): bytes = Array(name.utf8)
        }
        return bytes
    }

    package init(_ head: EntryHead, body: Span<UInt8>) throws(LogError) {
        let id = head.partition.topic
        switch Kind(rawValue: head.type) {
        case .identity: self = .identity(try ClusterIdentity(decoding: body))
        case .put:
            let topic = try TopicBody.decode(body, id: id)
            guard TopicBody.size(of: topic) == body.count else { throw .damaged(.frame) }
            self = .put(topic)
        case .deleted: self = .deleted(id: id, name: try TopicBody.text(body))
        case nil: throw .unsupported(.frame, version: head.type)
        }
    }
}

extension ClusterIdentity {
    static let size = 32

    func encode(into bytes: inout [UInt8]) {
        bytes.append(littleEndian: cluster.high)
        bytes.append(littleEndian: cluster.low)
        bytes.append(littleEndian: hashKey.high)
        bytes.append(littleEndian: hashKey.low)
    }

    init(decoding bytes: Span<UInt8>) throws(LogError) {
        guard bytes.count == Self.size else { throw .damaged(.frame) }
        cluster = Identity(high: bytes.uint64(at: 0), low: bytes.uint64(at: 8))
        hashKey = HashKey(high: bytes.uint64(at: 16), low: bytes.uint64(at: 24))
    }
}
