// The requests of a bench, written once before it begins: sending one allocates nothing.

import Bytes
package import HTTP
package import Settings

/// Whole requests, which the connections send in turns.
package struct RequestSet: Sendable {
    /// Requests that are kept, and their bytes together: more keys or topics share these.
    package static let countMax = 16_384
    package static let sizeMax = 256 << 20

    package let requests: [[UInt8]]
    /// Of each request.
    package let messages: Int

    package init(_ settings: BenchSettings) throws(HTTPError) {
        let wanted = settings.workload == .publish ? max(settings.topics, settings.keys, 1) : 1
        let size = settings.body * settings.batch + 512
        let count = max(1, min(wanted, Self.countMax, Self.sizeMax / size))
        var requests: [[UInt8]] = []
        for number in 0..<count { requests.append(try Self.request(number, settings)) }
        self.requests = requests
        messages = settings.workload == .publish ? settings.batch : 0
    }

    private static func request(
        _ number: Int, _ settings: BenchSettings
    ) throws(HTTPError) -> [UInt8] {
        let host = settings.url.authority
        guard settings.workload == .publish else {
            var writer = try RequestWriter(.get, settings.path, host: host)
            writer.end()
            return writer.bytes
        }
        let topic = "\(settings.topic)-\(number % settings.topics)"
        let place = settings.batch == 1 ? "messages" : "batches"
        var writer = try RequestWriter(.post, "/v1/topics/\(topic)/\(place)", host: host)
        if let durability = settings.durability.sent {
            try writer.add("Posthorn-Durability", durability)
        }
        let body = text(settings.body)
        let key = settings.keys > 0 ? "key-\(number % settings.keys)" : nil
        if settings.batch == 1 {
            if let key { try writer.add("Posthorn-Key", key) }
            try writer.add("Content-Type", "application/octet-stream")
            writer.end(body: body)
        } else {
            try writer.add("Content-Type", "application/json")
            writer.end(body: list(of: body, key, count: settings.batch))
        }
        return writer.bytes
    }

    private static func list(of body: [UInt8], _ key: String?, count: Int) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("messages")
        json.beginArray()
        for _ in 0..<count {
            json.beginObject()
            json.key("value")
            json.string(utf8: body[...])
            if let key {
                json.key("key")
                json.string(key)
            }
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.finish()
    }

    /// Letters that no compressor makes next to nothing of: a bench of zeros would flatter.
    private static func text(_ size: Int) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return (0..<size).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(ascii: "a") + UInt8(state >> 32 & 15)
        }
    }
}
