package import HTTP

/// What a client can ask for; the names are the operationIds of the OpenAPI file.
package enum Operation: Sendable {
    case getService, getHealth, getReadiness, getMetrics, getLimits
    case getContractYaml, getContractJson
    case listTopics, putTopic, getTopic, deleteTopic
    case publishMessage, publishBatch, readMessages, getMessage
    case listGroups, putGroup, getGroup, deleteGroup
    case pull, settle, seekGroup, redriveGroup, listDeadLetters
    /// Answered in a later turn by whoever drives the service; until then its connection owes it.
    case deferred
}

/// What becomes of a request's body.
package enum BodyRule: Equatable, Sendable {
    /// It has no meaning here: it is read within all limits, and dropped.
    case ignored
    /// It has to be there, with a length or chunked, in one of these media types; none means any.
    case needed(types: [String])
    /// The same, where there is one; one of length 0 is none.
    case optional(types: [String])
}

/// A query parameter that a route knows.
package struct QueryParameter: Equatable, Sendable, ExpressibleByStringLiteral {
    let name: String
    /// Whether `name` is only the beginning, and any name may follow it.
    let isPrefix: Bool
    /// Whether it may stand there several times.
    let repeats: Bool

    private init(_ name: String, isPrefix: Bool, repeats: Bool) {
        self.name = name
        self.isPrefix = isPrefix
        self.repeats = repeats
    }

    /// One that stands there once at most.
    package init(stringLiteral name: String) {
        self.init(name, isPrefix: false, repeats: false)
    }

    package static func repeated(_ name: String) -> QueryParameter {
        QueryParameter(name, isPrefix: false, repeats: true)
    }

    /// All that start with `prefix`, each once.
    package static func prefixed(_ prefix: String) -> QueryParameter {
        QueryParameter(prefix, isPrefix: true, repeats: false)
    }
}

/// One line of the list of routes.
package struct Route: Sendable {
    let path: String
    let method: Method
    let operation: Operation
    /// The media types of its 2xx, the one that is preferred here first.
    let produces: [String]
    let body: BodyRule
    /// The query parameters it knows; any other is refused.
    let parameters: [QueryParameter]
    /// The `Posthorn-` fields it knows; any other is refused.
    let options: FieldSet

    package init(
        path: String, method: Method, operation: Operation, produces: [String],
        body: BodyRule = .ignored, parameters: [QueryParameter] = [], options: FieldSet = []
    ) {
        precondition(!produces.isEmpty, "an answer has a type")
        precondition(parameters.count <= 64, "parameters are noted in 64 bits")
        self.path = path
        self.method = method
        self.operation = operation
        self.produces = produces
        self.body = body
        self.parameters = parameters
        self.options = options
    }
}

/// The list of all routes: 404, 405, `Allow`, OPTIONS and the metrics' labels come from it.
package enum Routes {
    package static let all: [Route] = [
        Route(path: "/", method: .get, operation: .getService, produces: ["application/json"]),
        Route(path: "/healthz", method: .get, operation: .getHealth, produces: ["text/plain"]),
        Route(path: "/readyz", method: .get, operation: .getReadiness, produces: ["text/plain"]),
        Route(path: "/metrics", method: .get, operation: .getMetrics, produces: ["text/plain"]),
        Route(
            path: "/openapi.yaml", method: .get, operation: .getContractYaml,
            produces: ["application/yaml"]),
        Route(
            path: "/openapi.json", method: .get, operation: .getContractJson,
            produces: ["application/json"]),
        Route(
            path: "/v1/limits", method: .get, operation: .getLimits, produces: ["application/json"]),
    ]
}
