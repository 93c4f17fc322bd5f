// The batch of type application/cloudevents-batch+json: events in the JSON format of CloudEvents 1.0.
// An event is stored as its binary mode has it: `data` is the body, `datacontenttype` the content
// type, and everything else an attribute with `ce-` in front.

import Bytes
import Records

/// Reads the events of a JSON array, one at a time.
struct EventListReader: MessageSource {
    static let root = ""
    private static let prefix = "ce-"
    private static let required = ["specversion", "id", "source", "type"]
    private static let contentType = "application/json"

    private enum State { case start, list, done }

    /// What one event said.
    private struct Parts {
        /// `data` as it stands in the body, and its text if it is a string.
        var json: MessageText.Piece?
        var text: MessageText.Piece?
        var base64: MessageText.Piece?
        var contentType: MessageText.Piece?
        /// A bit for each of the required attributes.
        var seen: UInt8 = 0
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
            _ = try json.next(input)
            state = .done
            return .end
        }
        defer { index += 1 }
        json.beginMessage()
        guard token == .beginObject else {
            try json.skip(token, input)
            return .fault(MessageFault(index, "", "has to be an event"))
        }
        let parts = try event(input)
        check(parts)
        if let fault = json.fault {
            return .fault(MessageFault(index, fault.member, fault.detail))
        }
        fill(&message, parts, at: now)
        return .message
    }

    private mutating func open(_ input: Span<UInt8>) throws(BodyError) {
        guard try json.next(input) == .beginArray else {
            throw .invalid([RequestFault("", "has to be an array of events")])
        }
        state = .list
    }

    private mutating func check(_ parts: Parts) {
        for (bit, name) in Self.required.enumerated() where parts.seen & 1 << UInt8(bit) == 0 {
            json.refuse(name, "has to be a text that is not empty")
        }
        if parts.json != nil && parts.base64 != nil {
            json.refuse("data", "and data_base64 are both there")
        }
        if attributes.count > RecordLimits.attributeCountMax {
            json.refuse("", "has more than \(RecordLimits.attributeCountMax) attributes")
        }
    }

    // MARK: One event

    private mutating func event(_ input: Span<UInt8>) throws(BodyError) -> Parts {
        var parts = Parts()
        attributes.removeAll(keepingCapacity: true)
        while try json.next(input) == .key {
            if json.isKey("data", input) {
                try readData(input, into: &parts)
            } else if json.isKey("data_base64", input) {
                parts.base64 = try json.base64("data_base64", input)
            } else if json.isKey("datacontenttype", input) {
                parts.contentType = try json.mediaType("datacontenttype", input)
            } else {
                try readAttribute(input, into: &parts)
            }
        }
        return parts
    }

    private mutating func readData(
        _ input: Span<UInt8>, into parts: inout Parts
    ) throws(BodyError) {
        var start = json.reader.position
        let token = try json.next(input)
        if token == .string { parts.text = json.texts.piece(json.reader) }
        try json.skip(token, input)
        if token == .null { return }
        while input[start] <= .space { start += 1 }
        parts.json = MessageText.Piece(range: start..<json.reader.position, isScratch: false)
    }

    private mutating func readAttribute(
        _ input: Span<UInt8>, into parts: inout Parts
    ) throws(BodyError) {
        let bit = Self.required.firstIndex { json.isKey($0, input) }
        let name = json.texts.piece(Self.prefix, json.texts.piece(json.reader))
        let token = try json.next(input)
        switch token {
        case .null: return
        case .string:
            let value = json.texts.piece(json.reader)
            if let bit, !value.range.isEmpty { parts.seen |= 1 << UInt8(bit) }
            attributes.append((name, value))
        case .number, .true, .false:
            if let bit { return json.refuse(Self.required[bit], "has to be a text") }
            let piece = MessageText.Piece(range: json.reader.text, isScratch: false)
            let word = json.texts.piece(copying: token == .true ? "true" : "false")
            attributes.append((name, token == .number ? piece : word))
        default:
            json.refuse(json.texts.string(name), "has to be a text, a number or a truth value")
            return try json.skip(token, input)
        }
        if !Name.isValid(json.texts.slice(name).span) {
            json.refuse("", "has an attribute whose name is not \(Name.rule)")
        }
        if bit == 0, let last = attributes.last, json.texts.string(last.value) != "1.0" {
            json.refuse("specversion", "has to be 1.0")
        }
    }

    private mutating func fill(
        _ message: inout BatchMessage, _ parts: Parts, at now: TurnTime
    ) {
        var type = parts.contentType
        var body = parts.base64
        if body == nil, let raw = parts.json {
            // Text of another type than JSON is the data itself; anything else is data in JSON.
            let isText = type.map { !isJSON(json.texts.slice($0)) } ?? false
            body = isText ? parts.text ?? raw : raw
            if type == nil { type = json.texts.piece(copying: Self.contentType) }
        }
        let texts = json.texts
        message.draft.time = now.wall
        if let body { message.draft.body = texts.slice(body) }
        if let type { message.draft.contentType = texts.slice(type) }
        message.draft.attributes = attributes.map { pair in
            RecordAttribute(name: texts.slice(pair.name), value: texts.slice(pair.value))
        }
    }

    private func isJSON(_ type: ArraySlice<UInt8>) -> Bool {
        let essence = type.prefix { $0 != UInt8(ascii: ";") && $0 != .space }
        let text = String(decoding: essence, as: UTF8.self).asciiLowercased
        return text.hasSuffix("/json") || text.hasSuffix("+json")
    }
}
