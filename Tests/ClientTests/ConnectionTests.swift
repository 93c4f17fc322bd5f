import CCurl
import Glibc
import Testing

/// How long libcurl keeps a connection, and why it makes a new one.
@Suite(.serialized)
struct ConnectionTests {
    @Test("Requests of one handle share a connection")
    func reuse() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"))
        let connections = (0..<10).map { _ in transfer.perform().connections }
        #expect(connections == [1] + Array(repeating: 0, count: 9))
    }

    @Test("A connection outlives refusals of every kind")
    func reuseAfterRefusals() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"))
        #expect(transfer.perform().connections == 1)
        for (path, fields, status) in [
            ("/nothing", [], 404), ("/healthz?x=1", [], 400),
            ("/v1/limits", ["Accept: image/png"], 406), ("/healthz", [], 200),
        ] as [(String, [String], Int)] {
            transfer.go(to: broker.url(path))
            transfer.use(fields)
            let answer = transfer.perform()
            #expect(answer.status == status)
            #expect(answer.connections == 0, "after \(path)")
        }
        transfer.use(["Expect:"])
        transfer.send(.bytes([1, 2, 3]), size: 3, method: "POST")
        let refused = transfer.perform()
        #expect(refused.status == 405 && refused.connections == 0)
    }

    @Test("Connection: close is obeyed, and the next request makes a new connection")
    func close() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"), "Connection: close")
        #expect(transfer.perform().headHas("connection: close"))
        #expect(transfer.perform().connections == 1)
    }

    @Test("HTTP/1.0 gets an answer and a closed connection")
    func http10() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/metrics"))
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_0))
        for _ in 0..<2 {
            let answer = transfer.perform()
            #expect(answer.result == CURLE_OK && answer.status == 200)
            #expect(answer.connections == 1)
            #expect(!answer.headHas("transfer-encoding"))
        }
    }

    @Test("An idle connection that the server closed is noticed before it is used again")
    func idle() throws {
        let broker = try Broker("--idle-timeout", "300ms")
        let transfer = Transfer(broker.url("/healthz"))
        #expect(transfer.perform().connections == 1)
        usleep(1_500_000)
        let answer = transfer.perform()
        #expect(answer.result == CURLE_OK && answer.connections == 1)
    }

    // libcurl dropped HTTP/1.1 pipelining in 7.62. The raw sockets of the black-box suite cover it;
    // here many transfers take turns on one connection.
    @Test("Fifty transfers take turns on one connection")
    func turns() throws {
        let broker = try Broker()
        let paths = ["/healthz", "/metrics", "/v1/limits", "/nothing", "/"]
        let transfers = (0..<50).map { Transfer(broker.url(paths[$0 % paths.count])) }
        let answers = TransferGroup(connectionsMax: 1).perform(transfers)
        #expect(answers.map(\.status) == (0..<50).map { $0 % 5 == 3 ? 404 : 200 })
        #expect(answers.map(\.connections).reduce(0, +) == 1)
    }

    @Test("Two hundred transfers at once on twenty connections")
    func parallel() throws {
        let broker = try Broker()
        let transfers = (0..<200).map { _ in Transfer(broker.url("/metrics")) }
        let answers = TransferGroup(connectionsMax: 20).perform(transfers)
        #expect(answers.allSatisfy { $0.result == CURLE_OK && $0.status == 200 })
        #expect(answers.map(\.connections).reduce(0, +) <= 20)
    }

    @Test("After a drain nobody listens, and the exit code is 0")
    func drain() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"))
        #expect(transfer.perform().status == 200)
        #expect(broker.stop() == 0)
        #expect(transfer.perform().result == CURLE_COULDNT_CONNECT)
        #expect(!broker.log.contains("Fatal error"))
    }
}
