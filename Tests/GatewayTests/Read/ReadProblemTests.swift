import HTTP
import Records
import Testing
import Wire

@testable import Gateway

/// Every error of reads, and the status it has.
private let errors: [(error: ReadError, status: Int)] = [
    (.invalidParameter("wait", "has to be a duration"), 400),
    (.contradiction("after", "from"), 409),
    (.noSuchPartition(count: 4), 404), (.invalidCursor("after"), 400), (.otherTopic, 410),
    (.beyondRetention(earliest: Cursor(topic: 1, .all([0]))), 410), (.noSuchMessage, 404),
    (.messageGone, 410), (.messageHeld, 409), (.tooManyWaiting(limit: 9), 429), (.overloaded, 503),
    (.unanswered, 504),
    (.storage(.noSuchTopic), 503), (.storage(.overloaded), 503), (.storage(.noSpace), 503),
    (.storage(.backlogFull(limit: 1)), 503), (.storage(.readOnly), 503), (.storage(.failed), 503),
    (.storage(.badBatch), 500), (.storage(.damaged), 500),
]

@Suite("A problem with a read")
struct ReadProblemTests {
    @Test("says what to do, and that nothing was changed", arguments: errors)
    func isWhole(_ error: ReadError, _ status: Int) throws {
        let problem = Problem(.read(error))
        let response = problem.response(path: "/a", requestID: [])
        #expect(response.status.code == status)
        let json = try jsonValues(response.body)
        #expect(json["outcome"] == "none")
        #expect(json["detail"]?.isEmpty == false)
        #expect(problem.code.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == 0x5F })
        let hasRetry = field("Retry-After", response) != nil
        #expect(hasRetry == [429, 503].contains(status))
    }
}
