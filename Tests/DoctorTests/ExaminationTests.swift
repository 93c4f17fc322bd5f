import HTTP
import Testing

@testable import Doctor

private let ready = #"{"service":"posthorn","version":"1.2.3","paths":["/",["x"]]}"#
private let draining =
    #"{"detail":"It ends.","code":"draining","errors":[{"detail":"no"}]}"#

/// An answer as the driver makes it out of what comes over the wire.
func answer(
    _ status: Int, _ body: String, lead: Int64 = 0, isKept: Bool = true, fields: String = ""
) throws(HTTPError) -> Answer {
    var date: [UInt8] = []
    HTTPDate.append(1_000_000 + lead, to: &date)
    let wire =
        "HTTP/1.1 \(status) Words\r\nX: 1\r\ndATE: \(String(decoding: date, as: UTF8.self))\r\n"
        + "\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    var exchange = ClientExchange(.get, limits: HTTPLimits(), bodySizeMax: 1_000)
    exchange.feed(Array(wire.utf8)[...])
    while try exchange.next() != .done {}
    return Answer(
        exchange, body: Array(body.utf8), clock: 1_000_000_400, nanoseconds: 1_230_000,
        isOnKeptConnection: isKept)
}

/// The report on a server that answers the four questions like this.
func report(_ answers: [Answer], then error: VisitError? = nil) -> Report {
    var examination = Examination(of: "http://h:1")
    for answer in answers { examination.take(answer) }
    if let error { examination.take(error) }
    #expect(examination.next == nil)
    return examination.report
}

func healthy(lead: Int64 = 0, isKept: Bool = true) throws -> [Answer] {
    [
        try answer(200, "ok\n", isKept: false), try answer(200, "ready\n", isKept: isKept),
        try answer(200, #"{"body_bytes":8388608}"#), try answer(200, ready, lead: lead),
    ]
}

@Suite("An examination")
struct ExaminationTests {
    @Test("asks for health, readiness, limits and the service, in this order")
    func order() throws {
        var examination = Examination(of: "http://h:1")
        var asked: [Question] = []
        for answer in try healthy() {
            asked.append(try #require(examination.next))
            examination.take(answer)
        }
        #expect(asked == [.health, .readiness, .limits, .service] && examination.next == nil)
    }

    @Test("finds a server well that answers everything")
    func well() throws {
        let report = report(try healthy())
        #expect(report.isWell && report.isAlive && report.wasReached)
        #expect(report.version == "1.2.3" && report.bodySizeMax == 8 << 20)
        #expect(report.keepsAlive == true && report.roundTrip == 1_230_000)
        #expect(report.clockLead == nil)
    }

    @Test(
        "mentions a clock that is more than two seconds off",
        arguments: [(-2, false), (0, false), (1, false), (2, true), (-3, true), (3_600, true)]
            as [(Int64, Bool)])
    func clocks(_ lead: Int64, _ isMentioned: Bool) throws {
        let report = report(try healthy(lead: lead))
        #expect((report.clockLead == lead * 1_000 + 100) == isMentioned)
        #expect(report.isWell, "a clock that is off serves all the same")
    }

    @Test("says that a connection was not kept")
    func notKept() throws {
        #expect(report(try healthy(isKept: false)).keepsAlive == false)
    }

    @Test("finds a draining server alive and not ready, in its own words")
    func drains() throws {
        var answers = try healthy(isKept: false)
        answers[1] = try answer(503, draining)
        let report = report(answers)
        #expect(report.isAlive && !report.isWell)
        #expect(
            report.finding == .answered(.readiness, 503, code: "draining", words: "It ends."))
    }

    @Test("counts the first thing that is wrong, and not what follows from it")
    func first() throws {
        let gone = VisitError.noConnection(address: "1.2.3.4:5", reason: "refused")
        let answers = [try answer(200, "ok"), try answer(503, draining)]
        let report = report(answers, then: gone)
        #expect(
            report.finding == .answered(.readiness, 503, code: "draining", words: "It ends."))
    }

    @Test("stops at the first failure, which is an error and no report where nothing came")
    func fails() throws {
        let silent = report([], then: .timedOut)
        #expect(silent.finding == .failed(.health, .timedOut) && !silent.wasReached)
        let later = report([try answer(200, "ok")], then: .cutShort)
        #expect(later.finding == .failed(.readiness, .cutShort))
        #expect(later.isAlive && later.wasReached && later.roundTrip == nil)
    }

    @Test(
        "knows that another service is not Posthorn",
        arguments: [
            "", "<html>", "[]", "{}", #"{"service":"nginx"}"#, #"{"service":1}"#, "{\"a\":",
        ])
    func strangers(_ body: String) throws {
        var answers = try healthy()
        answers[3] = try answer(200, body)
        let report = report(answers)
        #expect(report.finding == .stranger && report.version == nil)
    }

    @Test("takes an answer without a date, or with one that is none, as it is")
    func noDate() throws {
        var dateless = try healthy()
        for index in dateless.indices { dateless[index].date = nil }
        #expect(report(dateless).isWell)
        #expect(report(dateless).clockLead == nil)
    }
}

@Test("The questions are requests of ours", arguments: Question.allCases)
func questions(_ question: Question) throws {
    let text = String(decoding: try question.request(to: "[::1]:80"), as: UTF8.self)
    #expect(text.hasPrefix("GET \(question.path) HTTP/1.1\r\nHost: [::1]:80\r\n"))
    #expect(text.hasSuffix("\r\n\r\n"))
}
