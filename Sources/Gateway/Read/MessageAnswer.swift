import Bytes
import HTTP
import Records
import Wire

/// One message as an answer of its own.
struct MessageAnswer {
    private static let yearSeconds = 31_536_000

    let known: KnownTopic
    let id: MessageID
    let isEnvelope: Bool
    /// Log time of the shard.
    let logTime: Int

    /// Takes the message out of the batch that has it; nil if it has expired.
    func response(
        _ batch: FetchedBatch, _ reader: inout BatchReader
    ) throws(RecordsError) -> Response? {
        try reader.open(batch.bytes, at: batch.start)
        defer { reader.close() }
        let number = id.offset - batch.baseOffset
        guard let view = reader.view, number < batch.picks?.count ?? view.count else {
            throw .badSizes
        }
        let index = batch.picks.map { Int($0[number]) } ?? number
        guard index < view.count, let record = try reader.record(at: index) else {
            throw .badSizes
        }
        let expiry = reader.entry(index).expiry(appendedAt: view.header.logTime)
        if let expiry, expiry <= UInt64(max(logTime, 0)) { return nil }
        return response(record, in: reader.bytes, expiry: expiry)
    }

    private func response(_ record: RecordView, in bytes: [UInt8], expiry: UInt64?) -> Response {
        var response = Response(.ok)
        if isEnvelope {
            var body: [UInt8] = []
            var json = MessageJSON(topic: known.name, partition: id.partition)
            json.append(record, at: id.offset, in: bytes, to: &body)
            body.append(.lf)
            response.setBody(body)
            response.add("Content-Type", "application/json")
        } else {
            response.setBody(Array(bytes[record.body]))
            addFields(of: record, in: bytes, to: &response)
        }
        let left = expiry.map { Int(clamping: ($0 - UInt64(max(logTime, 0))) / 1_000) }
        let seconds = min(left ?? Self.yearSeconds, Self.yearSeconds)
        response.add("Cache-Control", "private, max-age=\(seconds), immutable")
        response.add("Vary", "Accept")
        let form = isEnvelope ? "j" : "r"
        response.setETag("\(known.topic.id)-\(id.partition)-\(id.offset)-\(form)")
        return response
    }

    private func addFields(
        of record: RecordView, in bytes: [UInt8], to response: inout Response
    ) {
        let type =
            record.contentType.isEmpty
            ? "application/octet-stream"
            : String(decoding: bytes[record.contentType], as: UTF8.self)
        response.add("Content-Type", type)
        response.addMessageFields(of: record, in: bytes, id)
    }
}

extension Response {
    /// What a message has beside its body, where that is the body of an answer.
    mutating func addMessageFields(of record: RecordView, in bytes: [UInt8], _ id: MessageID) {
        // What a stranger published is shown by a browser, but never as a page of this service.
        add("X-Content-Type-Options", "nosniff")
        add("Content-Security-Policy", "default-src 'none'; sandbox")
        add("Posthorn-Id", "\(id.partition)-\(id.offset)")
        var time: [UInt8] = []
        Timestamp.append(Int64(clamping: record.time), to: &time)
        add("Posthorn-Published-At", String(decoding: time, as: UTF8.self))
        if let key = record.key { add("Posthorn-Key", FieldText.value(bytes[key])) }
        var attributes = record.attributes
        while let (name, value) = attributes.next(in: bytes.span) {
            add(named: FieldText.attributeName(bytes[name]), FieldText.value(bytes[value]))
        }
    }
}

/// Text of messages in fields: what could end a field, or is not ASCII, is percent-encoded.
enum FieldText {
    /// Attributes that have a field of their own in other standards, and come back as that.
    private static let ownNames = ["traceparent", "tracestate"]

    static func value(_ text: ArraySlice<UInt8>) -> String {
        encode(text) { byte in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "%")
        }
    }

    static func attributeName(_ name: ArraySlice<UInt8>) -> String {
        let text = encode(name) { byte in
            byte.isLetter || byte.isDigit || "-._".utf8.contains(byte)
        }
        return text.hasPrefix("ce-") || ownNames.contains(text) ? text : "Posthorn-Attr-" + text
    }

    private static func encode(_ text: ArraySlice<UInt8>, _ isPlain: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        for (place, byte) in text.enumerated() {
            // A space at an end would be no part of the value.
            let isEdge = byte == .space && (place == 0 || place == text.count - 1)
            if isPlain(byte), !isEdge {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(upperHex(byte >> 4))
                bytes.append(upperHex(byte & 15))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func upperHex(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }
}

extension ReadDesk {
    /// Answers the request for one message with what the shard has of its partition.
    mutating func answer(
        _ reading: Reading, _ part: FetchedPart, _ id: MessageID, isEnvelope: Bool
    ) {
        if id.offset < part.start { return refuseAll(reading, .read(.messageGone)) }
        guard id.offset < part.end else { return refuseAll(reading, .read(.noSuchMessage)) }
        guard let batch = part.batches.first, batch.baseOffset <= id.offset,
            id.offset < batch.endOffset
        else { return refuseAll(reading, .read(.storage(.damaged))) }
        let answer = MessageAnswer(
            known: reading.known, id: id, isEnvelope: isEnvelope, logTime: part.logTime)
        let response: Response?
        do throws(RecordsError) {
            response = try answer.response(batch, &batches)
        } catch {
            return refuseAll(reading, .read(.storage(.damaged)))
        }
        guard let response else { return refuseAll(reading, .read(.messageGone)) }
        counts.messages += 1
        counts.bytes += UInt64(response.body.count)
        for reader in reading.takeReaders() {
            answers.append(DeskAnswer(reader.caller, .response(response)))
            release(reader)
        }
    }
}
