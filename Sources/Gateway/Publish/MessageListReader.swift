// `{"messages":[{…},…]}`: the batch of type application/json.

import Bytes
import Records

/// Reads the messages of a JSON body, one at a time.
struct MessageListReader: MessageSource {
    static let root = "/messages"

    private enum State { case start, list, done }

    /// What one message said.
    private struct Parts {
        var value: MessageText.Piece?
        var hasTwoValues = false
        var key: MessageText.Piece?
        var contentType: MessageText.Piece?
        var delay: RecordDelay?
        var deliverAt: RecordDelay?
        var hasDelay = false
        var hasDate = false
        var ttl: UInt64?
        var partition: UInt32?
    }

    private var state = State.start
    private var json: JSONMembers
    private var attributes: [(name: MessageText.Piece, value: MessageText.Piece)] = []
    private var index = 0

    init(_ body: [UInt8]) { json = JSONMembers(body) }

    mutating func next(
        _ input: Span<UInt8>, at now: TurnTime, into message: inout BatchMessage
    ) throws(BodyError) -> BatchStep {
        if state == .start { try open(input) }
        if state == .done { return .end }
        let token = try json.next(input)
        if token == .endArray {
            try close(input)
            return .end
        }
        defer { index += 1 }
        json.beginMessage()
        guard token == .beginObject else {
            try json.skip(token, input)
            return .fault(MessageFault(index, "", "has to be an object"))
        }
        let parts = try read(input, at: now)
        if let fault = json.fault {
            return .fault(MessageFault(index, fault.member, fault.detail))
        }
        guard let value = parts.value else {
            return .fault(MessageFault(index, "value", "or value_base64 has to be there"))
        }
        fill(&message, parts, value, at: now)
        return .message
    }

    private mutating func open(_ input: Span<UInt8>) throws(BodyError) {
        guard try json.next(input) == .beginObject else {
            throw .invalid([RequestFault("", "has to be an object with messages")])
        }
        guard try json.next(input) == .key else {
            throw .invalid([RequestFault("/messages", "has to be there")])
        }
        guard json.isKey("messages", input) else { throw unknown("", input) }
        guard try json.next(input) == .beginArray else {
            throw .invalid([RequestFault("/messages", "has to be an array")])
        }
        state = .list
    }

    private mutating func close(_ input: Span<UInt8>) throws(BodyError) {
        state = .done
        guard try json.next(input) == .endObject else {
            guard json.isKey("messages", input) else { throw unknown("", input) }
            throw .invalid([RequestFault("/messages", "is there twice")])
        }
        _ = try json.next(input)
    }

    private func unknown(_ place: String, _ input: Span<UInt8>) -> BodyError {
        .unknownMembers(["\(place)/\(json.keyName(input))"])
    }

    // MARK: One message

    private mutating func read(
        _ input: Span<UInt8>, at now: TurnTime
    ) throws(BodyError) -> Parts {
        var parts = Parts()
        attributes.removeAll(keepingCapacity: true)
        while try json.next(input) == .key {
            if json.isKey("value", input) {
                try take(try json.text("value", input), into: &parts)
            } else if json.isKey("value_base64", input) {
                try take(try json.base64("value_base64", input), into: &parts)
            } else if json.isKey("key", input) {
                parts.key = try json.text("key", input)
            } else if json.isKey("content_type", input) {
                parts.contentType = try json.mediaType("content_type", input)
            } else if json.isKey("attributes", input) {
                try readAttributes(input)
            } else if json.isKey("partition", input) {
                parts.partition = try json.number("partition", input)
            } else if try !readTime(input, at: now, into: &parts) {
                throw unknown("\(Self.root)/\(index)", input)
            }
        }
        if parts.hasTwoValues { json.refuse("value", "and value_base64 are both there") }
        if parts.hasDelay && parts.hasDate { json.refuse("delay", "and deliver_at are both there") }
        return parts
    }

    private func take(_ piece: MessageText.Piece?, into parts: inout Parts) throws(BodyError) {
        guard let piece else { return }
        if parts.value != nil { parts.hasTwoValues = true }
        parts.value = piece
    }

    /// Reads `delay`, `deliver_at` or `ttl`; returns false if the member is none of them.
    private mutating func readTime(
        _ input: Span<UInt8>, at now: TurnTime, into parts: inout Parts
    ) throws(BodyError) -> Bool {
        if json.isKey("delay", input) {
            parts.delay = try json.time("delay", input) { (text) throws(PublishTime.Refusal) in
                try PublishTime.delay(text)
            }
            parts.hasDelay = true
        } else if json.isKey("deliver_at", input) {
            parts.deliverAt = try json.time("deliver_at", input) {
                (text) throws(PublishTime.Refusal) in try PublishTime.deliverAt(text, at: now)
            }
            parts.hasDate = true
        } else if json.isKey("ttl", input) {
            parts.ttl = try json.time("ttl", input) { (text) throws(PublishTime.Refusal) in
                try PublishTime.ttl(text)
            }
        } else {
            return false
        }
        return true
    }

    private mutating func readAttributes(_ input: Span<UInt8>) throws(BodyError) {
        let token = try json.next(input)
        if token == .null { return }
        guard token == .beginObject else {
            json.refuse("attributes", "have to be an object of strings")
            return try json.skip(token, input)
        }
        while try json.next(input) == .key {
            let name = json.texts.piece(json.reader)
            let isValid = Name.isValid(json.texts.slice(name).span)
            let token = try json.next(input)
            guard token == .string else {
                json.refuse("attributes", "have to be an object of strings")
                try json.skip(token, input)
                continue
            }
            if !isValid { json.refuse("attributes", "have names of \(Name.rule)") }
            attributes.append((name, json.texts.piece(json.reader)))
        }
        if attributes.count > RecordLimits.attributeCountMax {
            json.refuse("attributes", "are at most \(RecordLimits.attributeCountMax)")
        }
    }

    private func fill(
        _ message: inout BatchMessage, _ parts: Parts, _ value: MessageText.Piece,
        at now: TurnTime
    ) {
        message.draft.time = now.wall
        message.draft.body = json.texts.slice(value)
        if let key = parts.key { message.draft.key = json.texts.slice(key) }
        if let type = parts.contentType { message.draft.contentType = json.texts.slice(type) }
        if !attributes.isEmpty {
            let texts = json.texts
            message.draft.attributes = attributes.map { pair in
                RecordAttribute(name: texts.slice(pair.name), value: texts.slice(pair.value))
            }
        }
        message.draft.ttl = parts.ttl
        message.draft.delay = parts.delay ?? parts.deliverAt
        message.partition = parts.partition
    }
}
