import Bytes
import HTTP
import Testing

@testable import Doctor

@Suite("A report")
struct ReportTests {
    @Test("is a page for people")
    func people() throws {
        let text = report(try healthy(lead: -12, isKept: false)).text(timeout: "5s")
        #expect(
            text == """
                http://h:1 is alive and ready.
                version     1.2.3
                max body    8MiB
                round trip  1.23 ms
                keep-alive  not kept: it closed the connection
                clock       12 s behind ours

                """)
    }

    @Test("is one object for programs")
    func programs() throws {
        let text = report(try healthy(lead: 12)).json(timeout: "5s")
        #expect(
            text == #"{"url":"http://h:1","alive":true,"ready":true,"#
                + #""message":"http://h:1 is alive and ready.","version":"1.2.3","#
                + #""keep_alive":true,"round_trip_ms":1.23,"clock_lead_ms":12100}"# + "\n")
    }

    @Test("has null for what is not known")
    func unknown() {
        let text = report([], then: .timedOut).json(timeout: "1s")
        #expect(text.contains(#""version":null,"keep_alive":null,"round_trip_ms":null"#))
        #expect(text.contains(#""alive":false,"ready":false"#))
    }

    @Test(
        "says what was tried and what to do",
        arguments: [
            (
                .noConnection(address: "127.0.0.1:1", reason: "Connection refused"),
                "http://h:1: no connection to 127.0.0.1:1 (Connection refused). Is it running? "
                    + "Start it with 'posthorn serve', or give its address with --url."
            ),
            (
                .noAddress(host: "h", reason: "Name or service not known"),
                "http://h:1: the name 'h' has no address (Name or service not known). "
                    + "Is it spelled right?"
            ),
            (
                .timedOut,
                "http://h:1: GET /healthz has no answer within 5s. It may be stopped or "
                    + "overloaded; --timeout gives it longer."
            ),
            (
                .notHTTP(.badStatusLine),
                "http://h:1: the answer to GET /healthz is not HTTP/1.1. Is --url the right address?"
            ),
        ] as [(VisitError, String)])
    func failures(_ error: VisitError, _ message: String) {
        #expect(report([], then: error).message(timeout: "5s") == message)
    }

    @Test("gives the server's words, and nothing that a terminal could act on")
    func words() throws {
        let body = #"{"detail":"It \u001b[31mends.","code":"draining"}"#
        let answers = [try answer(200, "ok"), try answer(503, body)]
        #expect(
            report(answers, then: .cutShort).message(timeout: "5s")
                == "http://h:1 is alive, but not ready. /readyz answered 503 ('It ?[31mends.'). "
                + "It takes no new work: ask another, or wait for its restart.")
    }

    @Test("says of a server that is not healthy that it is not well")
    func sick() throws {
        let answers = [try answer(500, "")]
        #expect(
            report(answers, then: .cutShort).message(timeout: "5s")
                == "http://h:1 is not well. /healthz answered 500. "
                + "Its log on standard error says more.")
    }
}
