import Bytes
import HTTP

/// An answer as a client reads it off its wire.
struct BrokerAnswer {
    enum Reading {
        case more
        case whole(BrokerAnswer, size: Int)
        case broken
    }

    let status: Int
    let requestID: String
    let body: String

    /// Reads the answer that begins at `start` of what a client got.
    static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
        let bytes = Array(bytes)
        var parser = ResponseParser(answering: .get, limits: HTTPLimits())
        do throws(HTTPError) {
            guard try parser.advance(over: bytes.span) else { return .more }
        } catch {
            return .broken
        }
        var length = 0
        switch parser.head.framing {
        case .length(let stated): length = stated
        case .none: break
        case .chunked, .untilClose: return .broken
        }
        let end = parser.head.size + length
        guard bytes.count >= end else { return .more }
        var id = ""
        for field in parser.head.fields
        where String(decoding: bytes[field.fieldName], as: UTF8.self) == "Request-Id" {
            id = String(decoding: bytes[field.value], as: UTF8.self)
        }
        let answer = BrokerAnswer(
            status: Int(parser.head.status), requestID: id,
            body: String(decoding: bytes[parser.head.size..<end], as: UTF8.self))
        return .whole(answer, size: end)
    }

    /// The ids of messages, in order.
    var ids: [String] { values(of: "id") }

    /// The bodies of messages, in order; those of a world need no escapes.
    var values: [String] { values(of: "value") }

    var next: String? { values(of: "next").first }

    /// What a problem says about what was done.
    var outcome: String? { values(of: "outcome").first }

    private func values(of name: String) -> [String] {
        let mark = Array("\"\(name)\":\"".utf8)
        let text = Array(body.utf8)
        var found: [String] = []
        var place = 0
        while place + mark.count <= text.count {
            guard text[place] == mark[0], text[place..<place + mark.count].elementsEqual(mark)
            else {
                place += 1
                continue
            }
            let start = place + mark.count
            let end = text[start...].firstIndex(of: UInt8(ascii: "\"")) ?? text.count
            found.append(String(decoding: text[start..<end], as: UTF8.self))
            place = end
        }
        return found
    }
}
