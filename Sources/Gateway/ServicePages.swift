import Bytes
import Contract
import HTTP
import Records

/// What the service says of itself.
struct ServicePages {
    /// Answers that never change are made once.
    let service: Response
    let healthy = ServicePages.text("ok\n")
    let ready = ServicePages.text("ready\n")
    let contractYaml = ServicePages.contract(Contract.yaml, "application/yaml")
    let contractJson = ServicePages.contract(Contract.json, "application/json")
    private let page: MetricsPage

    init(version: String, places: [String], metrics: [GatewayMetrics]) {
        page = MetricsPage(
            places: places + ["unknown", "malformed"], loops: metrics, version: version)
        service = Self.json { json in
            json.member("service", "posthorn")
            json.member("version", version)
            json.key("paths")
            json.beginArray()
            for place in places { json.string(place) }
            json.endArray()
        }
    }

    func metrics() -> Response {
        var response = Response(.ok)
        response.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        response.add("Cache-Control", "no-store")
        for piece in page.pieces() { response.addPiece(piece) }
        return response
    }

    func limits(_ settings: GatewaySettings) -> Response {
        let limits = settings.limits
        let timeouts = settings.timeouts
        let numbers: [(String, Int)] = [
            ("target_bytes", limits.targetSizeMax),
            ("header_bytes", limits.fieldsSizeMax),
            ("header_count", limits.fieldCountMax),
            ("chunk_extension_bytes", limits.chunkExtensionsSizeMax),
            ("body_bytes", limits.bodySizeMax),
            ("batch_messages", PublishBounds.messagesMax),
            ("key_bytes", RecordLimits.keySizeMax),
            ("attributes", RecordLimits.attributeCountMax),
            ("attributes_bytes", RecordLimits.attributesSizeMax),
            ("idempotency_key_bytes", PublishBounds.idempotencyKeySizeMax),
            ("name_bytes", Name.sizeMax),
            ("topic_partitions", TopicBounds.partitionsMax),
            ("topic_message_bytes", TopicBounds.messageSizeMax),
            ("connections", settings.connectionsMax),
            ("connections_per_address", settings.connectionsPerAddressMax),
            ("body_bytes_per_second_min", timeouts.rateMin),
        ]
        let durations: [(String, UInt64)] = [
            ("header_timeout", timeouts.header), ("body_timeout", timeouts.window),
            ("idle_timeout", timeouts.idle), ("write_timeout", timeouts.write),
            ("publish_timeout", settings.publishTimeout),
            ("delay", UInt64(PublishBounds.delayMax)), ("ttl", UInt64(PublishBounds.ttlMax)),
        ]
        return Self.json { json in
            for (name, value) in numbers { json.member(name, value) }
            for (name, milliseconds) in durations {
                json.member(name, Duration.milliseconds(milliseconds).human)
            }
        }
    }

    private static func text(_ text: String) -> Response {
        var response = Response(.ok)
        response.add("Content-Type", "text/plain; charset=utf-8")
        response.add("Cache-Control", "no-store")
        response.setBody([UInt8](text.utf8))
        response.prepare()
        return response
    }

    /// It is of one version with the program, so a client asks whether that has changed.
    private static func contract(_ bytes: [UInt8], _ type: String) -> Response {
        var response = Response(.ok)
        response.add("Content-Type", type)
        response.add("Cache-Control", "no-cache")
        response.setETag(String(CRC32C.of(bytes.span), radix: 16))
        response.setBody(bytes)
        return response
    }

    private static func json(_ fill: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter()
        json.beginObject()
        fill(&json)
        json.endObject()
        json.endLine()
        return .json(.ok, json.finish())
    }
}
