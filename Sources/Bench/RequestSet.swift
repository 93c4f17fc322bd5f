// The requests of a bench, written once before it begins: sending one allocates nothing.

package import HTTP
package import Settings

/// Whole requests, which the connections send in turns.
package struct RequestSet: Sendable {
    /// Requests that are kept, and their bytes together: more keys or topics share these.
    package static let countMax = 16_384
    package static let sizeMax = 256 << 20
    /// Requests at least, where there is room, so that one body after another differs.
    private static let varieties = 16

    package let requests: [[UInt8]]
    /// Of each request.
    package let messages: Int

    package init(_ settings: BenchSettings) throws(HTTPError) {
        let publishes = settings.workload != .static
        let wanted = publishes ? max(settings.topics, settings.keys, Self.varieties) : 1
        let size = settings.body * settings.batch + 512
        let count = max(1, min(wanted, Self.countMax, Self.sizeMax / size))
        var requests: [[UInt8]] = []
        for number in 0..<count { requests.append(try Self.request(number, settings)) }
        self.requests = requests
        messages = publishes ? settings.batch : 0
    }

    private static func request(
        _ number: Int, _ settings: BenchSettings
    ) throws(HTTPError) -> [UInt8] {
        let host = settings.url.authority
        guard settings.workload != .static else {
            var writer = try RequestWriter(.get, settings.path, host: host)
            writer.end()
            return writer.bytes
        }
        let topics = settings.workload == .park ? 1 : settings.topics
        let topic = "\(settings.topic)-\(number % topics)"
        let place = settings.batch == 1 ? "messages" : "batches"
        var writer = try RequestWriter(.post, "/v1/topics/\(topic)/\(place)", host: host)
        if let durability = settings.durability.sent {
            try writer.add("Posthorn-Durability", durability)
        }
        var text = BodyText(size: settings.body, seed: UInt64(number))
        let key = settings.keys > 0 ? "key-\(number % settings.keys)" : nil
        if settings.batch == 1 {
            if let key { try writer.add("Posthorn-Key", key) }
            try writer.add("Content-Type", "application/octet-stream")
            writer.end(body: text.next())
        } else {
            var batch = BatchText(settings, text: text)
            try writer.add("Content-Type", batch.contentType)
            writer.end(body: batch.next(key: key))
        }
        return writer.bytes
    }
}
