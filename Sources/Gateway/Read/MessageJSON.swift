import Bytes
import Records

/// A message as a JSON object.
struct MessageJSON {
    /// A name, which needs no escapes.
    let topic: [UInt8]
    let partition: UInt32
    let offset: Int
    /// Where the message is leased.
    var lease: Lease?

    struct Lease {
        let attempt: Int
        let receipt: [UInt8]
    }

    init(topic: [UInt8], partition: UInt32, offset: Int) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    func append(_ record: RecordView, in bytes: [UInt8], to json: inout [UInt8]) {
        json.append("{\"id\":\"")
        json.append(decimal: UInt64(partition))
        json.append(UInt8(ascii: "-"))
        json.append(decimal: UInt64(offset))
        json.append("\",\"topic\":\"")
        json.append(contentsOf: topic)
        json.append("\",\"partition\":")
        json.append(decimal: UInt64(partition))
        json.append(",\"offset\":")
        json.append(decimal: UInt64(offset))
        if let key = record.key {
            json.append(",\"key\":")
            json.append(quoting: bytes[key])
        }
        json.append(",\"attributes\":{")
        append(record.attributes, in: bytes, to: &json)
        json.append("}")
        if !record.contentType.isEmpty {
            json.append(",\"content_type\":")
            json.append(quoting: bytes[record.contentType])
        }
        json.append(",\"published_at\":\"")
        Timestamp.append(Int64(clamping: record.time), to: &json)
        json.append("\",")
        if let lease { append(lease, to: &json) }
        append(body: bytes[record.body], to: &json)
        json.append("}")
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
        var attributes = attributes
        var isFirst = true
        while let (name, value) = attributes.next(in: bytes.span) {
            if !isFirst { json.append(",") }
            json.append(quoting: bytes[name])
            json.append(":")
            json.append(quoting: bytes[value])
            isFirst = false
        }
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
