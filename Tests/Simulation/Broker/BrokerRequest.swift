/// A request of a simulated client, as it goes over the wire.
struct BrokerRequest {
    enum Purpose {
        /// One message, or a batch of them.
        case publish([BrokerMessage], isBatch: Bool)
        case delete(topic: String, deletion: Int)
        case read(BrokerChain)
        case other
    }

    let id: String
    let purpose: Purpose
    let line: String
    let wire: [UInt8]

    init(
        _ line: String, id: String, _ purpose: Purpose, fields: [String] = [], body: [UInt8] = []
    ) {
        self.id = id
        self.purpose = purpose
        self.line = line
        var text = "\(line) HTTP/1.1\r\nHost: h\r\nRequest-Id: \(id)\r\n"
        for field in fields { text += field + "\r\n" }
        if !line.hasPrefix("GET") { text += "Content-Length: \(body.count)\r\n" }
        wire = Array((text + "\r\n").utf8) + body
    }

    static func publish(
        _ message: BrokerMessage, id: String, isBuffered: Bool, ttl: Int?
    ) -> BrokerRequest {
        var fields = ["Content-Type: text/plain"]
        if let key = message.key { fields.append("Posthorn-Key: \(key)") }
        if let partition = message.partition { fields.append("Posthorn-Partition: \(partition)") }
        if message.delay > 0 { fields.append("Posthorn-Delay: \(message.delay)ms") }
        if let ttl { fields.append("Posthorn-Ttl: \(ttl)ms") }
        if isBuffered { fields.append("Posthorn-Durability: buffered") }
        if let key = message.idempotencyKey { fields.append("Idempotency-Key: \(key)") }
        return BrokerRequest(
            "POST /v1/topics/\(message.topic)/messages", id: id,
            .publish([message], isBatch: false), fields: fields, body: message.body)
    }

    static func publish(batch: [BrokerMessage], to topic: String, id: String) -> BrokerRequest {
        let texts = batch.map { message in
            var text = #"{"value":"\#(String(decoding: message.body, as: UTF8.self))""#
            if let key = message.key { text += #","key":"\#(key)""# }
            if let partition = message.partition { text += #","partition":\#(partition)"# }
            if message.delay > 0 { text += #","delay":"\#(message.delay)ms""# }
            return text + "}"
        }
        var fields = ["Content-Type: application/json"]
        if let key = batch.first?.idempotencyKey { fields.append("Idempotency-Key: \(key)") }
        return BrokerRequest(
            "POST /v1/topics/\(topic)/batches", id: id, .publish(batch, isBatch: true),
            fields: fields,
            body: Array(#"{"messages":[\#(texts.joined(separator: ","))]}"#.utf8))
    }
}
