package import Bytes
package import HTTP
package import Kernel
package import Telemetry

/// What the gateway says to requests: a value without sockets and without a clock.
///
/// The loop hands it bytes and times; the simulator does the same. Every request that becomes whole
/// is answered exactly once, and all answers leave through `send`.
package struct Service: ~Copyable {
    /// A request that was answered in this turn, for the numbers.
    package struct Answered {
        package let place: Int
        package let status: HTTPStatus
        /// How long its answer was owed, in milliseconds, beside the turn that it was given in.
        package let waited: UInt64
    }

    private let admission: Admission
    private var router: Router { admission.router }
    package var bench: HTTPBench
    package private(set) var settings: GatewaySettings
    let state: ServerState
    private let pages: ServicePages
    /// Needed where the routes have what needs storage.
    package let broker: BrokerDesk?
    /// The place that counts requests for paths that nothing has.
    private let unknownPlace: Int
    /// The place that counts what was no request.
    private let malformedPlace: Int
    private var compressor = ResponseCompressor()
    package var log: Log
    /// Whose bytes are being served, for answers that come in later turns.
    package var client = SlabID(index: 0, generation: 0)
    /// The same, for the access log and for who pulls.
    package var peer: IPAddress?
    /// Whether the process takes no more connections, and those that are idle are told to end.
    package var endsIdle = false
    /// What was answered since `takeAnswered()`.
    private var answered: [Answered] = []

    package init(
        _ settings: GatewaySettings, routes: [Route] = Routes.all, state: ServerState,
        version: String,
        metrics: [GatewayMetrics], log: consuming Log, seed: UInt64, broker: BrokerDesk? = nil
    ) {
        let router = Router(routes)
        precondition(router.places.count + 2 <= GatewayMetrics.placeCountMax, "places are counted")
        admission = Admission(router: router)
        unknownPlace = router.places.count
        malformedPlace = router.places.count + 1
        pages = ServicePages(
            version: version, places: router.places.map(\.path), metrics: metrics)
        bench = HTTPBench(limits: settings.limits, timeouts: settings.timeouts, seed: seed)
        self.settings = settings
        self.broker = broker
        broker?.change(to: settings)
        self.state = state
        self.log = log
    }

    package mutating func change(to settings: GatewaySettings) {
        self.settings = settings
        bench.change(limits: settings.limits, timeouts: settings.timeouts)
        broker?.change(to: settings)
    }

    /// Takes what was answered since the last call.
    package mutating func takeAnswered(_ each: (Answered) -> Void) {
        for answer in answered.takeAll() { each(answer) }
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

    /// Answers a connection that is one too many, which has asked for nothing that could be counted.
    package mutating func turnAway(
        _ connection: inout ServerConnection, limit: Int, at now: UInt64
    ) {
        let request = connection.currentRequest(&bench)
        bench.name(request)
        let problem = Problem(.tooManyConnections(limit: limit))
        connection.answer(
            problem.response(path: nil, requestID: request.id), &bench, at: now)
    }

    // MARK: Decisions

    private mutating func admit(_ connection: inout ServerConnection, at now: UInt64) {
        let request = connection.currentRequest(&bench)
        do throws(GatewayError) {
            switch try admission.decide(request) {
            case .answer(let response): send(&connection, response, at: now)
            case .body(let coding):
                let sizeMax = settings.limits.bodySizeMax
                do throws(HTTPError) {
                    try connection.admit(coding: coding, sizeMax: sizeMax, &bench, at: now)
                } catch {
                    throw .http(error)
                }
            }
        } catch {
            refuse(&connection, error, at: now)
        }
    }

    private mutating func answer(_ connection: inout ServerConnection, at now: UInt64) {
        let request = connection.currentRequest(&bench)
        guard let route = request.route else {
            preconditionFailure("a request that was admitted has a route")
        }
        switch router.routes[route].operation {
        case .getService: send(&connection, pages.service, at: now)
        case .getHealth: send(&connection, pages.healthy, at: now)
        case .getReadiness where state.isReady: send(&connection, pages.ready, at: now)
        case .getReadiness: refuse(&connection, .draining, at: now)
        case .getMetrics: send(&connection, pages.metrics(), at: now)
        case .getContractYaml: send(&connection, pages.contractYaml, at: now)
        case .getContractJson: send(&connection, pages.contractJson, at: now)
        case .getLimits: send(&connection, pages.limits(settings), at: now)
        case .listTopics, .putTopic, .getTopic, .deleteTopic, .publishMessage, .publishBatch,
            .readMessages, .getMessage, .listGroups, .putGroup, .getGroup, .deleteGroup,
            .pull, .settle, .seekGroup, .redriveGroup, .listDeadLetters:
            serveFromBroker(&connection, router.routes[route].operation, at: now)
        case .deferred: break
        }
    }

    // MARK: Answers out

    package mutating func refuse(
        _ connection: inout ServerConnection, _ error: GatewayError, at now: UInt64
    ) {
        let request = connection.currentRequest(&bench)
        let problem = Problem(error)
        bench.name(request)
        send(&connection, problem.response(path: request.path, requestID: request.id), at: now)
    }

    /// The one way out of every answer.
    package mutating func send(
        _ connection: inout ServerConnection, _ response: consuming Response, at now: UInt64
    ) {
        let request = connection.currentRequest(&bench)
        if let etag = response.etag, has(request, response.status, tagged: etag) {
            let varies = ResponseCompressor.varies(response)
            response = response.notModified()
            if varies { response.add("Vary", "Accept-Encoding") }
        }
        allowOrigins(request, in: &response)
        compressor.compress(&response, for: request)
        if state.isDraining { response.closes = true }
        count(request, response.status, waited: now - (connection.owesSince ?? now))
        if settings.logsAccess {
            logAccess(request, response.status, size: response.body.count, at: now)
        }
        connection.answer(response, &bench, at: now)
    }

    mutating func count(_ request: Request, _ status: HTTPStatus, waited: UInt64) {
        let place = request.hasHead ? request.place ?? unknownPlace : malformedPlace
        answered.append(Answered(place: place, status: status, waited: waited))
    }

    /// Whether the client has the answer already, and asked for it only if it has changed.
    private func has(_ request: Request, _ status: HTTPStatus, tagged etag: String) -> Bool {
        guard status == .ok, request.method == .get || request.method == .head else { return false }
        return request.matches(etag: etag)
    }

    func allowOrigins(_ request: Request, in response: inout Response) {
        if settings.corsOrigins.isEmpty { return }
        let methods = request.place.map { router.places[$0].allow }
        CrossOrigin.allow(request, settings.corsOrigins, methods: methods, in: &response)
    }

    mutating func logAccess(
        _ request: Request, _ status: HTTPStatus, size: Int, at now: UInt64
    ) {
        bench.name(request)
        let peer = peer?.description ?? "unknown"
        log.info("request") { line in
            line.add("peer", peer)
            line.add("request_id", utf8: request.id[...])
            if request.hasHead {
                line.add("method", utf8: request.source[request.methodRange])
                line.add("target", utf8: request.source[request.target])
            }
            line.add("status", status.code)
            line.add("body_bytes", size)
            line.add("duration_ms", now - request.started)
        }
    }
}
