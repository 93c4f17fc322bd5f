import Bytes
import HTTP
import Records
import Wire

/// What topics look like to clients.
enum TopicPage {
    /// One topic; a partition that was not heard of has no numbers.
    static func write(_ topic: Topic, _ partitions: [PartitionStatus?]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        writeSettings(of: topic, to: &json)
        json.key("partition_list")
        json.beginArray()
        for (number, status) in partitions.enumerated() {
            write(number, status, shard: topic.shards[number], to: &json)
        }
        json.endArray()
        json.endObject()
        json.endLine()
        return json.finish()
    }

    /// Some of all topics; `next` is the `after` of those that follow.
    static func writeList(_ topics: ArraySlice<KnownTopic>, hasMore: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("topics")
        json.beginArray()
        for known in topics {
            json.beginObject()
            writeSettings(of: known.topic, to: &json)
            json.endObject()
        }
        json.endArray()
        if hasMore, let last = topics.last {
            json.key("next")
            json.string(utf8: last.name[...])
        }
        json.endObject()
        json.endLine()
        return json.finish()
    }

    private static func writeSettings(of topic: Topic, to json: inout JSONWriter) {
        let settings = topic.settings
        text("topic", topic.name, &json)
        number("partitions", settings.partitions, &json)
        text("retention", settings.retention.map(human), &json)
        number("retention_bytes", settings.retentionBytes, &json)
        number("max_message_bytes", settings.messageSizeMax, &json)
        text("durability", settings.durability.rawValue, &json)
        text("compression", settings.compression.rawValue, &json)
        text("dedup_window", human(settings.dedupWindow), &json)
        number("max_backlog", settings.backlogMax, &json)
        var created: [UInt8] = []
        Timestamp.append(Int64(topic.createdAt), to: &created)
        json.key("created_at")
        json.string(utf8: created[...])
    }

    private static func write(
        _ number: Int, _ status: PartitionStatus?, shard: UInt16, to json: inout JSONWriter
    ) {
        json.beginObject()
        Self.number("partition", number, &json)
        Self.number("shard", Int(shard), &json)
        if let status {
            Self.number("start", status.start, &json)
            Self.number("end", status.end, &json)
            Self.number("bytes", status.bytes, &json)
            Self.number("pinned_bytes", status.pinnedBytes, &json)
            Self.number("held", status.held, &json)
        }
        json.endObject()
    }

    private static func human(_ milliseconds: Int) -> String {
        Duration.milliseconds(milliseconds).human
    }

    private static func text(_ name: String, _ value: String?, _ json: inout JSONWriter) {
        json.key(name)
        if let value { json.string(value) } else { json.null() }
    }

    private static func number(_ name: String, _ value: Int?, _ json: inout JSONWriter) {
        json.key(name)
        if let value { json.int(Int64(value)) } else { json.null() }
    }
}
