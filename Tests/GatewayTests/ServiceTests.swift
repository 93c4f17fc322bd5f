import Deflate
import Gateway
import HTTP
import Testing

private let routes: [Route] =
    Routes.all + [
        Route(
            path: "/v1/topics/{topic}/messages", method: .post, operation: .getHealth,
            produces: ["application/json"], body: .needed(types: []), parameters: ["key", "ttl"]),
        Route(
            path: "/v1/topics/{topic}/messages", method: .get, operation: .getLimits,
            produces: ["application/json"], parameters: ["after"]),
        Route(
            path: "/v1/topics/{topic}/batches", method: .post, operation: .getHealth,
            produces: ["application/json"],
            body: .needed(types: ["application/json", "application/x-ndjson"])),
    ]

private func settings(_ change: (inout GatewaySettings) -> Void) -> GatewaySettings {
    var settings = GatewaySettings()
    change(&settings)
    return settings
}

@Suite("A service")
struct ServiceTests {
    static let plainRows: [(String, Int)] = [
        ("GET /", 200), ("GET /healthz", 200), ("GET /readyz", 200), ("GET /metrics", 200),
        ("GET /v1/limits", 200), ("GET http://h/healthz", 200), ("GET http://h", 200),
        ("GET HTTP://other:1/healthz", 200), ("GET /%68ealthz", 200), ("GET /healthz?", 200),
        ("GET /healthz?&&", 200), ("GET /v1/topics/a/messages?after=x", 200),
        ("GET /v1/topics/a%2Fb/messages", 200), ("GET /v1/topics/%7Ea/messages", 200),
        ("GET /v1/topics/a/b/messages", 404), ("GET /v1%2Flimits", 404), ("GET /healthz/", 404),
        ("GET //healthz", 404), ("GET /Healthz", 404), ("GET /v1/topics", 404),
        ("GET /v1/topics/a/messages/", 404), ("GET /nothing", 404), ("GET /../healthz", 404),
        ("GET /%", 400), ("GET /%zz", 400), ("GET /a%00", 400), ("GET /%ff", 400),
        ("GET /healthz?a=%zz", 400), ("GET /healthz?%zz", 400), ("GET /healthz?x", 400),
        ("GET /v1/topics/a/messages?key=x", 400), ("DELETE /healthz", 405), ("PUT /", 405),
        ("QUERY /metrics", 405), ("TRACE /healthz", 405), ("PATCH /v1/topics/a/batches", 405),
        ("POST /nothing", 404), ("OPTIONS /nothing", 404), ("OPTIONS *", 204),
        ("OPTIONS /healthz", 204), ("OPTIONS /v1/topics/a/messages", 204),
        ("CONNECT h:80", 405),
    ]

