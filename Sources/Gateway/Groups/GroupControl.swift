import Bytes
import Records
import Wire

/// Where a group is to go on in a topic.
struct SeekOrder {
    enum Target: Equatable {
        case earliest, latest
        case time(Int)
        case cursor(Cursor)
    }

    let topic: String
    let target: Target

    /// What each partition of the topic goes to; nothing where the cursor is of another topic.
    func parts(of known: KnownTopic) -> [(shard: UInt16, part: GroupSeek.Part)]? {
        var parts: [(shard: UInt16, part: GroupSeek.Part)] = []
        for (number, shard) in known.topic.shards.enumerated() {
            guard let target = target(in: UInt32(number), of: known.topic.id) else { return nil }
            guard let place = target else { continue }
            let id = PartitionID(topic: known.topic.id, partition: UInt32(number))
            parts.append((shard, GroupSeek.Part(id, to: place)))
        }
        return parts
    }

    /// Nothing for a cursor of another topic, and nothing inside for a partition that stays where it is.
    private func target(in partition: UInt32, of topic: UInt32) -> GroupSeek.Target?? {
        switch target {
        case .earliest: return .some(.earliest)
        case .latest: return .some(.latest)
        case .time(let time): return .some(.time(time))
        case .cursor(let cursor):
            guard cursor.topic == topic else { return nil }
            switch cursor.place {
            case .all(let offsets):
                return Int(partition) < offsets.count
                    ? .some(.offset(offsets[Int(partition)])) : .some(.earliest)
            case .one(partition, let offset): return .some(.offset(offset))
            case .one: return .some(nil)
            case .published(_, partition, let offset, _): return .some(.offset(offset))
            case .published(_, _, _, let logTime): return .some(.time(logTime))
            }
        }
    }
}

struct RedriveOrder {
    let topic: String
    let max: Int?
    let rate: Int?
}

/// Reads the bodies of `POST /v1/groups/{group}/seek` and `…/redrive`.
enum ControlBody {
    static func seek(_ body: ArraySlice<UInt8>) throws(BodyError) -> SeekOrder {
        var topic: String?
        var target: SeekOrder.Target?
        var found: Set<String> = []
        var object = BodyObject(body)
        try object.read { name, value, object in
            found.insert(name)
            switch name {
            case "topic": topic = topicName(value, name, &object)
            case "to": target = Self.target(value, name, &object)
            default: return false
            }
            return true
        }
        try need(["topic", "to"], in: found)
        guard let topic, let target else { throw .invalid([]) }
        return SeekOrder(topic: topic, target: target)
    }

    static func redrive(_ body: ArraySlice<UInt8>) throws(BodyError) -> RedriveOrder {
        var topic: String?
        var max: Int??
        var rate: Int??
        var found: Set<String> = []
        var object = BodyObject(body)
        try object.read { name, value, object in
            found.insert(name)
            switch name {
            case "topic": topic = topicName(value, name, &object)
            case "max":
                max = value.orNull {
                    object.count($0, name, 1...PullBounds.redriveMax, orNull: true)
                }
            case "rate":
                rate = value.orNull {
                    object.count($0, name, 1...GroupBounds.rateMax, orNull: true)
                }
            default: return false
            }
            return true
        }
        try need(["topic"], in: found)
        guard let topic else { throw .invalid([]) }
        return RedriveOrder(topic: topic, max: max ?? nil, rate: rate ?? nil)
    }

    private static func need(_ names: [String], in found: Set<String>) throws(BodyError) {
        let missing = names.filter { !found.contains($0) }
        guard missing.isEmpty else {
            throw .invalid(missing.map { RequestFault("/\($0)", "has to be there") })
        }
    }

    private static func topicName(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> String? {
        if case .text(let text) = value, Name.isValid(text.utf8.span) { return text }
        object.refuse(name, "has to be the name of a topic, \(Name.rule)")
        return nil
    }

    private static func target(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> SeekOrder.Target? {
        if case .text(let text) = value {
            if text == "earliest" { return .earliest }
            if text == "latest" { return .latest }
            if let time = Timestamp.milliseconds(reading: text.utf8.span) {
                return .time(max(Int(time), 0))
            }
            if let cursor = Cursor(reading: text.utf8.span) { return .cursor(cursor) }
        }
        object.refuse(
            name, "has to be earliest, latest, a time such as 2026-11-21T09:17:46Z, or a cursor")
        return nil
    }
}
