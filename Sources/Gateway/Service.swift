package import HTTP
package import Telemetry

/// What the gateway says to requests: a value without sockets and without a clock.
///
/// The loop hands it bytes and times; the simulator does the same. Every request that becomes whole
/// is answered exactly once, and all answers leave through `send`.
package struct Service: ~Copyable {
    /// A request that was answered in this turn, for the numbers.
    struct Answered {
        let place: Int
        let status: HTTPStatus
    }

    let router: Router
    package var bench: HTTPBench
    package private(set) var settings: GatewaySettings
    let state: ServerState
    let pages: ServicePages
    private var compressor = ResponseCompressor()
    package var log: Log
    /// What was answered since `takeAnswered()`.
    private var answered: [Answered] = []

    package init(
        _ settings: GatewaySettings, routes: [Route] = Routes.all, state: ServerState,
        version: String,
        metrics: [GatewayMetrics], log: consuming Log, seed: UInt64
    ) {
        let router = Router(routes)
        precondition(router.places.count + 2 <= GatewayMetrics.placeCountMax, "places are counted")
        self.router = router
        pages = ServicePages(
            version: version, places: router.places.map(\.path), metrics: metrics)
        bench = HTTPBench(limits: settings.limits, timeouts: settings.timeouts, seed: seed)
        self.settings = settings
        self.state = state
        self.log = log
    }

    /// The place that counts requests for paths that nothing has.
    var unknownPlace: Int { router.places.count }
    /// The place that counts what was no request.
    var malformedPlace: Int { router.places.count + 1 }

    package mutating func change(to settings: GatewaySettings) {
        self.settings = settings
        bench.change(limits: settings.limits, timeouts: settings.timeouts)
    }

    /// Takes what was answered since the last call.
    mutating func takeAnswered(_ each: (Answered) -> Void) {
        for answer in answered { each(answer) }
        answered.removeAll(keepingCapacity: true)
    }

    // MARK: Bytes in

    /// Reads on, and answers every request that becomes whole.
    package mutating func serve(
        _ connection: inout ServerConnection, _ input: consuming Input, at now: UInt64
    ) {
        while true {
            switch connection.next(&input, &bench, at: now) {
            case .wait: return connection.keep(input)
            case .head: admit(&connection, at: now)
            case .request: answer(&connection, at: now)
            case .malformed(let error): refuse(&connection, .http(error), at: now)
            }
        }
    }

    /// Answers the bytes that waited for an earlier answer to leave.
    package mutating func serveBacklog(_ connection: inout ServerConnection, at now: UInt64) {
        guard let input = connection.takeBacklog() else { return }
        serve(&connection, input, at: now)
    }

    /// Judges a connection that may have passed its deadline; a reason means: drop it now.
    package mutating func expire(
        _ connection: inout ServerConnection, at now: UInt64
    ) -> CloseReason? {
        switch connection.expire(at: now, settings.timeouts) {
        case .nothing: return nil
        case .close(let reason): return reason
        case .slowRequest:
            refuse(&connection, .slowRequest, at: now)
            return nil
        }
    }

    /// Answers a connection that is one too many.
    package mutating func turnAway(
        _ connection: inout ServerConnection, limit: Int, at now: UInt64
    ) {
        refuse(&connection, .tooManyConnections(limit: limit), at: now)
    }

    // MARK: Answers out

    private mutating func answer(_ connection: inout ServerConnection, at now: UInt64) {
        let request = connection.currentRequest(&bench)
        guard let route = request.route else {
            preconditionFailure("a request that was admitted has a route")
        }
        let operation = router.routes[route].operation
        send(&connection, response(to: request, of: operation), at: now)
    }

    private func response(to request: Request, of operation: Operation) -> Response {
        switch operation {
        case .getService: pages.service
        case .getHealth: pages.healthy
        case .getReadiness: state.isReady ? pages.ready : problem(.draining, for: request)
        case .getMetrics: pages.metrics()
        case .getLimits: pages.limits(settings)
        }
    }

    mutating func refuse(
        _ connection: inout ServerConnection, _ error: GatewayError, at now: UInt64
    ) {
        let request = connection.currentRequest(&bench)
        send(&connection, problem(error, for: request), at: now)
    }

    private func problem(_ error: GatewayError, for request: Request) -> Response {
        Problem(error).response(path: request.path, requestID: request.id)
    }

    /// The one way out of every answer.
    mutating func send(
        _ connection: inout ServerConnection, _ response: consuming Response, at now: UInt64
    ) {
        let request = connection.currentRequest(&bench)
        if !settings.corsOrigins.isEmpty {
            CrossOrigin.allow(request, settings.corsOrigins, in: &response)
        }
        compressor.compress(&response, for: request)
        if state.isDraining { response.closes = true }
        answered.append(Answered(place: place(of: request), status: response.status))
        if settings.logsAccess { logAccess(request, response) }
        connection.answer(response, &bench, at: now)
    }

    private func place(of request: Request) -> Int {
        request.hasHead ? request.place ?? unknownPlace : malformedPlace
    }

    private mutating func logAccess(_ request: Request, _ response: borrowing Response) {
        let status = Int(response.status.code)
        let size = response.body.count
        log.info("request") { line in
            line.add("request_id", utf8: request.id[...])
            if request.hasHead {
                line.add("method", utf8: request.source[request.methodRange])
                line.add("target", utf8: request.source[request.target])
            }
            line.add("status", status)
            line.add("body_bytes", size)
        }
    }
}
