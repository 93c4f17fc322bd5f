import Bytes
import Records
import Wire

/// Reads the body of `PUT /v1/topics/{topic}`: what is not in it stays as it is, or is the default.
enum TopicBody {
    /// The change that `body` asks for; an empty body asks for none.
    static func read(_ body: ArraySlice<UInt8>) throws(BodyError) -> TopicChange {
        var change = TopicChange()
        if body.isEmpty { return change }
        var object = BodyObject(body)
        try object.read { name, value, object in
            take(name, value, &object, into: &change)
        }
        return change
    }

    private static func take(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject,
        into change: inout TopicChange
    ) -> Bool {
        switch name {
        case "partitions":
            change.partitions = count(value, name, &object, 1...TopicBounds.partitionsMax)
        case "retention":
            change.retention = orNull(value) {
                duration(
                    $0, name, &object, TopicBounds.retentionMin...TopicBounds.retentionMax,
                    orNull: true)
            }
        case "retention_bytes":
            change.retentionBytes = orNull(value) {
                size($0, name, &object, 1...TopicBounds.sizeMax, orNull: true)
            }
        case "max_message_bytes":
            change.messageSizeMax = size(value, name, &object, 1...TopicBounds.messageSizeMax)
        case "durability": change.durability = choice(value, name, &object)
        case "compression": change.compression = choice(value, name, &object)
        case "dedup_window":
            change.dedupWindow = duration(value, name, &object, 0...TopicBounds.dedupWindowMax)
        case "max_backlog":
            change.backlogMax = orNull(value) {
                size($0, name, &object, 1...TopicBounds.sizeMax, orNull: true)
            }
        default: return false
        }
        return true
    }

    /// A `null` is a value of its own: there is to be no bound.
    private static func orNull(
        _ value: BodyObject.Value, _ read: (BodyObject.Value) -> Int?
    ) -> Int?? {
        if case .null = value { return .some(nil) }
        return read(value).map { .some($0) }
    }

    private static func count(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject,
        _ bounds: ClosedRange<Int>
    ) -> Int? {
        if case .integer(let number) = value, let number = Int(exactly: number), bounds ~= number {
            return number
        }
        object.refuse(name, "has to be a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        return nil
    }

    private static func duration(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject,
        _ bounds: ClosedRange<Int>, orNull: Bool = false
    ) -> Int? {
        if let found = milliseconds(value), bounds ~= found { return found }
        let ends = [bounds.lowerBound, bounds.upperBound].map {
            Duration.milliseconds($0).human
        }
        let other = orNull ? ", or null" : ""
        object.refuse(name, "has to be a duration from \(ends[0]) to \(ends[1])\(other)")
        return nil
    }

    private static func milliseconds(_ value: BodyObject.Value) -> Int? {
        switch value {
        case .integer(let seconds) where seconds >= 0 && seconds <= Int.max / 1_000:
            return Int(seconds) * 1_000
        case .text(let text): return Duration(human: text).flatMap { Int(exactly: $0.milliseconds) }
        default: return nil
        }
    }

    private static func size(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject,
        _ bounds: ClosedRange<Int>, orNull: Bool = false
    ) -> Int? {
        let found: Int?
        switch value {
        case .integer(let number): found = Int(exactly: number)
        case .text(let text): found = HumanSize.parse(text)
        default: found = nil
        }
        if let found, bounds ~= found { return found }
        let ends = [bounds.lowerBound, bounds.upperBound].map { HumanSize.format($0) }
        let other = orNull ? ", or null" : ""
        object.refuse(name, "has to be a size from \(ends[0]) to \(ends[1])\(other)")
        return nil
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> Choice? {
        if case .text(let text) = value, let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        object.refuse(name, "has to be one of \(choices)")
        return nil
    }
}
