import HTTP
import Settings

extension Report {
    /// What was found, and what to do about it, in a sentence or two.
    package func message(timeout: String) -> String {
        switch finding {
        case .well: return "\(url) is alive and ready."
        case .stranger:
            return "\(url) answers, but it is not Posthorn. Is --url the right address?"
        case .answered(let question, let status, let code, let words):
            let state = isAlive ? "alive, but not ready" : "not well"
            let said = words.map { " (\($0.shown))" } ?? ""
            return "\(url) is \(state). \(question.path) answered \(status)\(said). "
                + advice(status: status, code: code)
        case .failed(let question, let error):
            let problem = Self.text(error, at: question, timeout: timeout)
            let state = isAlive ? "is alive, but not well" : "is not well"
            return wasReached ? "\(url) \(state): \(problem)" : "\(url): \(problem)"
        }
    }

    private func advice(status: Int, code: String?) -> String {
        switch (status, code) {
        case (_, "draining"): "It takes no new work: ask another, or wait for its restart."
        case (_, "too_many_connections"): "Raise --max-connections, or close some."
        case (404, _): "Is --url the right address?"
        default: "Its log on standard error says more."
        }
    }

    private static func text(
        _ error: VisitError, at question: Question, timeout: String
    ) -> String {
        switch error {
        case .noAddress(let host, let reason):
            "the name \(host.shown) has no address (\(reason.plain)). Is it spelled right?"
        case .noConnection(let address, let reason):
            "no connection to \(address) (\(reason)). Is it running? Start it with "
                + "'posthorn serve', or give its address with --url."
        case .timedOut:
            "GET \(question.path) has no answer within \(timeout). It may be stopped or overloaded; "
                + "--timeout gives it longer."
        case .cutShort:
            "it closed the connection before GET \(question.path) was answered. "
                + "Its log on standard error says more."
        case .notHTTP(.bodyTooLarge(let limit)):
            "the answer to GET \(question.path) is larger than \(limit) bytes, so it is not "
                + "Posthorn's. Is --url the right address?"
        case .notHTTP:
            "the answer to GET \(question.path) is not HTTP/1.1. Is --url the right address?"
        case .local(let reason): "this machine could not ask (\(reason))."
        }
    }
}
