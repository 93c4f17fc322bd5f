import Gateway
import HTTP
import Kernel
import Testing

/// A socket that takes `takes` bytes at once.
private final class NarrowSocket: ClientSocket {
    var takes: Int
    var wrote: [UInt8] = []

    init(takes: Int) { self.takes = takes }

    func receive(into buffer: inout [UInt8]) -> ReadResult { .wouldBlock }
    func finishSending() {}

    func send(_ bytes: [UInt8], from start: Int) -> WriteResult {
        let count = min(takes, bytes.count - start)
        if count == 0 { return .wouldBlock }
        wrote += bytes[start..<start + count]
        return .bytes(count)
    }
}

@Suite("A large body")
struct SharedBodyTests {
    private static let routes =
        Routes.all + [
            Route(path: "/large", method: .get, operation: .deferred, produces: ["a/b"])
        ]

    @Test(
        "reaches its client whole, however little the socket takes, and so does what follows it",
        arguments: [1_000, 16_000, 50_000, 1 << 20], [16_383, 16_384, 100_000])
    func isWhole(takes: Int, size: Int) {
        let desk = Desk(routes: Self.routes)
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let ask = Array("GET /large HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        let next = Array("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        var response = Response(.ok)
        response.setBody(body)
        let socket = NarrowSocket(takes: takes)
        #expect(desk.ask(ask + next).isEmpty)
        desk.settle(answering: response, on: socket)
        let answers = desk.answers(in: socket.wrote, [])
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers.first?.body == body)
        #expect(answers.last?.text == "ok\n")
    }
}
