import Bytes
import HTTP

/// What is decided by a request's head alone, before its body is read.
extension Service {
    /// Refuses the request, answers it, or lets its body come.
    mutating func admit(_ connection: inout ServerConnection, at now: UInt64) {
        let request = connection.currentRequest(&bench)
        do throws(GatewayError) {
            if request.head.method == .options {
                return send(&connection, try options(request), at: now)
            }
            let route = try route(of: request)
            try checkParameters(of: request, against: route)
            try checkAccept(of: request, against: route)
            try checkBody(of: request, against: route)
            let coding = try contentCoding(of: request)
            do throws(HTTPError) {
                try connection.admit(
                    coding: coding, sizeMax: settings.limits.bodySizeMax, &bench, at: now)
            } catch {
                throw .http(error)
            }
        } catch {
            refuse(&connection, error, at: now)
        }
    }

    private func route(of request: Request) throws(GatewayError) -> Route {
        let place = try place(of: request)
        guard let route = place.route(for: request.head.method) else {
            throw .methodNotAllowed(allow: place.allow)
        }
        return route
    }

    /// Finds what the target names, and notes it in the request.
    private func place(of request: Request) throws(GatewayError) -> Router.Place {
        let found: Int?
        do throws(HTTPError) {
            let target = request.head.targetParts
            let bytes = request.source
            let head = bytes.span.extracting(request.headRange)
            found = try router.place(of: target, in: head)
        } catch {
            throw .invalidTarget
        }
        guard let found else { throw .noSuchResource }
        request.route = found
        return router.places[found]
    }

    /// What a path serves; `*` asks the same of the service as a whole.
    private func options(_ request: Request) throws(GatewayError) -> Response {
        var response = Response(.noContent)
        guard request.head.targetParts.form != .asterisk else {
            response.add("Allow", "GET, HEAD, OPTIONS")
            return response
        }
        let place = try place(of: request)
        response.add("Allow", place.allow)
        if request.value(of: .accessControlRequestMethod) != nil {
            CrossOrigin.answerPreflight(request, allow: place.allow, in: &response)
        }
        return response
    }

    private func checkParameters(
        of request: Request, against route: Route
    ) throws(GatewayError) {
        guard request.head.targetParts.query != nil else { return }
        var unknown: [String] = []
        do throws(HTTPError) {
            let bytes = request.source
            let head = bytes.span.extracting(request.headRange)
            var pairs = request.head.targetParts.queryPairs
            while let pair = pairs.next(in: head) {
                let name = try pair.name.string(in: head)
                _ = try pair.value.bytes(in: head)
                if !route.parameters.contains(name) { unknown.append(name) }
            }
        } catch {
            throw .invalidTarget
        }
        guard unknown.isEmpty else { throw .unknownParameters(unknown) }
    }

    private func checkAccept(of request: Request, against route: Route) throws(GatewayError) {
        guard request.accepts(route.produces) else {
            throw .notAcceptable(produces: route.produces)
        }
    }

    private func checkBody(of request: Request, against route: Route) throws(GatewayError) {
        guard case .needed(let types) = route.body else { return }
        guard request.head.framing != .none else { throw .lengthRequired }
        guard types.isEmpty || request.isOfType(types) else {
            throw .unsupportedMediaType(accepts: types)
        }
    }

    /// The coding to undo; nil where the body comes plain.
    private func contentCoding(of request: Request) throws(GatewayError) -> ContentCoding? {
        guard request.head.framing != .none else { return nil }
        let bytes = request.source
        let head = bytes.span.extracting(request.headRange)
        switch ContentEncoding(request.head, in: head) {
        case .plain: return nil
        case .coded(let coding): return coding
        case .unsupported: throw .unsupportedContentCoding
        }
    }
}
