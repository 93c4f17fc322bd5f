import Gateway
import HTTP
import Testing

private let routes: [Route] =
    Routes.all + [
        Route(path: "/tagged", method: .get, operation: .deferred, produces: ["text/plain"]),
        Route(path: "/tagged", method: .post, operation: .deferred, produces: ["text/plain"]),
    ]

@Suite("An answer with a tag")
struct NotModifiedTests {
    private func ask(
        _ method: String, _ fields: [String], size: Int = 5, status: HTTPStatus = .ok
    ) throws -> Desk.Answer {
        var settings = GatewaySettings()
        settings.corsOrigins = ["*"]
        let desk = Desk(settings, routes: routes)
        #expect(desk.ask("\(method) /tagged", fields, body: []).status == 0)
        var response = Response(status)
        response.add("Content-Type", "text/plain")
        response.add("Cache-Control", "max-age=60")
        response.setETag("v1")
        response.setBody([UInt8](repeating: 0x61, count: size))
        let answers = desk.answerLater(response, head: method == "HEAD" ? [0] : [])
        #expect(desk.ask(Array("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".utf8)).count == 1)
        return try #require(answers.first)
    }

    @Test("is not sent again to a client that has it", arguments: ["GET", "HEAD"])
    func has(_ method: String) throws {
        for size in [5, 5_000] {
            let plain = try ask(method, [], size: size)
            let answer = try ask(method, ["If-None-Match: W/\"v1\""], size: size)
            #expect(plain.status == 200)
            #expect(plain.value("ETag") == "\"v1\"")
            #expect(answer.status == 304)
            #expect(answer.body.isEmpty)
            #expect(answer.value("Content-Length") == nil)
            #expect(answer.value("Content-Type") == nil)
            #expect(answer.value("ETag") == "\"v1\"")
            #expect(answer.value("Cache-Control") == "max-age=60")
            #expect(plain.value("Vary")?.contains("Origin") == true)
            #expect(answer.value("Vary") == (size == 5 ? "Origin" : "Accept-Encoding, Origin"))
        }
    }

    @Test("is sent where the client has another, or asked for something else")
    func hasNot() throws {
        #expect(try ask("GET", ["If-None-Match: \"v2\""]).status == 200)
        #expect(try ask("POST", ["If-None-Match: *"]).status == 200)
        #expect(try ask("GET", ["If-None-Match: *"], status: .notFound).status == 404)
    }

    @Test("has a weak tag where it is compressed")
    func compressed() throws {
        let answer = try ask("GET", ["Accept-Encoding: gzip"], size: 5_000)
        #expect(answer.value("Content-Encoding") == "gzip")
        #expect(answer.value("ETag") == "W/\"v1\"")
    }
}
