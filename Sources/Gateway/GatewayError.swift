package import HTTP

/// Why a request is not answered with what it asked for.
package enum GatewayError: Error, Equatable, Sendable {
    case noSuchResource
    /// An escape in the path or the query that is none.
    case invalidTarget
    case methodNotAllowed(allow: String)
    case unknownParameters([String])
    case repeatedParameters([String])
    /// Options in fields that the route does not know.
    case unknownFields([String])
    case repeatedFields([String])
    case notAcceptable(produces: [String])
    case unsupportedMediaType(accepts: [String])
    case unsupportedContentCoding
    case lengthRequired
    case unsupportedExpectation
    case slowRequest
    case tooManyConnections(limit: Int)
    case draining
    case body(BodyError)
    case topic(TopicError)
    case group(GroupError)
    case work(WorkError)
    case publish(PublishError)
    case read(ReadError)
    /// The bytes of the message are wrong.
    case http(HTTPError)
}
