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
        json.member("topic", topic.name)
        json.member("partitions", settings.partitions)
        json.member("retention", duration: settings.retention)
        json.member("retention_bytes", settings.retentionBytes)
        json.member("max_message_bytes", settings.messageSizeMax)
        json.member("durability", settings.durability.rawValue)
        json.member("compression", settings.compression.rawValue)
        json.member("dedup_window", duration: settings.dedupWindow)
        json.member("max_backlog", settings.backlogMax)
        json.member("created_at", date: topic.createdAt)
    }

    private static func write(
        _ number: Int, _ status: PartitionStatus?, shard: UInt16, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("partition", number)
        json.member("shard", Int(shard))
        if let status {
            json.member("start", status.start)
            json.member("end", status.end)
            json.member("bytes", status.bytes)
            json.member("pinned_bytes", status.pinnedBytes)
            json.member("held", status.held)
        }
        json.endObject()
    }
}
