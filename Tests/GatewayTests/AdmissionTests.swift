import Gateway
import HTTP
import Testing

private let jsonTypes = ["application/json", "application/x-json"]
private let lineTypes = ["application/json", "application/x-ndjson"]

private let routes: [Route] =
    Routes.all + [
        Route(
            path: "/v1/topics/{topic}/messages", method: .post, operation: .deferred,
            produces: ["application/json"], body: .needed(types: []),
            parameters: ["key", "ttl", .prefixed("attr."), .repeated("topic")],
            options: FieldSet([.posthornKey, .attribute])),
        Route(
            path: "/v1/topics/{topic}/messages", method: .get, operation: .deferred,
            produces: ["application/json", "text/event-stream", "application/x-ndjson"]),
        Route(
            path: "/v1/groups/{group}/pull", method: .post, operation: .deferred,
            produces: ["application/json", "application/octet-stream"],
            body: .optional(types: jsonTypes)),
        Route(
            path: "/v1/topics/{topic}/batches", method: .post, operation: .deferred,
            produces: ["application/json"],
            body: .needed(types: lineTypes)),
    ]

/// What was admitted, with the answer's and the body's type, or how it was refused.
private func verdict(_ line: String, _ fields: [String], _ body: String = "") -> String {
    let desk = Desk(routes: routes)
    let answer = desk.ask(line, fields, body: Array(body.utf8))
    guard let request = desk.request else { return "\(answer.status) \(problem(answer))" }
    let type = request.bodyType.map { "\($0)" } ?? "none"
    return "answer \(request.answerType), body \(type)"
}

private func problem(_ answer: Desk.Answer) -> String {
    guard let json = try? members(answer.body), let code = json["code"] else { return "" }
    let places = (0...).lazy.map { json["errors.\($0).place"] }.prefix { $0 != nil }
    return ([code] + places.compactMap { $0 }).joined(separator: " ")
}

@Suite("A request that is judged by its head")
struct AdmissionTests {
    private static let read = "GET /v1/topics/a/messages"
    private static let answerRows: [(String, [String], String)] = [
        (read, [], "answer 0, body none"), (read, ["Accept: */*"], "answer 0, body none"),
        (read, ["Accept: text/event-stream"], "answer 1, body none"),
        (read, ["Accept: text/*, application/json;q=0.9"], "answer 1, body none"),
        (
            read, ["Accept: */*;q=0.1, application/json;q=0", "Accept: application/x-ndjson"],
            "answer 2, body none"
        ),
        (read, ["Accept: application/*"], "answer 0, body none"),
        (read, ["Accept: ,;;,"], "answer 0, body none"),
        (read, ["Accept: image/png"], "406 not_acceptable"),
        (read, ["Accept: */*;q=0"], "406 not_acceptable"),
    ]

    @Test("is answered in the type that its client prefers", arguments: answerRows)
    func answers(_ line: String, _ fields: [String], _ expected: String) {
        #expect(verdict(line, fields) == expected)
    }

    @Test("and takes none of the types is told all of them")
    func namesTypes() throws {
        let answer = Desk(routes: routes).ask(Self.read, "Accept: image/png")
        let detail = try #require(try members(answer.body)["detail"])
        #expect(detail.contains("application/json or text/event-stream or application/x-ndjson"))
    }

    private static let pull = "POST /v1/groups/g/pull"
    private static let batch = "POST /v1/topics/a/batches"
    private static let bodyRows: [(String, [String], String, String)] = [
        (pull, [], "", "answer 0, body none"),
        (pull, ["Content-Length: 0", "Content-Type: text/plain"], "", "answer 0, body none"),
        (pull, ["Content-Type: application/json"], "{}", "answer 0, body 0"),
        (pull, ["Content-Type: application/x-json; a=b"], "{}", "answer 0, body 1"),
        (pull, ["Content-Type: text/plain"], "{}", "415 unsupported_media_type"),
        (pull, [], "{}", "415 unsupported_media_type"),
        (pull, ["Transfer-Encoding: chunked"], "0\r\n\r\n", "415 unsupported_media_type"),
        (batch, ["Content-Type: Application/JSON;charset=utf-8"], "{}", "answer 0, body 0"),
        (batch, ["Content-Type: application/x-ndjson ; a=b"], "{}", "answer 0, body 1"),
        (
            batch, ["Content-Type: application/json;charset=utf-16"], "{}",
            "415 unsupported_media_type"
        ),
        (batch, [], "", "411 length_required"),
        ("POST /v1/topics/a/messages", ["Content-Type: a/b"], "x", "answer 0, body none"),
    ]

