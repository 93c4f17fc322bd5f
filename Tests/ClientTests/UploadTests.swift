import CCurl
import Testing

/// Bodies that libcurl sends, offers, compresses, or breaks off.
@Suite(.serialized)
struct UploadTests {
    /// Ten thousand times `a`, as `gzip -9n` makes it.
    private static let gzip: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x01, 0x0d, 0x00,
        0x00, 0x00, 0xc2, 0xa0, 0xac, 0xef, 0x5f, 0xc2, 0x1c, 0x6e, 0x40, 0x01, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xbf, 0x01, 0x97, 0xd4, 0x7e, 0x46, 0x10, 0x27, 0x00,
        0x00,
    ]

    @Test("The body is sent after 100 Continue, without waiting for curl's patience to end")
    func expectContinue() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"), "Expect: 100-continue")
        transfer.set(CURLOPT_EXPECT_100_TIMEOUT_MS, 60_000)
        for count in [1, 0] {
            transfer.send(.bytes([UInt8](repeating: 98, count: 300_000)), size: 300_000)
            let answer = transfer.perform()
            #expect(answer.result == CURLE_OK && answer.status == 200)
            #expect(answer.headHas("http/1.1 100 "))
            #expect(answer.uploaded == 300_000 && answer.connections == count)
        }
    }

    @Test("A body that is refused beforehand is never sent")
    func refusedBeforehand() throws {
        let broker = try Broker("--max-body", "1KiB")
        let transfer = Transfer(broker.url("/healthz"), "Expect: 100-continue")
        transfer.set(CURLOPT_EXPECT_100_TIMEOUT_MS, 60_000)
        transfer.send(.bytes([UInt8](repeating: 98, count: 300_000)), size: 300_000)
        let answer = transfer.perform()
        #expect(answer.status == 413 && answer.uploaded == 0)
    }

    @Test("A body that is sent without asking still gets its 413")
    func refusedMeanwhile() throws {
        let broker = try Broker("--max-body", "1KiB")
        let transfer = Transfer(broker.url("/healthz"), "Expect:")
        transfer.send(.bytes([UInt8](repeating: 98, count: 4_000_000)), size: 4_000_000)
        #expect(transfer.perform().status == 413)
    }

    @Test("A body in chunks")
    func chunks() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"), "Expect:", "Transfer-Encoding: chunked")
        transfer.send(.bytes([UInt8](repeating: 98, count: 100_000)), size: nil)
        for count in [1, 0, 0] {
            let answer = transfer.perform()
            #expect(answer.status == 200 && answer.connections == count)
        }
    }

    @Test("A compressed body is taken, a corrupt one refused, and one that inflates too far, too")
    func compressed() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"), "Expect:", "Content-Encoding: gzip")
        transfer.send(.bytes(Self.gzip), size: Self.gzip.count)
        #expect(transfer.perform().status == 200)
        var corrupt = Self.gzip
        corrupt[corrupt.count - 6] ^= 1
        transfer.send(.bytes(corrupt), size: corrupt.count)
        #expect(transfer.perform().status == 400)

        let small = try Broker("--max-body", "1KiB")
        transfer.go(to: small.url("/healthz"))
        transfer.send(.bytes(Self.gzip), size: Self.gzip.count)
        #expect(transfer.perform().status == 413)
    }

    @Test("A client that breaks off its upload harms nobody", arguments: [1000, nil])
    func aborted(size: Int?) throws {
        let broker = try Broker()
        for _ in 0..<20 {
            let transfer = Transfer(broker.url("/healthz"), "Expect:")
            transfer.send(.abort(after: [UInt8](repeating: 98, count: 500)), size: size)
            #expect(transfer.perform().result == CURLE_ABORTED_BY_CALLBACK)
        }
        #expect(broker.isAlive)
        #expect(Transfer(broker.url("/healthz")).perform().status == 200)
    }

    @Test("A client that runs out of its own time harms nobody")
    func clientTimeout() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/healthz"), "Expect:")
        transfer.set(CURLOPT_TIMEOUT_MS, 300)
        transfer.send(.stall(after: [98, 98]), size: 1000)
        #expect(transfer.perform().result == CURLE_OPERATION_TIMEDOUT)
        #expect(Transfer(broker.url("/healthz")).perform().status == 200)
    }

    @Test("An upload that trickles is told 408 and closed")
    func serverTimeout() throws {
        let broker = try Broker("--body-timeout", "500ms")
        let transfer = Transfer(broker.url("/healthz"), "Expect:")
        transfer.send(.trickle, size: 1000)
        let answer = transfer.perform()
        #expect(answer.status == 408)
        #expect(answer.headHas("connection: close"))
        #expect(Transfer(broker.url("/healthz")).perform().status == 200)
    }
}
