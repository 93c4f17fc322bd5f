import Bytes
import HTTP

/// What is decided by a request's head alone, before its body is read.
struct Admission: Sendable {
    enum Decision {
        /// The answer is known, whatever the body says.
        case answer(Response)
        /// The body is read, with its coding undone.
        case body(ContentCoding?)
    }

    let router: Router

    /// Refuses the request, answers it, or lets its body come; notes in it what its target names.
    func decide(_ request: Request) throws(GatewayError) -> Decision {
        if request.method == .options { return .answer(try options(request)) }
        let route = try route(of: request)
        if request.expectsTheUnknown { throw .unsupportedExpectation }
        try checkFields(of: request, against: route)
        try checkParameters(of: request, against: route)
        try checkAccept(of: request, against: route)
        try checkBody(of: request, against: route)
        return .body(try contentCoding(of: request))
    }

    private func route(of request: Request) throws(GatewayError) -> Int {
        let place = try place(of: request)
        guard let route = router.route(at: place, for: request.method) else {
            throw .methodNotAllowed(allow: router.places[place].allow)
        }
        request.route = route
        return route
    }

    /// Finds what the target names, and notes it in the request.
    private func place(of request: Request) throws(GatewayError) -> Int {
        let found: Int?
        do throws(HTTPError) {
            let target = request.targetParts
            let bytes = request.source
            let head = bytes.span.extracting(request.headRange)
            found = try router.place(of: target, in: head)
        } catch {
            throw .invalidTarget
        }
        guard let found else { throw .noSuchResource }
        request.place = found
        return found
    }

    /// What a path serves; `*` asks the same of the service as a whole.
    private func options(_ request: Request) throws(GatewayError) -> Response {
        var response = Response(.noContent)
        guard request.targetParts.form != .asterisk else {
            response.add("Allow", "GET, HEAD, OPTIONS")
            return response
        }
        let allow = router.places[try place(of: request)].allow
        response.add("Allow", allow)
        return response
    }

    /// The wrong names that one answer lists: a target has room for thousands.
    static var wrongNamesMax: Int { 16 }

    private func checkFields(of request: Request, against route: Int) throws(GatewayError) {
        let options = request.presentFields.intersection(.options)
        let unknown = options.subtracting(router.routes[route].options)
        guard unknown.isEmpty else {
            throw .unknownFields(request.names(in: unknown, max: Self.wrongNamesMax))
        }
        let repeated = request.repeatedFields.intersection(.singular)
        guard repeated.isEmpty else {
            throw .repeatedFields(request.names(in: repeated, max: Self.wrongNamesMax))
        }
    }

    private func checkParameters(
        of request: Request, against route: Int
    ) throws(GatewayError) {
        guard request.targetParts.query != nil else { return }
        var check = QueryCheck(router.routes[route].parameters)
        do throws(HTTPError) {
            let bytes = request.source
            let head = bytes.span.extracting(request.headRange)
            var pairs = request.targetParts.queryPairs
            while let pair = pairs.next(in: head) { try check.note(pair, in: head) }
        } catch {
            throw .invalidTarget
        }
        guard check.unknown.isEmpty else { throw .unknownParameters(check.unknown) }
        guard check.repeated.isEmpty else { throw .repeatedParameters(check.repeated) }
    }

    private func checkAccept(of request: Request, against route: Int) throws(GatewayError) {
        if !request.has(.accept) { return }
        let types = router.routes[route].produces
        guard let type = request.preferred(of: types) else {
            throw .notAcceptable(produces: types)
        }
        request.answerType = type
    }

    private func checkBody(of request: Request, against route: Int) throws(GatewayError) {
        switch router.routes[route].body {
        case .ignored: break
        case .needed(let types):
            guard request.framing != .none else { throw .lengthRequired }
            try checkBodyType(of: request, types)
        case .optional(let types):
            if request.framing == .none || request.framing == .length(0) { return }
            try checkBodyType(of: request, types)
        }
    }

    private func checkBodyType(of request: Request, _ types: [String]) throws(GatewayError) {
        if types.isEmpty { return }
        guard let type = request.bodyType(among: types) else {
            throw .unsupportedMediaType(accepts: types)
        }
        request.bodyType = type
    }

    /// The coding to undo; nil where the body comes plain.
    private func contentCoding(of request: Request) throws(GatewayError) -> ContentCoding? {
        guard request.framing != .none else { return nil }
        switch request.contentEncoding {
        case .plain: return nil
        case .coded(let coding): return coding
        case .unsupported: throw .unsupportedContentCoding
        }
    }
}
