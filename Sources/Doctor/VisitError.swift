package import HTTP

/// Why there is no answer to a question.
package enum VisitError: Error, Equatable, Sendable {
    case noAddress(host: String, reason: String)
    case noConnection(address: String, reason: String)
    /// The time for everything is over.
    case timedOut
    /// The connection ended before the answer did.
    case cutShort
    case notHTTP(HTTPError)
    /// The system refused something that has nothing to do with the server.
    case local(reason: String)
}
