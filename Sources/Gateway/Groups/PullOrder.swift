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

/// Reads what a pull says, in its body and in its query.
private struct PullReader {
    private let settings: PullSettings
    var topics: [String] = []
    var weights: [String: Int] = [:]
    var wait: UInt64?
    var messagesMax: Int?
    var bytesMax: Int?
    var messagesMin: Int?
    var linger: UInt64?
    var lease: Int?
    var consumer: String?
    var pullID: String?
    var settles: SettleOrder.Lists?

    init(_ settings: PullSettings) { self.settings = settings }

    // MARK: The body

    mutating func read(_ body: ArraySlice<UInt8>) throws(BodyError) {
        if body.isEmpty { return }
        var found = self
        var object = BodyObject(body)
        try object.read { name, value, object in
            return found.take(name, value, &object) || found.takeText(name, value, &object)
        }
        self = found
    }

    private mutating func take(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject
    ) -> Bool {
        switch name {
        case "max_messages": messagesMax = object.count(value, name, 1...Int.max)
        case "min_messages": messagesMin = object.count(value, name, 1...Int.max)
        case "max_bytes":
            bytesMax = value.size.flatMap { $0 >= 1 ? $0 : nil }
            if bytesMax == nil { object.refuse(name, "has to be a size such as 1MiB") }
        case "wait": wait = duration(value, name, &object)
        case "linger": linger = duration(value, name, &object)
        case "lease":
            lease = object.duration(value, name, GroupBounds.leaseMin...GroupBounds.leaseMax)
        default: return false
        }
        return true
    }

    private mutating func takeText(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject
    ) -> Bool {
        switch name {
        case "topics": takeTopics(value, &object)
        case "weights": takeWeights(value, &object)
        case "consumer":
            consumer = SettleOrder.label(value, name, PullBounds.labelSizeMax, &object)
        case "pull_id":
            pullID = SettleOrder.label(value, name, PullBounds.labelSizeMax, &object)
            if pullID == "" { object.refuse(name, "has to have a character") }
        case "settle": takeSettles(value, &object)
        default: return false
        }
        return true
    }

    private func duration(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> UInt64? {
        if let found = value.milliseconds { return UInt64(found) }
        object.refuse(name, "has to be a duration such as 20s or 500ms")
        return nil
    }

    private mutating func takeTopics(_ value: BodyObject.Value, _ object: inout BodyObject) {
        guard case .list(let list) = value, 1...PullBounds.topicsMax ~= list.count else {
            return object.refuse("topics", "has to be a list of 1 to \(PullBounds.topicsMax) names")
        }
        for (index, value) in list.enumerated() {
            guard case .text(let name) = value, Name.isValid(name.utf8.span) else {
                object.refuse("topics/\(index)", "has to be the name of a topic, \(Name.rule)")
                continue
            }
            if !topics.contains(name) { topics.append(name) }
        }
    }

    private mutating func takeWeights(_ value: BodyObject.Value, _ object: inout BodyObject) {
        guard case .object(let members) = value else {
            return object.refuse("weights", "has to be an object, topic by topic")
        }
        for member in members {
            let place = "weights/\(member.name)"
            weights[member.name] = object.count(member.value, place, 1...PullBounds.weightMax)
        }
    }

    private mutating func takeSettles(_ value: BodyObject.Value, _ object: inout BodyObject) {
        guard case .object(let members) = value else {
            return object.refuse("settle", "has to be an object")
        }
        var lists = SettleOrder.Lists()
        for member in members {
            let isKnown = SettleOrder.take(
                member.name, member.value, at: "settle/", &object, into: &lists)
            if !isKnown { object.noteUnknown("settle/\(member.name)") }
        }
        settles = lists
    }

    // MARK: The query

    mutating func read(_ request: Request) throws(GatewayError) {
        if request.targetParts.query == nil { return }
        do throws(WorkError) { try readQuery(request) } catch { throw .work(error) }
    }

    private mutating func readQuery(_ request: Request) throws(WorkError) {
        let isGiven = !topics.isEmpty
        for name in request.parameters("topic") {
            guard Name.isValid(name.utf8.span) else {
                throw .invalidParameter("topic", "has to be the name of a topic, \(Name.rule)")
            }
            if !isGiven, !topics.contains(name) { topics.append(name) }
        }
        let count = "has to be a number, 1 or more"
        try read("max_messages", request, &messagesMax, count) { Self.count($0) }
        try read("min_messages", request, &messagesMin, count) { Self.count($0) }
        try read("max_bytes", request, &bytesMax, "has to be a size such as 1MiB") {
            HumanSize.parse($0).flatMap { $0 >= 1 ? $0 : nil }
        }
        let duration = "has to be a duration such as 20s or 500ms"
        try read("wait", request, &wait, duration) { Duration(human: $0)?.milliseconds }
        try read("linger", request, &linger, duration) { Duration(human: $0)?.milliseconds }
        try read("lease", request, &lease, Self.leaseRule) {
            Duration(human: $0).flatMap { Int(exactly: $0.milliseconds) }.flatMap {
                GroupBounds.leaseMin...GroupBounds.leaseMax ~= $0 ? $0 : nil
            }
        }
        let most = PullBounds.labelSizeMax
        try read("consumer", request, &consumer, "has to have at most \(most) characters") {
            $0.unicodeScalars.count <= most ? $0 : nil
        }
        try read("pull_id", request, &pullID, "has to have 1 to \(most) characters") {
            1...most ~= $0.unicodeScalars.count ? $0 : nil
        }
    }

    private func read<Value>(
        _ name: String, _ request: Request, _ value: inout Value?,
        _ rule: @autoclosure () -> String,
        _ parse: (String) -> Value?
    ) throws(WorkError) {
        guard let text = request.parameter(name) else { return }
        guard let found = parse(text) else { throw .invalidParameter(name, rule()) }
        // What the body says goes before it.
        if value == nil { value = found }
    }

    private static var leaseRule: String {
        let ends = [GroupBounds.leaseMin, GroupBounds.leaseMax].map {
            Duration.milliseconds($0).human
        }
        return "has to be a duration from \(ends[0]) to \(ends[1])"
    }

    private static func count(_ text: String) -> Int? {
        MessageID.number([UInt8](text.utf8)[...]).flatMap { $0 >= 1 ? $0 : nil }
    }
}
