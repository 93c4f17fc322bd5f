// Reads the JSON object of a small body, a member at a time, and collects all that is wrong with it:
// who sends three mistakes hears of three. Bodies of messages have a reader of their own, which
// makes no strings.

import Bytes

/// The members of one JSON object, and what was wrong with them.
struct BodyObject {
    /// The values of one body: more are refused.
    static let valuesMax = 8_192

    struct Member: Equatable {
        let name: String
        let value: Value
    }

    /// A member's value.
    enum Value: Equatable {
        case null, bool(Bool)
        case integer(Int64)
        /// A number that is no integer, or too large for one.
        case number
        case text(String)
        case list([Value])
        case object([Member])
    }

    private let bytes: ArraySlice<UInt8>
    private var reader: JSONReader
    private var known: Set<String> = []
    private var unknown: [String] = []
    private var valueCount = 0
    private(set) var faults: [RequestFault] = []

    init(_ body: ArraySlice<UInt8>) {
        bytes = body
        reader = JSONReader(in: 0..<body.count)
    }

    /// Reads all members; `take` gets those that are known, and says whether one is.
    mutating func read(
        _ take: (String, Value, inout BodyObject) -> Bool
    ) throws(BodyError) {
        do throws(JSONError) {
            try readMembers(take)
        } catch {
            throw .notJSON(error)
        }
        if valueCount > Self.valuesMax {
            throw .invalid([RequestFault("", "has more than \(Self.valuesMax) values")])
        }
        guard unknown.isEmpty else { throw .unknownMembers(unknown) }
        guard faults.isEmpty else { throw .invalid(faults) }
    }

    private mutating func readMembers(
        _ take: (String, Value, inout BodyObject) -> Bool
    ) throws(JSONError) {
        let body = bytes
        guard try reader.next(body.span) == .beginObject else { return try skipForeign() }
        while try reader.next(body.span) == .key {
            let name = text
            let value = try value()
            if !known.insert(name).inserted {
                refuse(name, "is there twice")
            } else if !take(name, value, &self) {
                noteUnknown(name)
            }
        }
        _ = try reader.next(body.span)
    }

    /// Notes a member that nobody here knows.
    mutating func noteUnknown(_ name: String) {
        if unknown.count < Admission.wrongNamesMax { unknown.append("/\(name)") }
    }

    /// Notes that a member cannot be taken.
    mutating func refuse(_ name: String, _ detail: String) {
        if faults.count < RequestFault.listedMax { faults.append(RequestFault("/\(name)", detail)) }
    }

    /// What is no object still has to be JSON before it is called a wrong one.
    private mutating func skipForeign() throws(JSONError) {
        let body = bytes
        while reader.depth > 0 { _ = try reader.next(body.span) }
        _ = try reader.next(body.span)
        faults.append(RequestFault("", "has to be an object"))
    }

    private mutating func value() throws(JSONError) -> Value {
        let body = bytes
        return try value(of: try reader.next(body.span))
    }

    private mutating func value(of token: JSONToken) throws(JSONError) -> Value {
        let body = bytes
        valueCount += 1
        switch token {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .number: return reader.integer(body.span).map { .integer($0) } ?? .number
        case .string: return .text(text)
        case .beginArray: return try list()
        case .beginObject: return try object()
        case .endObject, .endArray, .key, .end: preconditionFailure("a value begins here")
        }
    }

    /// What is too much is read on for its syntax, and not kept.
    private var hasRoom: Bool { valueCount <= Self.valuesMax }

    private mutating func list() throws(JSONError) -> Value {
        let body = bytes
        var values: [Value] = []
        while true {
            let token = try reader.next(body.span)
            if token == .endArray { return .list(values) }
            let value = try value(of: token)
            if hasRoom { values.append(value) }
        }
    }

    private mutating func object() throws(JSONError) -> Value {
        let body = bytes
        var members: [Member] = []
        while try reader.next(body.span) == .key {
            let name = hasRoom ? text : ""
            let value = try value()
            if hasRoom { members.append(Member(name: name, value: value)) }
        }
        return .object(members)
    }

    private var text: String {
        let place = bytes.startIndex
        let raw = bytes[place + reader.text.lowerBound..<place + reader.text.upperBound]
        guard reader.hasEscapes else { return String(decoding: raw, as: UTF8.self) }
        var plain: [UInt8] = []
        plain.append(unescapingJSON: raw)
        return String(decoding: plain, as: UTF8.self)
    }
}
