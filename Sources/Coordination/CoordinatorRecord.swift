// Entries of the coordinator's log, as in docs/log-format.md. Bodies:
//
//     1 identity   0 cluster  16 hashKey
//     2 put        0 createdAt  8 retention  16 retentionBytes  24 backlogMax  32 dedupWindow
//                 40 messageSizeMax  48 durability  49 compression  50 partitions  52 nameSize
//                 54 growths  56 name, then 2 bytes a partition, then 10 a growth
//     3 deleted    the name
//     4 group      0 createdAt  8 lease  16 lifetime  24 inFlightMax  32 inFlightPerConsumerMax  40 rate
//                 48 attemptsMax  52 ordering  53 onDead  54 expired  55 pauses  56 nameSize
//                 58 filterSize  60 deadLetterTopicSize  62 attachments  64 name, filter, topic, then 8
//                 bytes a pause, the start, then for each attachment {topic 4, since 8, start}
//     5 groupDeleted  the name
//     6 secret     0 id  1 from  9 secret 16

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
package enum CoordinatorRecord: Equatable, Sendable {
    case identity(ClusterIdentity)
    /// The topic as it is from here on.
    case put(Topic)
    case deleted(id: UInt32, name: String)
    /// The group as it is from here on.
    case group(GroupDefinition)
    case groupDeleted(id: UInt32, name: String)
    /// One more secret for receipts.
    case secret(ReceiptSecret)

    package enum Kind: UInt8, CaseIterable, Sendable {
        case identity = 1
        case put = 2
        case deleted = 3
        case group = 4
        case groupDeleted = 5
        case secret = 6
    }

    /// Whether it takes something away, for which there is room on a full disk.
    var takesAway: Bool { kind == .deleted || kind == .groupDeleted }

    package var kind: Kind {
        switch self {
        case .identity: .identity
        case .put: .put
        case .deleted: .deleted
        case .group: .group
        case .groupDeleted: .groupDeleted
        case .secret: .secret
        }
    }

    package var head: EntryHead {
        let id: UInt32 =
            switch self {
            case .identity, .secret: 0
            case .put(let topic): topic.id
            case .group(let group): group.id
            case .deleted(let id, _), .groupDeleted(let id, _): id
            }
        return EntryHead(
            type: kind.rawValue, flags: 0, partition: PartitionID(topic: id, partition: 0),
            baseOffset: 0, count: 0)
    }

    package var body: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .identity(let identity): identity.encode(into: &bytes)
        case .put(let topic): TopicBody.encode(topic, into: &bytes)
        case .group(let group): GroupBody.encode(group, into: &bytes)
        case .deleted(_, let name), .groupDeleted(_, let name): bytes = Array(name.utf8)
        case .secret(let secret): secret.encode(into: &bytes)
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
        case .group: self = .group(try GroupBody.decode(body, id: id))
        case .groupDeleted: self = .groupDeleted(id: id, name: try TopicBody.text(body))
        case .secret: self = .secret(try ReceiptSecret(decoding: body))
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

extension ReceiptSecret {
    static let size = 25

    func encode(into bytes: inout [UInt8]) {
        bytes.append(id)
        bytes.append(littleEndian: UInt64(from))
        bytes.append(littleEndian: high)
        bytes.append(littleEndian: low)
    }

    init(decoding bytes: Span<UInt8>) throws(LogError) {
        guard bytes.count == Self.size, let from = Int(exactly: bytes.uint64(at: 1)) else {
            throw .damaged(.frame)
        }
        self.init(id: bytes[0], from: from, high: bytes.uint64(at: 9), low: bytes.uint64(at: 17))
    }
}
