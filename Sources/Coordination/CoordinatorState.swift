import Bytes
package import CommitLog
import Records
package import Wire

/// What the coordinator's log comes to: a fold of its entries.
package struct CoordinatorState: Equatable, Sendable {
    package internal(set) var table = TopicTable()
    package internal(set) var groups = GroupTable()
    /// The newest last; nothing before there are any.
    package internal(set) var secrets: [ReceiptSecret] = []
    /// Nothing before the first entry of a log.
    package internal(set) var identity: ClusterIdentity?

    package init() {}

    package mutating func apply(_ record: CoordinatorRecord) {
        switch record {
        case .identity(let identity): self.identity = identity
        case .secret(let secret): secrets = (secrets + [secret]).suffix(GroupRules.secretsMax)
        case .put, .deleted, .group, .groupDeleted: break
        }
        table.apply(record)
        groups.apply(record)
    }

    /// Decides a call at a date; the state changes only when the record is applied.
    func decide(
        _ call: CoordinatorCall, _ rules: TopicRules, at time: Int
    ) -> CoordinatorDecision {
        switch call {
        case .group(let call): groups.decide(call, among: table, rules, at: time)
        case .find, .findForLetters, .put, .delete: table.decide(call, rules, at: time)
        }
    }
}

// Section 16 of a checkpoint: {nextID 4, zero 4, identity 32}, then for each topic, in the order of
// their ids, {id 4, size 4, body}. Section 17: {nextID 4, secrets 4, 25 bytes a secret}, then for each
// group the same as for a topic.
extension CoordinatorState {
    static let groupSection = CheckpointSection.state + 1
    private static let fixedSize = 8 + ClusterIdentity.size

    package var sections: [CheckpointSection] {
        [
            CheckpointSection(kind: CheckpointSection.state, body: encodedTopics),
            CheckpointSection(kind: Self.groupSection, body: encodedGroups),
        ]
    }

    package init(_ checkpoint: Checkpoint) throws(LogError) {
        guard let topics = checkpoint.section(CheckpointSection.state) else {
            throw .damaged(.checkpoint)
        }
        // Older ones have no groups.
        try self.init(topics: topics, groups: checkpoint.section(Self.groupSection))
    }

    init(topics section: [UInt8], groups: [UInt8]?) throws(LogError) {
        let bytes = section.span
        guard bytes.count >= Self.fixedSize else { throw .damaged(.checkpoint) }
        identity = try ClusterIdentity(decoding: bytes.extracting(8..<Self.fixedSize))
        var topics: [Topic] = []
        var place = Self.fixedSize
        while let part = try Self.nextPart(of: section, from: &place) {
            let body = bytes.extracting(part.body)
            topics.append(try TopicBody.decode(body, id: part.id))
        }
        table = try TopicTable(topics: topics, nextID: bytes.uint32(at: 0))
        if let groups { try readGroups(groups) }
    }

    private mutating func readGroups(_ section: [UInt8]) throws(LogError) {
        let bytes = section.span
        guard bytes.count >= 8 else { throw .damaged(.checkpoint) }
        let count = Int(bytes.uint32(at: 4))
        guard count <= GroupRules.secretsMax, bytes.count >= 8 + count * ReceiptSecret.size else {
            throw .damaged(.checkpoint)
        }
        for index in 0..<count {
            let start = 8 + index * ReceiptSecret.size
            secrets.append(
                try ReceiptSecret(
                    decoding: bytes.extracting(start..<start + ReceiptSecret.size)))
        }
        var found: [GroupDefinition] = []
        var place = 8 + count * ReceiptSecret.size
        while let part = try Self.nextPart(of: section, from: &place) {
            found.append(try GroupBody.decode(bytes.extracting(part.body), id: part.id))
        }
        groups = try GroupTable(groups: found, nextID: bytes.uint32(at: 0))
    }

    private static func nextPart(
        of section: [UInt8], from place: inout Int
    ) throws(LogError) -> (id: UInt32, body: Range<Int>)? {
        let bytes = section.span
        if place == bytes.count { return nil }
        guard bytes.count - place >= 8 else { throw .damaged(.checkpoint) }
        let start = place + 8
        let size = Int(bytes.uint32(at: place + 4))
        guard size <= bytes.count - start else { throw .damaged(.checkpoint) }
        defer { place = start + size }
        return (bytes.uint32(at: place), start..<start + size)
    }

    private var encodedTopics: [UInt8] {
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

    private var encodedGroups: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: groups.nextID)
        bytes.append(littleEndian: UInt32(secrets.count))
        for secret in secrets { secret.encode(into: &bytes) }
        for group in groups.groups.values.sorted(by: { $0.id < $1.id }) {
            var body: [UInt8] = []
            GroupBody.encode(group, into: &body)
            bytes.append(littleEndian: group.id)
            bytes.append(littleEndian: UInt32(body.count))
            bytes += body
        }
        return bytes
    }
}
