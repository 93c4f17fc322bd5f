import Wire

/// Reads the body of `PUT /v1/topics/{topic}`: what is not in it stays as it is, or is the default.
enum TopicBody {
    /// The change that `body` asks for; an empty body asks for none.
    static func read(_ body: ArraySlice<UInt8>) throws(BodyError) -> TopicChange {
        var change = TopicChange()
        if body.isEmpty { return change }
        var object = BodyObject(body)
        try object.read { name, value, object in
            take(name, value, &object, into: &change)
        }
        return change
    }

    private static func take(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject,
        into change: inout TopicChange
    ) -> Bool {
        switch name {
        case "partitions":
            change.partitions = object.count(value, name, 1...TopicBounds.partitionsMax)
        case "retention":
            change.retention = value.orNull {
                object.duration(
                    $0, name, TopicBounds.retentionMin...TopicBounds.retentionMax, orNull: true)
            }
        case "retention_bytes":
            change.retentionBytes = value.orNull {
                object.size($0, name, 1...TopicBounds.sizeMax, orNull: true)
            }
        case "max_message_bytes":
            change.messageSizeMax = object.size(value, name, 1...TopicBounds.messageSizeMax)
        case "durability": change.durability = object.choice(value, name)
        case "compression": change.compression = object.choice(value, name)
        case "dedup_window":
            change.dedupWindow = object.duration(value, name, 0...TopicBounds.dedupWindowMax)
        case "max_backlog":
            change.backlogMax = value.orNull {
                object.size($0, name, 1...TopicBounds.sizeMax, orNull: true)
            }
        default: return false
        }
        return true
    }
}
