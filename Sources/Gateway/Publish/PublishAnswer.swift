// The answers to publishes, written as bytes: names and numbers need no escapes, and what all records
// of a batch have in common is written once.

import Bytes
import HTTP
import Records
import Wire

/// Writes what records of one partition are told.
struct PublishAnswer {
    private static let created = template(.created, isReplay: false)
    private static let accepted = template(.accepted, isReplay: false)
    private static let replayed = template(.created, isReplay: true)

    private let known: KnownTopic
    private let partition: UInt32
    private let logTime: Int
    private let isReplay: Bool
    /// What stands before, between and behind the two offsets of a message.
    private let before: [UInt8]
    private let between: [UInt8]
    private let behind: [UInt8]
    private let cursors: PublishedCursors

    init(_ known: KnownTopic, _ partition: UInt32, _ logTime: Int, isReplay: Bool = false) {
        self.known = known
        self.partition = partition
        self.logTime = logTime
        self.isReplay = isReplay
        cursors = PublishedCursors(
            topic: known.topic.id, count: known.topic.shards.count, partition: partition,
            logTime: logTime)
        var before = Self.room(for: 16)
        before.append("{\"id\":\"")
        before.append(decimal: UInt64(partition))
        before.append(UInt8(ascii: "-"))
        self.before = before
        var between = Self.room(for: 48 + known.name.count)
        between.append("\",\"topic\":\"")
        Self.appendPlace(known, partition, to: &between)
        between.append(",\"offset\":")
        self.between = between
        var behind = Self.room(for: 64)
        Self.append(published: logTime, to: &behind)
        behind.append(",\"cursor\":\"")
        self.behind = behind
    }

    private static func room(for size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        return bytes
    }

    private static func append(published logTime: Int, to body: inout [UInt8]) {
        body.append(",\"published_at\":\"")
        Timestamp.append(Int64(logTime), to: &body)
        body.append(.quote)
    }

    private static func appendPlace(
        _ known: KnownTopic, _ partition: UInt32, to body: inout [UInt8]
    ) {
        body.append(contentsOf: known.name)
        body.append("\",\"partition\":")
        body.append(decimal: UInt64(partition))
    }

    private static func template(_ status: HTTPStatus, isReplay: Bool) -> Response {
        var response = Response(status)
        response.add("Content-Type", "application/json")
        response.add("Cache-Control", "no-store")
        if isReplay { response.add("Idempotency-Replayed", "true") }
        return response
    }

    /// About the size of what `append` writes for a message.
    static func objectSize(_ known: KnownTopic) -> Int { 192 + known.name.count }

    /// What a whole answer begins with.
    static func empty(isBuffered: Bool, isReplay: Bool) -> Response {
        isReplay ? replayed : isBuffered ? accepted : created
    }

    /// The answer to the record with the number `record` of `batch`, which went to `place`.
    func response(_ place: PlacedPart.Place, _ record: Int, in batch: [UInt8]) -> Response {
        var isBuffered = false
        if case .buffered = place { isBuffered = true }
        var response = Self.empty(isBuffered: isBuffered, isReplay: isReplay)
        var body: [UInt8] = []
        body.reserveCapacity(Self.objectSize(known))
        append(place, record, in: batch, to: &body)
        body.append(.lf)
        response.setBody(body)
        return response
    }

    /// The first answer again.
    ///
    /// `place` is of the record itself, which was the record `original` of its batch, and is `record`
    /// in the batch of the repeat.
    func response(
        repeating place: PlacedPart.Place, _ original: Int, as record: Int, in batch: [UInt8]
    ) -> Response {
        var response = Self.empty(isBuffered: false, isReplay: true)
        var body: [UInt8] = []
        append(repeating: place, original, as: record, in: batch, to: &body)
        body.append(.lf)
        response.setBody(body)
        return response
    }

    func append(
        repeating place: PlacedPart.Place, _ original: Int, as record: Int, in batch: [UInt8],
        to body: inout [UInt8]
    ) {
        switch place {
        case .offset(let offset): append(offset: offset, to: &body)
        case .held(let position):
            append(held: position, original, due: due(of: record, in: batch), to: &body)
        case .buffered: append(place, record, in: batch, to: &body)
        }
    }

    /// Appends the object that says where the record went; `place` is of its batch.
    func append(
        _ place: PlacedPart.Place, _ record: Int, in batch: [UInt8], to body: inout [UInt8]
    ) {
        switch place {
        case .offset(let base): append(offset: base + record, to: &body)
        case .held(let position):
            append(held: position, record, due: due(of: record, in: batch), to: &body)
        case .buffered:
            body.append("{\"topic\":\"")
            appendTopic(to: &body)
            body.append("}")
        }
    }

    private func append(offset: Int, to body: inout [UInt8]) {
        body.append(contentsOf: before)
        body.append(decimal: UInt64(offset))
        body.append(contentsOf: between)
        body.append(decimal: UInt64(offset))
        body.append(contentsOf: behind)
        cursors[after: offset].appendText(to: &body)
        body.append("\"}")
    }

    /// Appends the objects of the `count` records of a batch at `place`, a comma behind each.
    func append(
        all count: Int, _ place: PlacedPart.Place, in batch: [UInt8], to body: inout [UInt8]
    ) {
        guard case .offset(let base) = place else {
            for record in 0..<count {
                append(place, record, in: batch, to: &body)
                body.append(UInt8(ascii: ","))
            }
            return
        }
        var object = NumberedObject()
        for offset in base..<base + count {
            if !object.advance(to: offset, cursors) {
                object.bytes.removeAll(keepingCapacity: true)
                append(offset: offset, to: &object.bytes)
                object.bytes.append(UInt8(ascii: ","))
                object.note(
                    offset, before: before.count, between: between.count, behind: behind.count)
            }
            body.append(contentsOf: object.bytes)
        }
    }

    private func append(
        held position: Int, _ record: Int, due: UInt64?, to body: inout [UInt8]
    ) {
        body.append("{\"id\":\"h-")
        body.append(decimal: UInt64(partition))
        body.append(UInt8(ascii: "-"))
        body.append(decimal: UInt64(position))
        body.append(UInt8(ascii: "-"))
        body.append(decimal: UInt64(record))
        body.append("\",\"topic\":\"")
        appendTopic(to: &body)
        if let due {
            body.append(",\"held_until\":\"")
            Timestamp.append(Int64(clamping: due), to: &body)
            body.append(.quote)
        }
        body.append("}")
    }

    private func appendTopic(to body: inout [UInt8]) {
        Self.appendPlace(known, partition, to: &body)
        Self.append(published: logTime, to: &body)
    }

    private func due(of record: Int, in batch: [UInt8]) -> UInt64? {
        do throws(RecordsError) {
            let view = try BatchView(batch.span)
            guard record < view.count else { return nil }
            return view.entry(record, batch.span).due(appendedAt: UInt64(max(logTime, 0)))
        } catch {
            return nil
        }
    }
}
