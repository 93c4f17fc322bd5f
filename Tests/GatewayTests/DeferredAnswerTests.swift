import Gateway
import HTTP
import Testing

private let routes: [Route] =
    Routes.all + [
        Route(
            path: "/park/{name}", method: .get, operation: .deferred, produces: ["text/plain"]),
        Route(
            path: "/park/{name}", method: .post, operation: .deferred, produces: ["text/plain"],
            body: .needed(types: [])),
    ]

private func get(_ path: String, _ fields: String...) -> [UInt8] {
    let lines = fields.map { $0 + "\r\n" }.joined()
    return Array("GET \(path) HTTP/1.1\r\nHost: h\r\n\(lines)\r\n".utf8)
}

private func post(_ path: String, _ body: String) -> [UInt8] {
    let length = "Content-Length: \(body.utf8.count)"
    return Array("POST \(path) HTTP/1.1\r\nHost: h\r\n\(length)\r\n\r\n\(body)".utf8)
}

private func text(_ text: String) -> Response {
    var response = Response(.ok)
    response.setBody(Array(text.utf8))
    return response
}

@Suite("An answer that comes turns later")
struct DeferredAnswerTests {
    private let desk: Desk

    init() {
        var settings = GatewaySettings()
        settings.logsAccess = true
        settings.corsOrigins = ["http://a"]
        desk = Desk(settings, routes: routes)
    }

    @Test("leaves as any other, with the request still whole")
    func leaves() {
        let fields = ["Request-Id: one", "Origin: http://a", "Accept-Encoding: gzip"]
        let wire = get("/park/%61?", fields[0], fields[1], fields[2])
        for cut in wire.indices {
            desk.reconnect()
            #expect(desk.ask(Array(wire[..<cut])).isEmpty)
            #expect(desk.ask(Array(wire[cut...])).isEmpty)
            #expect(desk.owesAnswer)
            #expect(desk.deadline == nil)
            #expect(desk.wait(2_345).answers.isEmpty)
            #expect(desk.request?.segment(1) == "a")
            let answers = desk.answerLater(text(String(repeating: "long ", count: 500)))
            #expect(answers.map(\.status) == [200])
            #expect(answers[0].value("Request-Id") == "one")
            #expect(answers[0].value("Access-Control-Allow-Origin") == "http://a")
            #expect(answers[0].value("Content-Encoding") == "gzip")
            #expect(desk.deadline != nil)
            let log = desk.logged()
            #expect(log.contains("request_id=one "))
            #expect(log.contains("target=\"/park/%61?\"") || log.contains("target=/park/%61?"))
            #expect(log.contains("duration_ms=2345"))
            let counted = desk.counted()
            #expect(counted.map(\.waited) == [2_345])
            #expect(counted.map(\.place) == [Routes.all.count])
        }
    }

    @Test("keeps what is pipelined behind it waiting, in order")
    func pipelined() {
        let wire = get("/park/a") + get("/healthz") + get("/park/b") + get("/nothing")
        for cut in wire.indices.dropFirst(get("/park/a").count) {
            desk.reconnect()
            #expect(desk.ask(Array(wire[..<cut])).isEmpty)
            #expect(desk.backlogSize == cut - get("/park/a").count)
            var rest = Array(wire[cut...])
            /// The client's next read, where the connection listens.
            func goOn() -> [Desk.Answer] {
                guard desk.wantsInput, !rest.isEmpty else { return [] }
                defer { rest = [] }
                return desk.ask(rest)
            }
            #expect(goOn().isEmpty)
            let number = desk.requestNumber
            var answers = desk.answerLater(text("first")) + goOn()
            #expect(answers.map(\.text) == ["first", "ok\n"], "cut at \(cut)")
            #expect(desk.owesAnswer)
            #expect(desk.requestNumber == number + 2)
            #expect(desk.request?.segment(1) == "b")
            answers = desk.answerLater(text("second")) + goOn()
            #expect(answers.map(\.status) == [200, 404], "cut at \(cut)")
            #expect(answers[0].text == "second")
        }
    }

    @Test("is still given to a client that has said its last word, which can be seen before")
    func halfClosed() {
        #expect(desk.ask(get("/park/a")).isEmpty)
        #expect(!desk.inputEnded)
        desk.endInput()
        #expect(desk.owesAnswer)
        #expect(desk.inputEnded)
        #expect(!desk.wantsInput)
        #expect(desk.answerLater(text("early end")).map(\.text) == ["early end"])
        #expect(desk.isClosed)
    }

    @Test("has nobody to go to where the client has vanished")
    func vanished() {
        #expect(desk.ask(get("/park/a") + get("/healthz")).isEmpty)
        desk.vanish()
        #expect(!desk.owesAnswer)
        #expect(desk.request == nil)
        #expect(desk.counted().isEmpty)
    }

