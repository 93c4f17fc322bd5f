import Bytes
import HTTP
import Wire

/// Reads what a pull says, in its body and in its query.
struct PullReader {
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

    /// Reads each parameter once; what the body says goes before it.
    private mutating func readQuery(_ request: Request) throws(WorkError) {
        let isGiven = !topics.isEmpty
        for (name, text) in request.parameters(startingWith: "") {
            if name == "topic" {
                try readTopic(text, isGiven: isGiven)
            } else {
                try read(name, text)
            }
        }
    }

    private mutating func readTopic(_ name: String, isGiven: Bool) throws(WorkError) {
        guard Name.isValid(name.utf8.span) else {
            throw .invalidParameter("topic", "has to be the name of a topic, \(Name.rule)")
        }
        if !isGiven, !topics.contains(name) { topics.append(name) }
    }

    private mutating func read(_ name: String, _ text: String) throws(WorkError) {
        let duration = "has to be a duration such as 20s or 500ms"
        let most = PullBounds.labelSizeMax
        switch name {
        case "max_messages": try Self.set(&messagesMax, name, Self.count(text), Self.countRule)
        case "min_messages": try Self.set(&messagesMin, name, Self.count(text), Self.countRule)
        case "max_bytes":
            let size = HumanSize.parse(text).flatMap { $0 >= 1 ? $0 : nil }
            try Self.set(&bytesMax, name, size, "has to be a size such as 1MiB")
        case "wait": try Self.set(&wait, name, Duration(human: text)?.milliseconds, duration)
        case "linger": try Self.set(&linger, name, Duration(human: text)?.milliseconds, duration)
        case "lease": try Self.set(&lease, name, Self.lease(text), Self.leaseRule)
        case "consumer":
            let label = text.unicodeScalars.count <= most ? text : nil
            try Self.set(&consumer, name, label, "has to have at most \(most) characters")
        case "pull_id":
            let label = 1...most ~= text.unicodeScalars.count ? text : nil
            try Self.set(&pullID, name, label, "has to have 1 to \(most) characters")
        default: break
        }
    }

    private static func set<Value>(
        _ value: inout Value?, _ name: String, _ found: Value?, _ rule: @autoclosure () -> String
    ) throws(WorkError) {
        guard let found else { throw .invalidParameter(name, rule()) }
        if value == nil { value = found }
    }

    private static func lease(_ text: String) -> Int? {
        Duration(human: text).flatMap { Int(exactly: $0.milliseconds) }.flatMap {
            GroupBounds.leaseMin...GroupBounds.leaseMax ~= $0 ? $0 : nil
        }
    }

    private static let countRule = "has to be a number, 1 or more"

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
