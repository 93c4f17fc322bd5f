import Bytes
import HTTP
import Wire

/// The forms that pulled messages come in, in the order in which the route offers them.
package enum PullFormat: Int, CaseIterable, Sendable {
    case json, lines, frames, raw

    package static let produces = [
        "application/json", "application/x-ndjson", "application/vnd.posthorn.batch",
        "application/octet-stream",
    ]

    var contentType: String { Self.produces[rawValue] }
}

/// What a pull asks for, with everything that it left out filled in.
struct PullOrder {
    struct Topic: Equatable {
        let name: String
        let weight: Int
    }

    var topics: [Topic] = []
    var format: PullFormat
    /// In milliseconds; 0 looks once.
    var wait: UInt64
    var messagesMax: Int
    var bytesMax: Int
    var messagesMin = 1
    /// For how long it waits for more, once it has something, in milliseconds.
    var linger: UInt64 = 0
    /// Nothing takes what the group is set to.
    var lease: Int?
    var consumer = ""
    var id: UInt64?
    var settles: SettleOrder?

    /// All that the route knows.
    static let parameters: [QueryParameter] = [
        .repeated("topic"), "max_messages", "max_bytes", "wait", "min_messages", "linger", "lease",
        "consumer", "pull_id",
    ]

    init(_ topics: [Topic], _ format: PullFormat, _ settings: PullSettings) {
        self.topics = topics
        self.format = format
        wait = min(settings.waitDefault, settings.waitMax)
        messagesMax = settings.messagesDefault
        bytesMax = settings.bytesDefault
    }

    init(_ request: Request, _ settings: PullSettings) throws(GatewayError) {
        var reader = PullReader(settings)
        do throws(BodyError) {
            try reader.read(request.body)
        } catch {
            throw .body(error)
        }
        try reader.read(request)
        let format = PullFormat(rawValue: request.answerType) ?? .json
        guard !reader.topics.isEmpty else {
            throw .work(.noTopicGiven)
        }
        guard reader.topics.count <= PullBounds.topicsMax else {
            let most = PullBounds.topicsMax
            throw .work(.invalidParameter("topic", "may be there \(most) times at most"))
        }
        let topics = reader.topics.map { Topic(name: $0, weight: reader.weights[$0] ?? 1) }
        self.init(topics, format, settings)
        wait = min(reader.wait ?? wait, settings.waitMax)
        // A body has room for one.
        let most = format == .raw ? 1 : settings.messagesMax
        messagesMax = min(reader.messagesMax ?? messagesMax, most)
        bytesMax = min(reader.bytesMax ?? bytesMax, settings.bytesMax)
        messagesMin = min(reader.messagesMin ?? 1, messagesMax)
        linger = min(reader.linger ?? 0, wait)
        lease = reader.lease
        consumer = reader.consumer ?? ""
        id = reader.pullID.map { SipHash.of($0.utf8.span, key: settings.hashKey) }
        settles = reader.settles?.order
    }
}
