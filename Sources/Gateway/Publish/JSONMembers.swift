import Bytes
import HTTP

/// What the readers of messages in JSON share: tokens, texts and durations, without strings.
struct JSONMembers {
    private(set) var reader: JSONReader
    var texts: MessageText
    /// What is wrong with the message that is being read; the first thing counts.
    private(set) var fault: (member: String, detail: String)?

    init(_ body: [UInt8]) {
        reader = JSONReader(in: 0..<body.count)
        texts = MessageText(body)
    }

    mutating func beginMessage() {
        texts.clear()
        fault = nil
    }

    mutating func refuse(_ member: String, _ detail: String) {
        if fault == nil { fault = (member, detail) }
    }

    mutating func next(_ input: Span<UInt8>) throws(BodyError) -> JSONToken {
        do throws(JSONError) { return try reader.next(input) } catch { throw .notJSON(error) }
    }

    func isKey(_ name: String, _ input: Span<UInt8>) -> Bool { reader.textIs(name, input) }

    /// The key that was just read, for problems.
    func keyName(_ input: Span<UInt8>) -> String {
        String(decoding: texts.body[reader.text], as: UTF8.self)
    }

    /// Passes over the rest of the value that begins with `token`.
    mutating func skip(_ token: JSONToken, _ input: Span<UInt8>) throws(BodyError) {
        guard token == .beginObject || token == .beginArray else { return }
        let outside = reader.depth - 1
        while reader.depth > outside { _ = try next(input) }
    }

    /// The text that is the value of `member`; nil for `null` and for what is no text.
    mutating func text(
        _ member: String, _ input: Span<UInt8>
    ) throws(BodyError) -> MessageText.Piece? {
        let token = try next(input)
        switch token {
        case .string: return texts.piece(reader)
        case .null: return nil
        default:
            refuse(member, "has to be a string")
            try skip(token, input)
            return nil
        }
    }

    /// The media type that is the value of `member`, as a reader is going to get it.
    mutating func mediaType(
        _ member: String, _ input: Span<UInt8>
    ) throws(BodyError) -> MessageText.Piece? {
        guard let piece = try text(member, input) else { return nil }
        let type = texts.slice(piece)
        do throws(HTTPError) {
            _ = try MediaType(0..<type.count, in: type.span)
        } catch {
            refuse(member, "has to be a media type, such as text/plain")
        }
        return piece
    }

    mutating func base64(
        _ member: String, _ input: Span<UInt8>
    ) throws(BodyError) -> MessageText.Piece? {
        let token = try next(input)
        if token == .null { return nil }
        if token == .string, !reader.hasEscapes, let piece = texts.base64(reader) { return piece }
        refuse(member, "has to be base64")
        try skip(token, input)
        return nil
    }

    /// A whole number from 0 up; nil for `null` and for what is none.
    mutating func number(
        _ member: String, _ input: Span<UInt8>
    ) throws(BodyError) -> UInt32? {
        let token = try next(input)
        if token == .null { return nil }
        if token == .number, let number = reader.integer(input).flatMap({ UInt32(exactly: $0) }) {
            return number
        }
        refuse(member, "has to be a number from 0 up")
        try skip(token, input)
        return nil
    }

    /// What `read` makes of a duration or a date: of its text, or of a number as it is written.
    mutating func time<Value>(
        _ member: String, _ input: Span<UInt8>,
        _ read: (Span<UInt8>) throws(PublishTime.Refusal) -> Value?
    ) throws(BodyError) -> Value? {
        let token = try next(input)
        if token == .null { return nil }
        guard token == .string || token == .number, !reader.hasEscapes else {
            refuse(member, "has to be a duration or a date")
            try skip(token, input)
            return nil
        }
        do throws(PublishTime.Refusal) {
            guard token == .number, let number = reader.integer(input) else {
                return try read(input.extracting(reader.text))
            }
            return try read([UInt8](String(number).utf8).span)
        } catch {
            switch error {
            case .unreadable(let detail), .outOfBounds(let detail): refuse(member, detail)
            }
            return nil
        }
    }
}