    @Test("may be a problem, when its time is up; the connection has no deadline of its own")
    func deadline() throws {
        #expect(desk.ask(get("/park/a") + get("/healthz")).isEmpty)
        #expect(desk.wait(1_000_000).reason == nil)
        #expect(desk.owesAnswer)
        let answers = desk.refuseLater(.draining)
        #expect(answers.map(\.status) == [503, 200])
        #expect(try members(answers[0].body)["instance"] == "/park/a")
        #expect(desk.counted().map(\.waited) == [1_000_000, 0])
    }

    @Test("closes the connection where the process drains meanwhile")
    func drained() {
        #expect(desk.ask(get("/park/a") + get("/healthz")).isEmpty)
        desk.state.startDraining()
        let answers = desk.answerLater(text("last"))
        #expect(answers.map(\.closes) == [true])
        #expect(!desk.owesAnswer)
    }

    @Test("to a HEAD has no body")
    func head() {
        let wire = Array("HEAD /park/a HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        #expect(desk.ask(wire + get("/healthz")).isEmpty)
        let answers = desk.answerLater(text("unseen"), head: [0])
        #expect(answers.map(\.text) == ["", "ok\n"])
        #expect(answers[0].value("Content-Length") == "6")
    }

    @Test("can use the body where that was asked for, however it came")
    func bodies() throws {
        let wire = post("/park/a", "the body")
        for cut in wire.indices {
            for way in ["kept", "taken", "dropped"] {
                desk.reconnect()
                #expect(desk.ask(Array(wire[..<cut])).isEmpty)
                // What an operation does in the turn in which the request becomes whole.
                let body = desk.completing(Array(wire[cut...])) { request in
                    if way == "kept" { request.keepsBody = true }
                    return way == "taken" ? request.takeBody() : Array(request.body)
                }
                #expect(body == Array("the body".utf8), "\(way), cut at \(cut)")
                let request = try #require(desk.request)
                let later = String(decoding: request.body, as: UTF8.self)
                #expect(later == (way == "kept" ? "the body" : ""), "\(way), cut at \(cut)")
                #expect(desk.answerLater(text("done")).map(\.text) == ["done"])
            }
        }
    }
}

@Suite("A stream that leaves through the service")
struct StreamedAnswerTests {
    private let desk: Desk

    init() {
        var settings = GatewaySettings()
        settings.logsAccess = true
        settings.corsOrigins = ["http://a"]
        desk = Desk(settings, routes: routes)
    }

    private func head() -> Response {
        var head = Response(.ok)
        head.add("Content-Type", "text/event-stream")
        return head
    }

    @Test("has the fields of any answer, is counted once and logged at its end")
    func whole() {
        let wire = get("/park/a", "Origin: http://a", "Accept-Encoding: gzip")
        #expect(desk.ask(wire + get("/healthz")).isEmpty)
        #expect(desk.wait(500).answers.isEmpty)
        #expect(desk.beginStream(head()))
        #expect(desk.counted().map(\.waited) == [500])
        for _ in 0..<400 { desk.stream("data: hello\n\n") }
        #expect(desk.wait(1_000).reason == nil)
        #expect(desk.logged().isEmpty)
        let answers = desk.endStream()
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers[0].body.count == 400 * 13)
        #expect(answers[0].value("Access-Control-Allow-Origin") == "http://a")
        #expect(answers[0].value("Content-Encoding") == nil)
        #expect(!answers[0].closes)
        #expect(desk.counted().map(\.place) == [1])
        let lines = desk.logged().split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("body_bytes=5200 "))
        #expect(lines[0].contains("duration_ms=1500"))
        let id = answers[0].value("Request-Id") ?? "none"
        #expect(lines[0].contains("request_id=\(id) "))
    }

    @Test("is over with its head where that was all that was asked for")
    func headOnly() {
        let wire = Array("HEAD /park/a HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        #expect(desk.ask(wire).isEmpty)
        #expect(!desk.beginStream(head()))
        #expect(!desk.owesAnswer)
        #expect(desk.counted().count == 1)
        #expect(desk.logged().contains("body_bytes=0 "))
    }

    @Test("is logged once where its client vanishes in its middle")
    func vanished() {
        #expect(desk.ask(get("/park/a")).isEmpty)
        #expect(desk.beginStream(head()))
        desk.stream("data: hello\n\n")
        desk.vanish()
        #expect(desk.counted().count == 1)
        #expect(desk.logged().split(separator: "\n").count == 1)
        desk.vanish()
        #expect(desk.logged().isEmpty)
    }

    @Test("is ended whole, with its connection, where the process drains")
    func drained() {
        #expect(desk.ask(get("/park/a") + get("/healthz")).isEmpty)
        #expect(desk.beginStream(head()))
        desk.stream("data: hello\n\n")
        desk.state.startDraining()
        #expect(desk.endStream().map(\.text) == ["data: hello\n\n"])
        #expect(desk.request == nil)
        #expect(!desk.wantsInput || desk.isLingering)
    }
}
