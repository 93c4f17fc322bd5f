import Bytes
import Records

/// Messages of a partition as JSON objects: what all of them have is written once.
struct MessageJSON {
    /// What a message has where it is leased.
    struct Lease {
        let attempt: Int
        let receipt: [UInt8]
    }

    let partition: UInt32
    /// Up to the offset in the id, and from there to the offset itself.
    private let front: [UInt8]
    private let middle: [UInt8]
    /// The last one: messages of a batch have the same.
    private var date: (time: UInt64, text: [UInt8]) = (.max, [])

    private static let noAttributes = Array(#","attributes":{}"#.utf8)

    /// Writes messages of a topic, whose name needs no escapes.
    init(topic: [UInt8], partition: UInt32) {
        self.partition = partition
        front = Array("{\"id\":\"\(partition)-".utf8)
        middle =
            Array("\",\"topic\":\"".utf8) + topic
            + Array("\",\"partition\":\(partition),\"offset\":".utf8)
    }

    mutating func append(
        _ record: RecordView, at offset: Int, _ lease: Lease? = nil, in bytes: [UInt8],
        to json: inout [UInt8]
    ) {
        json.append(contentsOf: front)
        json.append(decimal: UInt64(offset))
        json.append(contentsOf: middle)
        json.append(decimal: UInt64(offset))
        if let key = record.key {
            json.append(",\"key\":")
            json.append(quoting: bytes[key])
        }
        append(record.attributes, in: bytes, to: &json)
        if !record.contentType.isEmpty {
            json.append(",\"content_type\":")
            json.append(quoting: bytes[record.contentType])
        }
        append(date: record.time, to: &json)
        if let lease { append(lease, to: &json) }
        append(body: bytes[record.body], to: &json)
        json.append(UInt8(ascii: "}"))
    }

    private mutating func append(date time: UInt64, to json: inout [UInt8]) {
        if date.time != time {
            var text = Array(",\"published_at\":\"".utf8)
            Timestamp.append(Int64(clamping: time), to: &text)
            text.append("\",")
            date = (time, text)
        }
        json.append(contentsOf: date.text)
    }

    private func append(_ lease: Lease, to json: inout [UInt8]) {
        json.append("\"attempt\":")
        json.append(decimal: UInt64(lease.attempt))
        json.append(",\"receipt\":\"")
        json.append(contentsOf: lease.receipt)
        json.append("\",")
    }

    private func append(
        _ attributes: AttributeCursor, in bytes: [UInt8], to json: inout [UInt8]
    ) {
        if attributes.count == 0 { return json.append(contentsOf: Self.noAttributes) }
        json.append(",\"attributes\":{")
        var attributes = attributes
        var isFirst = true
        while let (name, value) = attributes.next(in: bytes.span) {
            if !isFirst { json.append(",") }
            json.append(quoting: bytes[name])
            json.append(":")
            json.append(quoting: bytes[value])
            isFirst = false
        }
        json.append(UInt8(ascii: "}"))
    }

    private func append(body: ArraySlice<UInt8>, to json: inout [UInt8]) {
        if Self.isText(body.span) {
            json.append("\"value\":")
            json.append(quoting: body)
        } else {
            json.append("\"value_base64\":\"")
            Base64.standard.append(body.span, to: &json)
            json.append(.quote)
        }
    }

    private static func isText(_ bytes: Span<UInt8>) -> Bool {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch {
            return false
        }
    }
}

extension [UInt8] {
    /// Appends text, which is UTF-8, as a JSON string.
    fileprivate mutating func append(quoting text: ArraySlice<UInt8>) {
        append(.quote)
        let start = count
        append(contentsOf: text)
        escapeJSON(from: start)
        append(.quote)
    }
}