    @Test("has a body of a type that its route takes, and which one is noted", arguments: bodyRows)
    func bodies(_ line: String, _ fields: [String], _ body: String, _ expected: String) {
        #expect(verdict(line, fields, body) == expected)
    }

    private static let publish = "POST /v1/topics/a/messages"
    private static let parameterRows: [(String, String)] = [
        ("", "answer 0, body none"), ("?key=a&ttl=1", "answer 0, body none"),
        ("?%6bey=a&ttl=1", "answer 0, body none"),
        ("?key=a&key=a", "400 repeated_parameter key"),
        ("?key=a&%6Bey=b&ttl=1&ttl=2&key=3", "400 repeated_parameter key ttl key"),
        ("?topic=a&topic=b", "answer 0, body none"),
        ("?attr.a=1&attr.b=2&attr.=3", "answer 0, body none"),
        ("?attr.a=1&attr.%61=2", "400 repeated_parameter attr.a"),
        ("?attr=1", "400 unknown_parameter attr"), ("?Attr.a=1", "400 unknown_parameter Attr.a"),
        ("?keys=1&ke=2", "400 unknown_parameter keys ke"),
        ("?x=1&key=1&key=2", "400 unknown_parameter x"), ("?key=%zz", "400 invalid_target"),
        ("?attr.%ff=1", "400 invalid_target"), ("?attr.a=%c3", "400 invalid_target"),
        ("?attr.%C3%A9=%C3%A9", "answer 0, body none"),
    ]

    @Test(
        "has each parameter that its route knows, as often as it may stand there",
        arguments: parameterRows)
    func parameters(_ query: String, _ expected: String) {
        #expect(verdict(Self.publish + query, [], "x") == expected)
    }

    private static let optionRows: [([String], String)] = [
        (["Posthorn-Key: k"], "answer 0, body none"),
        (["Posthorn-Attr-A: 1", "Posthorn-Attr-B: 2", "ce-id: 1"], "answer 0, body none"),
        (["Posthorn-Key: k", "POSTHORN-KEY: k"], "400 repeated_header Posthorn-Key POSTHORN-KEY"),
        (["Content-Type: a/b", "Content-Type: a/b"], "400 repeated_header Content-Type"),
        (["Idempotency-Key: 1", "Idempotency-Key: 2"], "400 repeated_header Idempotency-Key"),
        (["Posthorn-Dealy: 1s", "Posthorn-Key: k"], "400 unknown_header Posthorn-Dealy"),
        (["Posthorn-Delay: 1s"], "400 unknown_header Posthorn-Delay"),
        (["traceparent: 1", "traceparent: 2", "X-Key: 1", "X-Key: 2"], "answer 0, body none"),
    ]

    @Test("has the options that its route knows, each once", arguments: optionRows)
    func options(_ fields: [String], _ expected: String) {
        #expect(verdict(Self.publish, fields, "x") == expected)
    }

    @Test("has no options where its route has none")
    func noOptions() {
        #expect(verdict("GET /healthz", ["Posthorn-Key: a"]) == "400 unknown_header Posthorn-Key")
        let many = (0..<50).map { "Posthorn-A\($0): x" }
        let named = problem(Desk().ask("GET /healthz", many, body: [])).split(separator: " ")
        #expect(named.count == 17)
    }

    @Test("names things whose escapes are undone, and a bad one is refused")
    func names() throws {
        let desk = Desk(routes: routes)
        let line = "POST /v1/topics/a%2Fb/messages?key=c+d&ttl&topic=1&attr.x=%C3%A9&topic=%32"
        #expect(desk.ask(line, "Content-Length: 0").status == 0)
        let request = try #require(desk.request)
        #expect(request.segment(2) == "a/b")
        #expect(request.segment(4) == nil)
        #expect(request.parameter("key") == "c d")
        #expect(request.parameter("ttl")?.isEmpty == true)
        #expect(request.parameter("delay") == nil)
        #expect(request.parameterBytes("key") == Array("c d".utf8))
        #expect(request.parameters("topic") == ["1", "2"])
        #expect(request.parameters("delay").isEmpty)
        #expect(request.parameters(startingWith: "attr.").map { "\($0)=\($1)" } == ["x=é"])
        for path in [
            "/v1/topics/%zz/messages", "/v1/topics/%ff/messages", "/v1/topics/%00/messages",
        ] {
            #expect(verdict("GET " + path, []) == "400 invalid_target")
        }
    }
}
