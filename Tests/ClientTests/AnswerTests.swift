import CCurl
import Testing

/// What libcurl makes of our answers.
@Suite(.serialized)
struct AnswerTests {
    @Test("HEAD has the fields of GET and no body")
    func head() throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/v1/limits"))
        let full = transfer.perform()
        transfer.set(CURLOPT_NOBODY, 1)
        let head = transfer.perform()
        #expect(head.status == 200 && head.body.isEmpty && head.connections == 0)
        #expect(head.headHas("content-length: \(full.body.count)\r\n"))
    }

    @Test("A compressed answer is inflated to the plain one", arguments: ["gzip", "deflate", ""])
    func compressed(coding: String) throws {
        let broker = try Broker()
        let transfer = Transfer(broker.url("/metrics"))
        // The empty string asks for all that this libcurl can undo.
        transfer.set(CURLOPT_ACCEPT_ENCODING, coding)
        let answer = transfer.perform()
        #expect(answer.result == CURLE_OK)
        #expect(answer.headHas("content-encoding: \(coding.isEmpty ? "" : coding)"))
        #expect(answer.text.hasPrefix("# HELP") && answer.text.hasSuffix("\n"))
        #expect(transfer.perform().connections == 0)
    }

    @Test("A problem arrives whole, with the caller's Request-Id in it")
    func problem() throws {
        let broker = try Broker()
        let answer = Transfer(broker.url("/nothing"), "Request-Id: find-me").perform()
        #expect(answer.status == 404)
        #expect(answer.headHas("content-type: application/problem+json\r\n"))
        #expect(answer.headHas("request-id: find-me\r\n"))
        #expect(answer.text.contains(#""request_id":"find-me""#))
    }

    @Test("A client that gives up on an answer harms nobody")
    func givesUp() throws {
        let broker = try Broker()
        for _ in 0..<20 {
            let transfer = Transfer(broker.url("/metrics"))
            transfer.giveUp(after: 0)
            #expect(transfer.perform().result == CURLE_WRITE_ERROR)
        }
        #expect(broker.isAlive)
        #expect(Transfer(broker.url("/healthz")).perform().status == 200)
    }
}
