// `GET /v1/groups/{group}/dead`: dead letters by topic, partition and offset, a page at a time, from the shards
// that have them.

import Bytes
import HTTP
import Records
import Wire

/// Which dead letters somebody wants to see.
struct LetterOrder {
    /// The letter that was shown last; the page begins behind it.
    struct Place: Equatable {
        let topic: String
        let partition: UInt32
        let offset: Int
    }

    let topic: String?
    let after: Place?
    let limit: Int

    init(topic: String?, after: String?, limit: String?) throws(GatewayError) {
        if let topic, !Name.isValid(topic.utf8.span) { throw .topic(.invalidName) }
        self.topic = topic
        self.limit = try GroupDesk.limit(limit)
        self.after = try after.map { text throws(GatewayError) in
            guard let place = Place(reading: text) else {
                throw .work(.invalidParameter("after", "has to be next of a page of letters"))
            }
            return place
        }
    }

    /// Topics in the order of the list, those that are through left out.
    func topics(of known: [KnownTopic]) -> [KnownTopic] {
        known.filter { known in
            guard topic == nil || topic == known.topic.name else { return false }
            guard let after else { return true }
            return !known.topic.name.utf8.lexicographicallyPrecedes(after.topic.utf8)
        }.sorted { $0.topic.name.utf8.lexicographicallyPrecedes($1.topic.name.utf8) }
    }

    /// Where the list begins in a partition; nothing where it is through with that.
    func begin(in partition: UInt32, of name: String) -> Int? {
        guard let after, after.topic == name else { return 0 }
        if partition == after.partition { return after.offset + 1 }
        return partition > after.partition ? 0 : nil
    }
}

extension LetterOrder.Place {
    /// Reads `<topic>:<partition>-<offset>`.
    init?(reading text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, Name.isValid(String(halves[0]).utf8.span) else { return nil }
        let numbers = halves[1].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, let partition = UInt32(numbers[0]), let offset = Int(numbers[1]),
            0..<Self.offsetEnd ~= offset
        else { return nil }
        self.init(topic: String(halves[0]), partition: partition, offset: offset)
    }

    private static var offsetEnd: Int { 1 << 62 }

    var text: String { "\(topic):\(partition)-\(offset)" }
}

extension GroupDesk {
    /// `GET /v1/groups/{group}/dead`.
    mutating func letters(
        _ order: LetterOrder, of name: String, for caller: Exchange,
        in topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        let kind = GroupErrand.Kind.letters(order)
        guard order.topic == nil else {
            return try control(kind, of: name, for: caller, in: topics, at: now)
        }
        try Self.check(name)
        try send(errand(kind, name, caller, now), .group(.find(name: name)))
    }

    /// Asks each shard for a page, since one of them may have all of it.
    mutating func askForLetters(
        _ order: LetterOrder, of group: GroupDefinition, among known: [KnownTopic],
        for errand: GroupErrand
    ) throws(GatewayError) {
        var parts: [UInt16: [GroupLetters.Part]] = [:]
        for topic in order.topics(of: known) {
            errand.shown[topic.topic.id] = topic.topic.name
            for (number, shard) in topic.topic.shards.enumerated() {
                let partition = UInt32(number)
                guard let begin = order.begin(in: partition, of: topic.topic.name) else { continue }
                let id = PartitionID(topic: topic.topic.id, partition: partition)
                parts[shard, default: []].append(GroupLetters.Part(id, from: begin))
            }
        }
        try ask(
            parts.map {
                ($0, .letters(GroupLetters(group: group.id, parts: $1, countMax: order.limit + 1)))
            }, for: errand)
    }
}

extension GroupPage {
    /// A page of dead letters.
    static func writeLetters(of errand: GroupErrand, _ order: LetterOrder) -> [UInt8] {
        func name(_ letter: DeadLetter) -> String { errand.shown[letter.partition.topic] ?? "" }
        let sorted = errand.letters.sorted { left, right in
            let (one, other) = (name(left), name(right))
            if one != other { return one.utf8.lexicographicallyPrecedes(other.utf8) }
            return (left.partition.partition, left.offset)
                < (right.partition.partition, right.offset)
        }
        let page = sorted.prefix(order.limit)
        var json = JSONWriter()
        json.beginObject()
        json.key("letters")
        json.beginArray()
        for letter in page { write(letter, of: name(letter), to: &json) }
        json.endArray()
        if sorted.count > page.count, let last = page.last {
            let place = LetterOrder.Place(
                topic: name(last), partition: last.partition.partition, offset: last.offset)
            json.member("next", place.text)
        }
        json.endObject()
        json.endLine()
        return json.finish()
    }

    private static func write(
        _ letter: DeadLetter, of topic: String, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.member("topic", topic)
        json.member("partition", Int(letter.partition.partition))
        json.member("offset", letter.offset)
        json.member("id", "\(letter.partition.partition)-\(letter.offset)")
        json.member("attempts", letter.attempts)
        json.key("reasons")
        json.beginArray()
        for reason in letter.reasons { json.string(reason) }
        json.endArray()
        json.member("consumer", letter.consumer)
        json.member("address", letter.address)
        json.member("died_at", date: letter.diedAt)
        json.member("redriving", letter.isRedriving)
        json.endObject()
    }
}
