import Bytes
import HTTP
import Kernel
import Testing
import Wire

@testable import Gateway

/// Every error once; the compiler asks for the new ones below.
private let errors: [(error: GatewayError, status: Int, closes: Bool)] = [
    (.noSuchResource, 404, false), (.invalidTarget, 400, false),
    (.methodNotAllowed(allow: "GET, OPTIONS"), 405, false),
    (.unknownParameters(["a", "b\"\n"]), 400, false),
    (.repeatedParameters(["a"]), 400, false), (.unknownFields(["Posthorn-A"]), 400, false),
    (.repeatedFields(["Posthorn-Key"]), 400, false),
    (.notAcceptable(produces: ["text/plain", "a/b"]), 406, false),
    (.unsupportedMediaType(accepts: ["a/b", "c/d"]), 415, false),
    (.unsupportedContentCoding, 415, false), (.lengthRequired, 411, false),
    (.slowRequest, 408, true), (.tooManyConnections(limit: 5), 503, true),
    (.draining, 503, false), (.http(.badRequestLine), 400, true), (.http(.badTarget), 400, true),
    (.http(.targetTooLong(limit: 9)), 414, true), (.http(.unsupportedVersion), 505, true),
    (.http(.badField), 400, true), (.http(.fieldsTooLarge(limit: 9)), 431, true),
    (.http(.tooManyFields(limit: 9)), 431, true), (.http(.badHost), 400, true),
    (.http(.badContentLength), 400, true), (.http(.badTransferEncoding), 400, true),
    (.http(.unsupportedTransferEncoding), 501, true),
    (.unsupportedExpectation, 417, false), (.http(.badChunk), 400, true),
    (.http(.bodyTooLarge(limit: 9)), 413, true), (.http(.badContentCoding), 400, false),
    (.http(.badStatusLine), 400, true),
    (.body(.notJSON(JSONError(.badNumber, at: 3))), 400, false),
    (.body(.unknownMembers(["/a", "/b"])), 400, false),
    (.body(.invalid([RequestFault("/a", "is wrong")])), 422, false),
    (.topic(.invalidName), 400, false), (.topic(.noSuchTopic("a")), 404, false),
    (.topic(.deletionNotConfirmed), 400, false), (.topic(.deletionConfirmedOther), 409, false),
    (.topic(.invalidLimit(max: 9)), 400, false), (.topic(.tooManyWaiting(limit: 9)), 503, false),
    (.topic(.unanswered(mayHaveChanged: true)), 504, false),
    (.topic(.refused(.noSuchTopic)), 404, false),
    (.topic(.refused(.tooManyTopics(limit: 9))), 422, false),
    (.topic(.refused(.fewerPartitions(current: 9))), 409, false),
    (.topic(.refused(.noSpace)), 507, false), (.topic(.refused(.unavailable)), 503, false),
    (.topic(.refused(.failed)), 503, false),
    (.publish(.contradiction("a", "b")), 400, false),
    (.publish(.unreadable(RequestFault("a", "is wrong"))), 400, false),
    (.publish(.refusedOption(RequestFault("a", "is wrong"))), 422, false),
    (.publish(.notOffered("a")), 422, false), (.publish(.notForBatches("a")), 400, false),
    (.publish(.messageTooLarge(limit: 9)), 413, false),
    (.publish(.noSuchPartition(count: 9)), 404, false),
    (.publish(.missingPartitions([])), 404, false), (.publish(.otherMessage), 422, false),
    (.publish(.tooManyMessages(limit: 9)), 413, false),
    (.publish(.badMessages([RequestFault("/messages/0", "is wrong")])), 422, false),
    (.publish(.overloaded), 503, false), (.publish(.topicChanged), 503, false),
    (.publish(.unconfirmed(.unknown)), 504, false),
    (.publish(.storage(.noSuchTopic)), 404, false), (.publish(.storage(.overloaded)), 503, false),
    (.publish(.storage(.noSpace)), 507, false),
    (.publish(.storage(.backlogFull(limit: 9))), 429, false),
    (.publish(.storage(.readOnly)), 503, false), (.publish(.storage(.failed)), 503, false),
    (.publish(.storage(.badBatch)), 500, false), (.publish(.storage(.damaged)), 500, false),
]