    @Test("answers by method and target, and its connection goes on", arguments: plainRows)
    func plain(_ line: String, _ status: Int) {
        let answer = Desk(routes: routes).ask(line)
        #expect(answer.status == status)
        #expect(!answer.closes)
        #expect(answer.value("Date") == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(answer.value("Request-Id")?.count == 16)
        // A body has one framing, and 204 has none.
        let length = answer.value("Content-Length")
        let coding = answer.value("Transfer-Encoding")
        #expect((length == nil ? 0 : 1) + (coding == nil ? 0 : 1) == (status == 204 ? 0 : 1))
        if let length { #expect(length == "\(answer.body.count)") }
    }

    static let allowRows: [(String, String)] = [
        ("OPTIONS *", "GET, HEAD, OPTIONS"), ("OPTIONS /metrics", "GET, HEAD, OPTIONS"),
        ("OPTIONS /v1/topics/a/messages", "POST, GET, HEAD, OPTIONS"),
        ("OPTIONS /v1/topics/a/batches", "POST, OPTIONS"),
        ("PUT /v1/topics/a/batches", "POST, OPTIONS"),
        ("INVENTED /healthz", "GET, HEAD, OPTIONS"), ("HEAD /v1/topics/a/batches", "POST, OPTIONS"),
    ]

    @Test("says what a path serves", arguments: allowRows)
    func allow(_ line: String, _ allow: String) {
        #expect(Desk(routes: routes).ask(line).value("Allow") == allow)
    }

    @Test(
        "answers HEAD as GET, without the body",
        arguments: ["/", "/healthz", "/v1/limits", "/nothing"])
    func head(_ path: String) {
        let desk = Desk()
        let get = desk.ask("GET \(path)", "Request-Id: one")
        let head = desk.ask("HEAD \(path)", "Request-Id: one")
        #expect(head.body.isEmpty)
        #expect(head.status == get.status)
        #expect(head.fields.map { "\($0)" } == get.fields.map { "\($0)" })
    }

    static let bodyRows: [(String, [String], String, Int)] = [
        ("POST /v1/topics/a/messages", [], "x", 200),
        ("POST /v1/topics/a/messages?key=a%20b&ttl=1", ["Content-Type: image/png"], "x", 200),
        ("POST /v1/topics/a/messages", ["Content-Length: 0"], "", 200),
        ("POST /v1/topics/a/messages", [], "", 411),
        ("POST /v1/topics/a/messages", ["Transfer-Encoding: chunked"], "1\r\na\r\n0\r\n\r\n", 200),
        ("POST /v1/topics/a/batches", ["Content-Type: application/json"], "{}", 200),
        (
            "POST /v1/topics/a/batches", ["Content-Type: APPLICATION/Json; charset=\"UTF-8\""],
            "{}", 200
        ),
        ("POST /v1/topics/a/batches", ["Content-Type: application/x-ndjson"], "{}", 200),
        (
            "POST /v1/topics/a/batches", ["Content-Type: application/json; charset=utf-16"], "{}",
            415
        ),
        ("POST /v1/topics/a/batches", ["Content-Type: text/plain"], "{}", 415),
        ("POST /v1/topics/a/batches", ["Content-Type: json"], "{}", 415),
        ("POST /v1/topics/a/batches", [], "{}", 415),
        ("POST /v1/topics/a/messages", ["Content-Encoding: br"], "x", 415),
        ("POST /v1/topics/a/messages", ["Content-Encoding: gzip, gzip"], "x", 415),
        ("POST /v1/topics/a/messages", ["Content-Encoding: identity"], "x", 200),
        ("POST /v1/topics/a/messages", ["Content-Encoding: gzip"], "x", 400),
        ("GET /healthz", ["Accept: text/*"], "", 200),
        ("GET /healthz", ["Accept: application/json"], "", 406),
        ("GET /healthz", ["Accept: text/plain;q=0, */*"], "", 406),
        ("GET /healthz", ["Accept: ,;;,"], "", 200),
        ("GET /v1/limits", ["Accept: application/json;q=0.1"], "", 200),
        ("DELETE /healthz", [], "a body that is read past", 405),
        ("GET /healthz", [], "a body that means nothing", 200),
    ]

    @Test("judges a body by its head", arguments: bodyRows)
    func bodies(_ line: String, _ fields: [String], _ body: String, _ status: Int) {
        let desk = Desk(routes: routes)
        let answer = desk.ask(line, fields, body: Array(body.utf8))
        #expect(answer.status == status)
        #expect(!answer.closes)
        let next = desk.ask(Array("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        #expect(next.map(\.status) == [200])
    }

    @Test("refuses a body that is too large as soon as that is known, and closes")
    func tooLarge() {
        let desk = Desk(settings { $0.limits.bodySizeMax = 1_000 }, routes: routes)
        let line = "POST /v1/topics/a/messages"
        // Declared: nothing of it has come.
        let declared = desk.ask(line, "Content-Length: 1001")
        #expect(declared.status == 413)
        #expect(declared.closes)
        #expect(
            desk.ask(line, ["Content-Length: 1000"], body: [UInt8](repeating: 0, count: 1_000))
                .status == 200)
        #expect(desk.ask(line, "Transfer-Encoding: chunked", body: "3e9\r\n").status == 413)
        var deflater = Deflater(format: .gzip, level: 6)
        for (size, status) in [(1_000, 200), (1_001, 413), (1 << 20, 413)] {
            var bomb: [UInt8] = []
            deflater.append([UInt8](repeating: 0, count: size)[...], to: &bomb)
            #expect(desk.ask(line, ["Content-Encoding: gzip"], body: bomb).status == status)
        }
    }

    @Test("gives back the caller's id where it is sane, and its own otherwise")
    func requestIDs() {
        let desk = Desk()
        #expect(desk.ask("GET /", "Request-Id: a-1:2@x").value("Request-Id") == "a-1:2@x")
        let long = String(repeating: "a", count: 129)
        for bad in ["", "a b", "<x>", "\u{e9}", "a,b", long] {
            #expect(desk.ask("GET /", "Request-Id: \(bad)").value("Request-Id")?.count == 16)
        }
    }

    @Test("is not ready before its loops are, nor while it drains, and then closes")
    func drain() {
        let desk = Desk()
        desk.state.startDraining()
        let answer = desk.ask("GET /readyz")
        #expect(answer.status == 503)
        #expect(answer.value("Retry-After") == "1")
        #expect(answer.closes)
        let alive = desk.ask("GET /healthz")
        #expect(alive.status == 200)
        #expect(alive.closes)
    }

    @Test("holds open connections to settings that change, from the next request on")
    func changes() {
        let desk = Desk()
        let get = Array("GET /healthz HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\n\r\n".utf8)
        #expect(desk.ask(get)[0].value("Access-Control-Allow-Origin") == nil)
        desk.service.change(
            to: settings {
                $0.limits.targetSizeMax = 9
                $0.corsOrigins = ["http://a"]
                $0.timeouts.idle = 500
            })
        #expect(desk.ask(get)[0].value("Access-Control-Allow-Origin") == "http://a")
        #expect(desk.wait(499).reason == nil)
        #expect(desk.wait(1).reason == .idle)
        #expect(desk.ask("GET /v1/limits").status == 414)
    }
}

@Suite("Answers to pages of other origins")
struct CrossOriginTests {
    private static func fields(_ answer: Desk.Answer) -> [String] {
        answer.fields.map(\.name).filter { $0.hasPrefix("Access-Control") }
    }

    @Test(
        "say nothing while that is off", arguments: ["GET /healthz", "OPTIONS /healthz", "GET /x"])
    func off(_ line: String) {
        let answer = Desk().ask(line, "Origin: http://a", "Access-Control-Request-Method: GET")
        #expect(Self.fields(answer).isEmpty)
        #expect(answer.value("Vary") == nil)
    }

    @Test("name the origin that is known, and no other")
    func known() {
        let desk = Desk(settings { $0.corsOrigins = ["http://a", "https://b:1"] })
        for origin in ["http://a", "https://b:1"] {
            let answer = desk.ask("GET /nothing", "Origin: \(origin)")
            #expect(answer.value("Access-Control-Allow-Origin") == origin)
            #expect(answer.value("Vary") == "Origin")
        }
        for origin in ["http://c", "null", "http://a.evil", "HTTP://A", "*"] {
            let answer = desk.ask("GET /healthz", "Origin: \(origin)")
            #expect(Self.fields(answer).isEmpty)
            #expect(answer.value("Vary") == "Origin")
        }
    }

    @Test("name everybody where everybody may")
    func everybody() {
        let desk = Desk(settings { $0.corsOrigins = ["*"] })
        let answer = desk.ask("GET /healthz", "Origin: http://anybody")
        #expect(answer.value("Access-Control-Allow-Origin") == "*")
    }

    @Test("tell a browser beforehand what it may send")
    func preflight() {
        let desk = Desk(settings { $0.corsOrigins = ["http://a"] }, routes: routes)
        let answer = desk.ask(
            "OPTIONS /v1/topics/a/messages", "Origin: http://a",
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type, posthorn-key")
        #expect(answer.status == 204)
        #expect(answer.value("Access-Control-Allow-Origin") == "http://a")
        #expect(answer.value("Access-Control-Allow-Methods") == "POST, GET, HEAD, OPTIONS")
        #expect(answer.value("Access-Control-Allow-Headers") == "content-type, posthorn-key")
        let odd = desk.ask(
            "OPTIONS /healthz", "Origin: http://a", "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: <x>")
        #expect(odd.value("Access-Control-Allow-Headers") == nil)
    }
}

@Suite("Large answers")
struct CompressionTests {
    static let rows: [(String, String?)] = [
        ("gzip", "gzip"), ("x-gzip", "gzip"), ("deflate", "deflate"), ("gzip, deflate", "gzip"),
        ("gzip;q=0.5, deflate", "deflate"), ("gzip;q=0", nil), ("br", nil), ("*", "gzip"),
        ("*;q=0", nil), ("identity", nil), ("gzip;q=0.5, identity;q=0.6", nil),
        ("gzip;q=2", nil), ("", nil),
    ]

    @Test("come in the coding that the client wants most", arguments: rows)
    func codings(_ accepted: String, _ coding: String?) throws {
        let desk = Desk()
        let path = "/" + String(repeating: "long", count: 500)
        let plain = desk.ask("GET \(path)", "Request-Id: one")
        let answer = desk.ask("GET \(path)", "Request-Id: one", "Accept-Encoding: \(accepted)")
        #expect(answer.value("Content-Encoding") == coding)
        #expect(answer.value("Vary") == "Accept-Encoding")
        #expect(plain.value("Vary") == "Accept-Encoding")
        let head = desk.ask("HEAD \(path)", "Request-Id: one", "Accept-Encoding: \(accepted)")
        #expect(head.value("Content-Length") == "\(answer.body.count)")
        #expect(head.value("Content-Encoding") == coding)
        guard let coding else { return }
        #expect(answer.body.count < plain.body.count / 2)
        let inflater = Inflater(format: coding == "gzip" ? .gzip : .zlib)
        var body: [UInt8] = []
        try inflater.append(answer.body[...], to: &body, sizeMax: 1 << 20)
        try inflater.finish()
        #expect(body == plain.body)
    }

    @Test("only are compressed above 1 KiB")
    func small() {
        let answer = Desk().ask("GET /healthz", "Accept-Encoding: gzip")
        #expect(answer.value("Content-Encoding") == nil)
        #expect(answer.value("Vary") == nil)
        #expect(answer.text == "ok\n")
    }
}
