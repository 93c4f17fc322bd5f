package import HTTP

/// What a client can ask for; the names are the operationIds of the OpenAPI file.
package enum Operation: Sendable {
    case getService, getHealth, getReadiness, getMetrics, getLimits
}

/// What becomes of a request's body.
package enum BodyRule: Equatable, Sendable {
    /// It has no meaning here: it is read within all limits, and dropped.
    case ignored
    /// It has to be there, with a length or chunked, in one of these media types; none means any.
    case needed(types: [String])
}

/// One line of the list of routes.
package struct Route: Sendable {
    let path: String
    let method: Method
    let operation: Operation
    /// The media type of its 200.
    let produces: String
    let body: BodyRule
    /// The query parameters it knows; any other is refused.
    let parameters: [String]

    package init(
        path: String, method: Method, operation: Operation, produces: String,
        body: BodyRule = .ignored, parameters: [String] = []
    ) {
        self.path = path
        self.method = method
        self.operation = operation
        self.produces = produces
        self.body = body
        self.parameters = parameters
    }
}

/// The list of all routes: 404, 405, `Allow`, OPTIONS and the metrics' labels come from it.
package enum Routes {
    package static let all: [Route] = [
        Route(path: "/", method: .get, operation: .getService, produces: "application/json"),
        Route(path: "/healthz", method: .get, operation: .getHealth, produces: "text/plain"),
        Route(path: "/readyz", method: .get, operation: .getReadiness, produces: "text/plain"),
        Route(path: "/metrics", method: .get, operation: .getMetrics, produces: "text/plain"),
        Route(
            path: "/v1/limits", method: .get, operation: .getLimits, produces: "application/json"),
    ]
}