@Suite("A problem")
struct ProblemTests {
    @Test("is whole JSON with its status, its words and what to do about it", arguments: errors)
    func isWhole(_ error: GatewayError, _ status: Int, _ closes: Bool) throws {
        let problem = Problem(error)
        let response = problem.response(path: "/a\"\u{7f}\\b", requestID: Array("id-1".utf8))
        #expect(response.status.code == status)
        #expect(response.closes == closes)
        let json = try members(response.body)
        #expect(json["status"] == "\(status)")
        #expect(json["type"] == "urn:posthorn:problem:\(problem.code)")
        #expect(json["code"] == problem.code)
        #expect(json["request_id"] == "id-1")
        #expect(json["instance"] != nil)
        #expect(["none", "done", "unknown"].contains(json["outcome"]))
        #expect(["true", "false"].contains(json["retryable"]))
        #expect(json["title"]?.isEmpty == false)
        #expect(json["detail"]?.isEmpty == false)
        #expect(problem.code.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == 0x5F })
        #expect(response.body.last == 0x0A)
        let fields = String(decoding: response.fields, as: UTF8.self)
        #expect(fields.contains("Content-Type: application/problem+json\r\n"))
        #expect(fields.contains("Retry-After: ") == [429, 503, 507].contains(status))
        if case .methodNotAllowed = error { #expect(fields.contains("Allow: GET, OPTIONS\r\n")) }
    }

    @Test("lets out nothing of the program", arguments: errors)
    func isDiscreet(_ error: GatewayError, _ status: Int, _ closes: Bool) {
        let response = Problem(error).response(path: "/a", requestID: Array("id".utf8))
        let text = String(decoding: response.fields + response.body, as: UTF8.self)
        for word in [".swift", "Sources/", "/home", "Gateway", "HTTPError", "Optional"] {
            #expect(!text.contains(word), "it says \(word)")
        }
    }

    @Test("names the parameters that are unknown, and not thousands of them")
    func namesParameters() throws {
        let desk = Desk()
        let few = try members(desk.ask("GET /healthz?one=1&t%20o").body)
        #expect(few["code"] == "unknown_parameter")
        #expect(few["errors.0.place"] == "one")
        #expect(few["errors.1.place"] == "t o")
        #expect(few["errors.2.place"] == nil)
        let many = desk.ask("GET /healthz?" + String(repeating: "a&", count: 3_000))
        #expect(many.status == 400)
        #expect(try members(many.body)["errors.15.place"] == "a")
        #expect(try members(many.body)["errors.16.place"] == nil)
    }

    @Test("has the path that was asked for, where there was one")
    func instance() throws {
        let desk = Desk()
        #expect(try members(desk.ask("GET /a%20b?x").body)["instance"] == "/a%20b")
        #expect(try members(desk.ask("GET http://h?x").body)["instance"] == "/")
        #expect(try members(desk.ask("CONNECT h:1").body)["instance"] == nil)
        desk.reconnect()
        let garbage = desk.ask(Array("\u{1}".utf8))
        #expect(garbage.map(\.status) == [400])
        #expect(try members(garbage[0].body)["instance"] == nil)
    }

    @Test("tells a client that is one too many, or too slow, why it ends")
    func ends() throws {
        let desk = Desk()
        let surplus = desk.turnAway(limit: 5)
        #expect(surplus.map(\.status) == [503])
        #expect(surplus[0].closes)
        #expect(surplus[0].value("Retry-After") == "1")
        #expect(try members(surplus[0].body)["code"] == "too_many_connections")

        desk.reconnect()
        #expect(desk.ask(Array("GET / HT".utf8)).isEmpty)
        let (reason, answers) = desk.wait(10_000)
        #expect(reason == nil)
        #expect(answers.map(\.status) == [408])
        #expect(try members(answers[0].body)["retryable"] == "true")
    }
}

@Suite("The numbers")
struct MetricsPageTests {
    @Test("are families with help and type, each once, and counters end in _total")
    func families() {
        let desk = Desk()
        let lines = desk.ask("GET /metrics").text.split(separator: "\n")
        let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }
        let names = types.map { String($0[2]) }
        #expect(Set(names).count == names.count)
        let helps = lines.filter { $0.hasPrefix("# HELP ") }
        #expect(helps.map { String($0.split(separator: " ")[2]) } == names)
        for type in types {
            #expect(type[2].hasPrefix("posthorn_") || type[2].hasPrefix("process_"))
            #expect((type[3] == "counter") == type[2].hasSuffix("_total"), "\(type[2])")
        }
        for name in [
            "posthorn_build_info", "posthorn_http_connections",
            "posthorn_http_requests_total", "posthorn_http_request_duration_seconds",
            "posthorn_http_received_bytes_total", "posthorn_http_sent_bytes_total",
            "posthorn_group_entries_total", "posthorn_group_entry_bytes_total",
            "posthorn_group_messages_total", "posthorn_group_settles_total",
            "posthorn_log_rounds_total",
            "posthorn_log_rounds_by_thread_total",
            "posthorn_loop_lag_seconds", "posthorn_parked", "posthorn_publishing",
            "posthorn_published_messages_total", "posthorn_published_bytes_total",
            "posthorn_http_connections_refused_total", "posthorn_http_connections_closed_total",
        ] { #expect(names.contains(name)) }
    }

    @Test("have a sample for each way that a connection ends")
    func reasons() {
        let text = Desk().ask("GET /metrics").text
        for reason in CloseReason.allCases {
            let label = "posthorn_http_connections_closed_total{reason=\"\(reason.label)\"} 0\n"
            #expect(text.contains(label))
        }
    }
}

@Suite("The ledger of connections")
struct ConnectionLedgerTests {
    private func address(_ host: String) throws -> IPAddress {
        try #require(SocketAddress(host: host, port: 1)).address
    }

    @Test("counts all, and each address by itself")
    func counts() throws {
        let ledger = ConnectionLedger()
        let one = try address("127.0.0.1")
        let two = try address("::1")
        func admit(_ address: IPAddress) -> ConnectionLedger.Verdict {
            ledger.admit(address, totalMax: 4, perAddressMax: 2)
        }
        #expect([one, one, one].map(admit) == [.admitted, .admitted, .addressFull])
        #expect([two, two].map(admit) == [.admitted, .admitted])
        #expect(admit(try address("10.0.0.1")) == .processFull)
        ledger.release(one)
        #expect(admit(two) == .addressFull)
        #expect(admit(one) == .admitted)
        for address in [one, one, two, two] { ledger.release(address) }
        #expect([one, one, two, two].map(admit).allSatisfy { $0 == .admitted })
    }

    @Test("has no limit for an address where that is none")
    func unlimited() throws {
        let ledger = ConnectionLedger()
        let one = try address("127.0.0.1")
        for _ in 0..<100 {
            #expect(ledger.admit(one, totalMax: 100, perAddressMax: 0) == .admitted)
        }
        #expect(ledger.admit(one, totalMax: 100, perAddressMax: 0) == .processFull)
    }
}
