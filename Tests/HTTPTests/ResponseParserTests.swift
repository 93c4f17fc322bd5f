import HTTP
import Testing

private enum Verdict: Equatable {
    case head(ResponseHead)
    case incomplete
    case refused(HTTPError)

    init(
        _ wire: [UInt8], cuts: [Int] = [], method: HTTP.Method = .get,
        limits: HTTPLimits = HTTPLimits()
    ) {
        var parser = ResponseParser(answering: method, limits: limits)
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

private func expectSame(
    _ verdict: Verdict, _ wire: [UInt8], method: HTTP.Method = .get,
    limits: HTTPLimits = HTTPLimits(), at place: SourceLocation = #_sourceLocation
) {
    for cut in wire.indices {
        let other = Verdict(wire, cuts: [cut], method: method, limits: limits)
        #expect(other == verdict, "cut at \(cut)", sourceLocation: place)
    }
    let dribbled = Verdict(wire, cuts: Array(wire.indices), method: method, limits: limits)
    #expect(dribbled == verdict, "byte by byte", sourceLocation: place)
}

@Suite("A response head")
struct ResponseParserTests {
    @Test(
        "is accepted, and its framing follows from method, status and fields",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", .get, .untilClose, false),
            ("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", .get, .length(5), true),
            ("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", .get, .chunked, true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .head, .none, true),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .get, .none, true),
            ("HTTP/1.1 304 \u{e9}\t!\r\n\r\n", .get, .none, true),
            ("HTTP/1.1 100 Continue\r\n\r\n", .post, .none, true),
            (
                "HTTP/1.1 503 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", .get,
                .length(0), false
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", .get, .length(1), false),
            (
                "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n", .get,
                .length(1), true
            ),
        ] as [(String, HTTP.Method, BodyFraming, Bool)])
    func accepts(_ text: String, _ method: HTTP.Method, _ framing: BodyFraming, _ keepsAlive: Bool)
    {
        let wire = bytes(text)
        let verdict = Verdict(wire, method: method)
        guard case .head(let head) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(head.framing == framing && head.keepsAlive == keepsAlive)
        #expect(head.size == wire.count)
        #expect(head.status == Int(text.dropFirst(9).prefix(3)))
        expectSame(verdict, wire, method: method)
    }

    @Test(
        "that is none is refused",
        arguments: [
            ("\r\n", .badStatusLine), ("HTTP/2 200\r\n", .unsupportedVersion),
            ("http/1.1", .badStatusLine), ("HTTP/1.1  200", .badStatusLine),
            ("HTTP/1.1 20 ", .badStatusLine), ("HTTP/1.1 2000", .badStatusLine),
            ("HTTP/1.1 099", .badStatusLine), ("HTTP/1.1 600", .badStatusLine),
            ("HTTP/1.1 +20", .badStatusLine), ("HTTP/1.1 200 OK\n", .badStatusLine),
            ("HTTP/1.1 200 O\0K", .badStatusLine), ("HTTP/1.1 200 OK\rX", .badStatusLine),
            ("HTTP/1.1 200\n", .badStatusLine), ("HTTP/1.12 200", .badStatusLine),
            ("HTTP/1.1 200 OK\r\nA : b\r\n", .badField), ("HTTP/1.1 200 OK\r\n A: b", .badField),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c", .badField), ("HTTP/1.1 200 OK\r\n\n", .badField),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n", .badContentLength),
            ("HTTP/1.1 204 x\r\nContent-Length: x\r\n", .badContentLength),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                .badTransferEncoding
            ),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n", .badTransferEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", .unsupportedTransferEncoding),
            ("HTTP/1.1 200 " + String(repeating: "r", count: 1025), .badStatusLine),
        ] as [(String, HTTPError)])
    func refuses(_ text: String, _ error: HTTPError) {
        let wire = bytes(text)
        #expect(Verdict(wire) == .refused(error))
        expectSame(.refused(error), wire)
    }

    @Test("has bounded fields")
    func bounds() {
        var limits = HTTPLimits()
        limits.fieldsSizeMax = 8
        let wire = bytes("HTTP/1.1 200 OK\r\nA: 45678")
        #expect(Verdict(wire, limits: limits) == .incomplete)
        let long = bytes("HTTP/1.1 200 OK\r\nA: 4567890A")
        #expect(Verdict(long, limits: limits) == .refused(.fieldsTooLarge(limit: 8)))
        expectSame(.refused(.fieldsTooLarge(limit: 8)), long, limits: limits)
    }
}
