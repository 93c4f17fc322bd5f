import Bytes
import HTTP
import Records
import Wire

/// What groups look like to clients.
enum GroupPage {
    /// One group, with the topics that it works on; a partition that was not heard of has no numbers.
    static func write(
        _ group: GroupDefinition, _ statuses: [PartitionID: GroupStatus],
        in topics: borrowing TopicMap
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        writeSettings(of: group, to: &json)
        json.key("topics")
        json.beginArray()
        for attachment in group.attachments {
            // One that was deleted is gone from all groups.
            guard let known = topics.find(id: attachment.topic) else { continue }
            write(attachment, of: known, statuses, to: &json)
        }
        json.endArray()
        json.endObject()
        json.endLine()
        return json.finish()
    }

    /// Some of all groups; `next` is the `after` of those that follow.
    static func writeList(_ groups: ArraySlice<GroupDefinition>, hasMore: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("groups")
        json.beginArray()
        for group in groups {
            json.beginObject()
            writeSettings(of: group, to: &json)
            json.endObject()
        }
        json.endArray()
        if hasMore, let last = groups.last { json.member("next", last.name) }
        json.endObject()
        json.endLine()
        return json.finish()
    }

    /// What a seek or a redrive did.
    static func writeOutcome(of errand: GroupErrand) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("topic", errand.topicName)
        if case .seek = errand.kind {
            json.key("partitions")
            json.beginArray()
            for (partition, offset) in errand.numbers.sorted(by: { $0.key < $1.key }) {
                json.beginObject()
                json.member("partition", Int(partition))
                json.member("offset", offset)
                json.endObject()
            }
            json.endArray()
        } else {
            json.member("redriven", errand.numbers.values.reduce(0, +))
        }
        json.endObject()
        json.endLine()
        return json.finish()
    }

    private static func write(
        _ attachment: GroupAttachment, of known: KnownTopic,
        _ statuses: [PartitionID: GroupStatus], to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("topic", known.topic.name)
        json.member("since", date: attachment.since)
        json.member("start", attachment.start.text)
        json.key("partition_list")
        json.beginArray()
        for number in known.topic.shards.indices {
            let id = PartitionID(topic: known.topic.id, partition: UInt32(number))
            write(number, statuses[id], to: &json)
        }
        json.endArray()
        json.endObject()
    }

    private static func write(
        _ partition: Int, _ status: GroupStatus?, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("partition", partition)
        if let status {
            json.member("committed", status.committed)
            json.member("end", status.end)
            json.member("lag", status.lag)
            json.member("in_flight", status.inFlight)
            json.member("retrying", status.retrying)
            json.member("dead", status.dead)
            json.member("oldest_unacked_age", duration: status.oldestAge)
            json.member("last_consumer", status.lastConsumer)
            json.member("last_address", status.lastAddress)
        }
        json.endObject()
    }

    private static func writeSettings(of group: GroupDefinition, to json: inout JSONWriter) {
        let options = group.options
        json.member("group", group.name)
        json.member("start", options.start.text)
        json.member("lease", duration: options.lease)
        json.member("max_attempts", options.attemptsMax)
        json.key("backoff")
        json.beginArray()
        for pause in options.backoff { json.string(Duration.milliseconds(pause).human) }
        json.endArray()
        json.member("dead_letter_topic", options.deadLetterTopic)
        json.member("ordering", options.ordering.rawValue)
        json.member("on_dead", options.onDead.rawValue)
        json.member("expired", options.expired.rawValue)
        json.member("max_in_flight", options.inFlightMax)
        json.member("max_in_flight_per_consumer", options.inFlightPerConsumerMax)
        json.member("filter", options.filter.isEmpty ? nil : options.filter)
        json.member("rate", options.rate)
        json.member("ttl", duration: options.lifetime)
        json.member("created_at", date: group.createdAt)
    }
}
