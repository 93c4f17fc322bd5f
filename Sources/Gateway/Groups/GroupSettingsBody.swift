import Bytes
import Records
import Wire

/// Reads the body of `PUT /v1/groups/{group}`: what is not in it stays as it is, or is the default.
enum GroupSettingsBody {
    /// The edit that `body` asks for; an empty body asks for none.
    static func read(_ body: ArraySlice<UInt8>) throws(BodyError) -> GroupEdit {
        var edit = GroupEdit()
        if body.isEmpty { return edit }
        var object = BodyObject(body)
        try object.read { name, value, object in
            takeRules(name, value, &object, into: &edit)
                || takeBounds(name, value, &object, into: &edit)
        }
        return edit
    }

    private static func takeRules(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject,
        into edit: inout GroupEdit
    ) -> Bool {
        switch name {
        case "start": edit.start = start(value, name, &object)
        case "ordering": edit.ordering = object.choice(value, name)
        case "on_dead": edit.onDead = object.choice(value, name)
        case "expired": edit.expired = object.choice(value, name)
        case "filter": edit.filter = filter(value, name, &object)
        case "backoff": edit.backoff = backoff(value, name, &object)
        case "dead_letter_topic": edit.deadLetterTopic = topic(value, name, &object)
        default: return false
        }
        return true
    }

    private static func takeBounds(
        _ name: String, _ value: BodyObject.Value, _ object: inout BodyObject,
        into edit: inout GroupEdit
    ) -> Bool {
        switch name {
        case "lease":
            edit.lease = object.duration(value, name, GroupBounds.leaseMin...GroupBounds.leaseMax)
        case "max_attempts":
            edit.attemptsMax = object.count(value, name, 1...GroupBounds.attemptsMax)
        case "max_in_flight":
            edit.inFlightMax = value.orNull {
                object.count($0, name, 1...GroupBounds.inFlightMax, orNull: true)
            }
        case "max_in_flight_per_consumer":
            edit.inFlightPerConsumerMax = value.orNull {
                object.count($0, name, 1...GroupBounds.inFlightMax, orNull: true)
            }
        case "rate":
            edit.rate = value.orNull {
                object.count($0, name, 1...GroupBounds.rateMax, orNull: true)
            }
        case "ttl":
            edit.lifetime = value.orNull {
                object.duration(
                    $0, name, GroupBounds.lifetimeMin...GroupBounds.lifetimeMax, orNull: true)
            }
        default: return false
        }
        return true
    }

    private static func start(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> GroupStart? {
        if case .text(let text) = value, let start = GroupStart(reading: text) { return start }
        object.refuse(
            name,
            "has to be earliest, latest, a time such as 2026-11-21T09:17:46Z, or a cursor of a "
                + "whole topic")
        return nil
    }

    private static func filter(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> String? {
        switch value {
        case .null, .text(""): return ""
        case .text(let text):
            do throws(FilterError) {
                _ = try Filter(parsing: text.utf8.span)
                return text
            } catch {
                object.refuse(name, error.message)
            }
        default: object.refuse(name, "has to be a filter, or null")
        }
        return nil
    }

    private static func backoff(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> [Int]? {
        guard case .list(let list) = value, list.count <= GroupBounds.pausesMax else {
            object.refuse(name, "has to be a list of up to \(GroupBounds.pausesMax) durations")
            return nil
        }
        var pauses: [Int] = []
        for (index, pause) in list.enumerated() {
            guard let found = object.duration(pause, "\(name)/\(index)", 0...GroupBounds.pauseMax)
            else { continue }
            pauses.append(found)
        }
        return pauses
    }

    private static func topic(
        _ value: BodyObject.Value, _ name: String, _ object: inout BodyObject
    ) -> String?? {
        switch value {
        case .null: return .some(nil)
        case .text(let text) where Name.isValid(text.utf8.span): return .some(text)
        default: object.refuse(name, "has to be the name of a topic, \(Name.rule), or null")
        }
        return nil
    }
}

extension GroupStart {
    /// Reads what a client wrote; nil for what is no start.
    init?(reading text: String) {
        switch text {
        case "earliest": self = .earliest
        case "latest": self = .latest
        default:
            if let time = Timestamp.milliseconds(reading: text.utf8.span) {
                self = .time(max(Int(time), 0))
            } else if let cursor = Cursor(reading: text.utf8.span),
                let place = GroupCursor(cursor)
            {
                self = .cursor(place)
            } else {
                return nil
            }
        }
    }

    /// What a client reads.
    var text: String {
        switch self {
        case .earliest: return "earliest"
        case .latest: return "latest"
        case .time(let time):
            var text: [UInt8] = []
            Timestamp.append(Int64(time), to: &text)
            return String(decoding: text, as: UTF8.self)
        case .cursor(let cursor): return cursor.cursor.text
        }
    }
}

extension GroupCursor {
    /// Nil for a cursor of one partition only, and of more partitions than a topic has.
    fileprivate init?(_ cursor: Cursor) {
        let most = GroupBounds.cursorPartitionsMax
        switch cursor.place {
        case .all(let offsets) where offsets.count <= most:
            self.init(topic: cursor.topic, .all(offsets))
        case .published(let count, let partition, let offset, let logTime) where count <= most:
            self.init(
                topic: cursor.topic,
                .published(count: count, partition: partition, offset: offset, logTime: logTime))
        case .all, .published, .one: return nil
        }
    }

    fileprivate var cursor: Cursor {
        switch place {
        case .all(let offsets): Cursor(topic: topic, .all(offsets))
        case .published(let count, let partition, let offset, let logTime):
            Cursor(
                topic: topic,
                .published(count: count, partition: partition, offset: offset, logTime: logTime))
        }
    }
}
