import Bytes

/// A token without its place, as it can be written again.
enum JSONValue: Equatable {
    case mark(JSONToken)
    case key([UInt8])
    case string([UInt8])
    case integer(Int64)
    case double(Double)

    /// Numbers that fit nowhere are kept as texts.
    init(_ token: JSONToken, _ reader: JSONReader, _ input: [UInt8]) {
        var text: [UInt8] = []
        switch token {
        case .key:
            reader.appendText(of: input, to: &text)
            self = .key(text)
        case .string:
            reader.appendText(of: input, to: &text)
            self = .string(text)
        case .number: self = Self.number(reader, input)
        default: self = .mark(token)
        }
    }

    private static func number(_ reader: JSONReader, _ input: [UInt8]) -> JSONValue {
        if let integer = reader.integer(input.span) { return .integer(integer) }
        let digits = Array(input[reader.text])
        let double = Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
        return double.isFinite && !reader.isInteger ? .double(double) : .string(digits)
    }

    /// Whether both say the same: `1e5` is no integer to the reader, but is written as `100000.0`,
    /// which is one.
    func saysSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.double(let double), .integer(let integer)): double == Double(integer)
        default: self == other
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .key(let name): writer.key(String(decoding: name, as: UTF8.self))
        case .string(let text): writer.string(utf8: text[...])
        case .integer(let integer): writer.int(integer)
        case .double(let double): writer.double(double)
        case .mark(.beginObject): writer.beginObject()
        case .mark(.endObject): writer.endObject()
        case .mark(.beginArray): writer.beginArray()
        case .mark(.endArray): writer.endArray()
        case .mark(.true): writer.bool(true)
        case .mark(.false): writer.bool(false)
        case .mark(.null): writer.null()
        case .mark(.key), .mark(.string), .mark(.number), .mark(.end): break
        }
    }
}
