/// Gathers the answers to all questions and judges them: a value without sockets and a clock.
package struct Examination {
    /// A difference of clocks that network and rounding do not explain, in milliseconds.
    package static let clockLeadMax: Int64 = 2_000

    private let url: String
    private var answers: [(question: Question, answer: Answer)] = []
    private var failure: (question: Question, error: VisitError)?

    package init(of url: String) { self.url = url }

    /// What to ask next, or nil where nothing more would change the judgement.
    package var next: Question? {
        failure == nil ? Question.allCases.dropFirst(answers.count).first : nil
    }

    package mutating func take(_ answer: Answer) {
        guard let question = next else { preconditionFailure("an answer without a question") }
        answers.append((question, answer))
    }

    package mutating func take(_ error: VisitError) {
        guard let question = next else { preconditionFailure("a failure without a question") }
        failure = (question, error)
    }

    /// The judgement, once there is nothing more to ask.
    package var report: Report {
        var report = Report(url: url, finding: finding)
        report.isAlive = answer(to: .health)?.status == 200
        report.wasReached = !answers.isEmpty
        report.version = version
        report.bodySizeMax = answer(to: .limits)?.integer("body_bytes")
        if answers.count > 1 {
            // The first one pays for what a connection needs once.
            report.roundTrip = answers[1].answer.nanoseconds
            report.keepsAlive = answers.dropFirst().allSatisfy(\.answer.isOnKeptConnection)
        }
        if let lead = answers.last?.answer.clockLead, lead.magnitude > Self.clockLeadMax {
            report.clockLead = lead
        }
        return report
    }

    private func answer(to question: Question) -> Answer? {
        answers.first { $0.question == question }?.answer
    }

    private var version: String? {
        let service = answer(to: .service)
        return service?.text("service") == "posthorn" ? service?.text("version") : nil
    }

    /// The first thing that is not as it should be.
    private var finding: Finding {
        let service = answer(to: .service)
        if let service, service.status == 200, service.text("service") != "posthorn" {
            return .stranger
        }
        for (question, answer) in answers where answer.status != 200 {
            let words = answer.text("detail") ?? answer.text("title")
            return .answered(question, answer.status, code: answer.text("code"), words: words)
        }
        return failure.map { .failed($0.question, $0.error) } ?? .well
    }
}

/// What there is to say about a server.
package enum Finding: Equatable, Sendable {
    case well
    /// It answered with something else than 200; `words` are its own.
    case answered(Question, Int, code: String?, words: String?)
    case failed(Question, VisitError)
    /// Something answers, and it is not Posthorn.
    case stranger
}
