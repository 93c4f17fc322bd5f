// The answers to publishes, written as bytes: names and numbers need no escapes, and what all records
// of a batch have in common is written once.

import Bytes
import HTTP
import Records
import Wire

/// When records were published, and how that is written: those of one turn share it.
struct PublishedTime {
    let logTime: Int
    fileprivate let text: [UInt8]

    init(_ logTime: Int) {
        self.logTime = logTime
        var text: [UInt8] = []
        Timestamp.append(Int64(logTime), to: &text)
        self.text = text
    }
}

/// Writes what records of one partition are told.
struct PublishAnswer {
    private static let created = template(.created, isReplay: false)
    private static let accepted = template(.accepted, isReplay: false)
    private static let replayed = template(.created, isReplay: true)

    private let known: KnownTopic
    private let partition: UInt32
    private let time: PublishedTime
    private let isReplay: Bool
    private let cursors: PublishedCursors

    init(
        _ known: KnownTopic, _ partition: UInt32, _ time: PublishedTime, isReplay: Bool = false
    ) {
        self.known = known
        self.partition = partition
        self.time = time
        self.isReplay = isReplay
        cursors = PublishedCursors(
            topic: known.topic.id, count: known.topic.shards.count, partition: partition,
            logTime: time.logTime)
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
    ///
    /// `object` is what the one before was told, and then what this one is.
    func response(
        _ place: PlacedPart.Place, _ record: Int, in batch: [UInt8], _ object: inout NumberedObject
    ) -> Response {
        var isBuffered = false
        if case .buffered = place { isBuffered = true }
        var response = Self.empty(isBuffered: isBuffered, isReplay: isReplay)
        if case .offset(let base) = place {
            write(base + record, endingIn: .lf, over: &object)
            response.setBody(object.bytes)
            return response
        }
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

    /// Returns where in `body` the numbers are.
    @discardableResult
    private func append(offset: Int, to body: inout [UInt8]) -> NumberedObject.Places {
        body.append("{\"id\":\"")
        body.append(decimal: UInt64(partition))
        body.append(UInt8(ascii: "-"))
        body.append(decimal: UInt64(offset))
        let first = body.count
        body.append("\",\"topic\":\"")
        appendPlace(to: &body)
        body.append(",\"offset\":")
        body.append(decimal: UInt64(offset))
        let second = body.count
        appendTime(to: &body)
        body.append(",\"cursor\":\"")
        let cursor = body.count
        cursors[after: offset].appendText(to: &body)
        let end = body.count
        body.append("\"}")
        return NumberedObject.Places(offsetEnds: (first, second), cursor: cursor..<end)
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
            write(offset, endingIn: UInt8(ascii: ","), over: &object)
            body.append(contentsOf: object.bytes)
        }
    }

    /// Makes `object` the one of the record at `offset`, with a byte behind it.
    private func write(_ offset: Int, endingIn end: UInt8, over object: inout NumberedObject) {
        if object.advance(to: offset, cursors) { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.objectSize(known))
        let places = append(offset: offset, to: &bytes)
        bytes.append(end)
        object = NumberedObject(offset, bytes, places)
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
        appendPlace(to: &body)
        appendTime(to: &body)
    }

    private func appendPlace(to body: inout [UInt8]) {
        body.append(contentsOf: known.name)
        body.append("\",\"partition\":")
        body.append(decimal: UInt64(partition))
    }

    private func appendTime(to body: inout [UInt8]) {
        body.append(",\"published_at\":\"")
        body.append(contentsOf: time.text)
        body.append(.quote)
    }

    private func due(of record: Int, in batch: [UInt8]) -> UInt64? {
        do throws(RecordsError) {
            let view = try BatchView(batch.span)
            guard record < view.count else { return nil }
            return view.entry(record, batch.span).due(appendedAt: UInt64(max(time.logTime, 0)))
        } catch {
            return nil
        }
    }
}
