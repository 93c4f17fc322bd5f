import HTTP

/// What a request parser says about some bytes, in a form that a table can state.
enum RequestVerdict: Equatable {
    case head(RequestHead)
    case incomplete
    case refused(HTTPError)

    /// Hands `wire` to a parser in pieces that end at `cuts` and at the end.
    init(
        _ wire: [UInt8], cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()
    ) {
        var parser = RequestParser(limits: limits)
        self.init(wire, cuts: cuts, parser: &parser)
    }

    init(_ wire: [UInt8], cuts: [Int], parser: inout RequestParser) {
        self = .incomplete
        do throws(HTTPError) {
            for cut in cuts + [wire.count] {
                guard try parser.advance(over: wire.span.extracting(0..<cut)) else { continue }
                self = .head(parser.head)
                return
            }
        } catch {
            self = .refused(error)
        }
    }
}

extension RequestHead {
    /// The head in one line: method, target, version, framing, then what is unusual about it.
    func summary(of wire: [UInt8]) -> String {
        func text(_ range: Range<Int>) -> String { String(decoding: wire[range], as: UTF8.self) }
        var words = [
            text(methodRange), text(target), version == .http10 ? "1.0" : "1.1", "\(framing)",
        ]
        if !keepsAlive { words.append("close") }
        if expectsContinue { words.append("waits") }
        words.append("for=" + text(authority))
        for field in fields where field.name == .other {
            words.append(text(field.fieldName) + "=" + text(field.value))
        }
        return words.joined(separator: " ")
    }
}
