import Bytes

/// A JSON document as a value, for tests that look into one.
indirect enum JSONTree: Equatable {
    case null, bool(Bool)
    case number(Int64?)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])

    init(reading bytes: [UInt8]) throws {
        var reader = JSONReader(in: 0..<bytes.count)
        let token = try reader.next(bytes.span)
        self = try Self.value(token, &reader, bytes)
    }

    private static func value(
        _ token: JSONToken, _ reader: inout JSONReader, _ bytes: [UInt8]
    ) throws -> JSONTree {
        switch token {
        case .true, .false: return .bool(token == .true)
        case .number: return .number(reader.integer(bytes.span))
        case .string: return .text(text(reader, bytes))
        case .beginArray:
            var list: [JSONTree] = []
            while true {
                let next = try reader.next(bytes.span)
                if next == .endArray { return .list(list) }
                list.append(try value(next, &reader, bytes))
            }
        case .beginObject:
            var members: [String: JSONTree] = [:]
            while try reader.next(bytes.span) == .key {
                let name = text(reader, bytes)
                members[name] = try value(try reader.next(bytes.span), &reader, bytes)
            }
            return .object(members)
        default: return .null
        }
    }

    private static func text(_ reader: JSONReader, _ bytes: [UInt8]) -> String {
        var plain: [UInt8] = []
        reader.appendText(of: bytes, to: &plain)
        return String(decoding: plain, as: UTF8.self)
    }

    subscript(_ name: String) -> JSONTree {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    var members: [String: JSONTree] { if case .object(let members) = self { members } else { [:] } }
    var list: [JSONTree] { if case .list(let list) = self { list } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
}
