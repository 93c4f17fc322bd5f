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
        if hasMore, let last = groups.last { text("next", last.name, &json) }
        json.endObject()
        json.endLine()
        return json.finish()
    }

    /// What a seek or a redrive did.
    static func writeOutcome(of errand: GroupErrand) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        text("topic", errand.topicName, &json)
        if case .seek = errand.kind {
            json.key("partitions")
            json.beginArray()
            for (partition, offset) in errand.numbers.sorted(by: { $0.key < $1.key }) {
                json.beginObject()
                number("partition", Int(partition), &json)
                number("offset", offset, &json)
                json.endObject()
            }
            json.endArray()
        } else {
            number("redriven", errand.numbers.values.reduce(0, +), &json)
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
        text("topic", known.topic.name, &json)
        time("since", attachment.since, &json)
        text("start", attachment.start.text, &json)
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
        number("partition", partition, &json)
        if let status {
            number("committed", status.committed, &json)
            number("end", status.end, &json)
            number("lag", status.lag, &json)
            number("in_flight", status.inFlight, &json)
            number("retrying", status.retrying, &json)
            number("dead", status.dead, &json)
            text("oldest_unacked_age", status.oldestAge.map(human), &json)
            text("last_consumer", status.lastConsumer, &json)
            text("last_address", status.lastAddress, &json)
        }
        json.endObject()
    }

    private static func writeSettings(of group: GroupDefinition, to json: inout JSONWriter) {
        let options = group.options
        text("group", group.name, &json)
        text("start", options.start.text, &json)
        text("lease", human(options.lease), &json)
        number("max_attempts", options.attemptsMax, &json)
        json.key("backoff")
        json.beginArray()
        for pause in options.backoff { json.string(human(pause)) }
        json.endArray()
        text("dead_letter_topic", options.deadLetterTopic, &json)
        text("ordering", options.ordering.rawValue, &json)
        text("on_dead", options.onDead.rawValue, &json)
        text("expired", options.expired.rawValue, &json)
        number("max_in_flight", options.inFlightMax, &json)
        number("max_in_flight_per_consumer", options.inFlightPerConsumerMax, &json)
        text("filter", options.filter.isEmpty ? nil : options.filter, &json)
        number("rate", options.rate, &json)
        text("ttl", options.lifetime.map(human), &json)
        time("created_at", group.createdAt, &json)
    }

    private static func human(_ milliseconds: Int) -> String {
        Duration.milliseconds(milliseconds).human
    }

    static func time(_ name: String, _ milliseconds: Int, _ json: inout JSONWriter) {
        var text: [UInt8] = []
        Timestamp.append(Int64(milliseconds), to: &text)
        json.key(name)
        json.string(utf8: text[...])
    }

    static func text(_ name: String, _ value: String?, _ json: inout JSONWriter) {
        json.key(name)
        if let value { json.string(value) } else { json.null() }
    }

    static func number(_ name: String, _ value: Int?, _ json: inout JSONWriter) {
        json.key(name)
        if let value { json.int(Int64(value)) } else { json.null() }
    }
}
