import Bytes
import Gateway
import HTTP
import Kernel
import Telemetry

/// A service with one client after another in front of it.
final class Desk {
    struct Answer {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var closes = false

        /// The values of a field, one behind the other as a list.
        func value(_ name: String) -> String? {
            let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    var service: Service
    let state = ServerState()
    private var connection: ServerConnection
    private var now: UInt64 = 1_000
    /// What the client has of an answer that streams.
    private var held: [UInt8] = []

    init(
        _ settings: GatewaySettings = GatewaySettings(), routes: [Route] = Routes.all,
        broker: BrokerDesk? = nil
    ) {
        service = Service(
            settings, routes: routes, state: state, version: "1.2.3", metrics: [GatewayMetrics()],
            log: Log(LogSettings(format: .logfmt, level: settings.logsAccess ? .info : .error)),
            seed: 7, broker: broker)
        connection = ServerConnection(at: now)
        state.becomeReady()
    }

    /// The request that is being answered.
    var request: Request? { connection.request }
    var owesAnswer: Bool { connection.owesAnswer }
    var requestNumber: UInt32 { connection.requestNumber }
    /// Whether the client has said its last word.
    var inputEnded: Bool { connection.inputEnded }
    var isClosed: Bool { connection.isClosed }
    var isLingering: Bool { connection.isLingering }
    var deadline: UInt64? { connection.nextDeadline(service.settings.timeouts) }
    var backlogSize: Int { connection.backlogSize }
    var wantsInput: Bool { connection.wantsInput }

    /// A new client comes.
    func reconnect() {
        connection.abandon(&service.bench)
        connection = ServerConnection(at: now)
    }

    /// Sends bytes, and returns what came back; `head` names the answers that have no body.
    func ask(_ wire: [UInt8], head: Set<Int> = []) -> [Answer] {
        service.serve(&connection, Input(wire, count: wire.count), at: now)
        return takeAnswers(head)
    }

    /// Asks once, as a client of its own, with a Host; the answer is the only one.
    func ask(_ line: String, _ fields: String..., body: String = "") -> Answer {
        ask(line, fields, body: Array(body.utf8))
    }

    func ask(_ line: String, _ fields: [String], body: [UInt8]) -> Answer {
        reconnect()
        var text = "\(line) HTTP/1.1\r\nHost: h\r\n"
        for field in fields { text += field + "\r\n" }
        let isFramed = fields.contains {
            $0.hasPrefix("Content-Length") || $0.hasPrefix("Transfer-Encoding")
        }
        if !body.isEmpty && !isFramed { text += "Content-Length: \(body.count)\r\n" }
        let wire = Array((text + "\r\n").utf8) + body
        let answers = ask(wire, head: line.hasPrefix("HEAD ") ? [0] : [])
        return answers.count == 1 ? answers[0] : Answer()
    }

    /// Answers the request that waits, and serves what waited behind it.
    func answerLater(_ response: Response, head: Set<Int> = []) -> [Answer] {
        service.send(&connection, response, at: now)
        return finishTurns(head)
    }

    /// Answers the request that waits, by the steps of a loop, until nothing moves any more.
    func settle(answering response: Response, on socket: some ClientSocket) {
        service.send(&connection, response, at: now)
        while connection.hasOutput || connection.hasBacklogTurn {
            let settlement = service.settle(&connection, on: socket, at: now)
            if settlement.verdict != .stays { return }
        }
    }

    /// The same with a problem.
    func refuseLater(_ error: GatewayError) -> [Answer] {
        service.refuse(&connection, error, at: now)
        return finishTurns([])
    }

    /// Sends the last bytes of a request, and lets `use` have it in the turn that makes it whole.
    func completing(_ wire: [UInt8], _ use: (Request) -> [UInt8]) -> [UInt8] {
        var input = Input(wire, count: wire.count)
        var used: [UInt8] = []
        while true {
            switch connection.next(&input, &service.bench, at: now) {
            case .wait:
                connection.keep(input)
                return used
            case .head:
                do throws(HTTPError) {
                    try connection.admit(coding: nil, sizeMax: 1_000, &service.bench, at: now)
                } catch {
                    return used
                }
            case .request: used = use(connection.currentRequest(&service.bench))
            case .malformed: return used
            }
        }
    }

    /// The client says that it will send no more.
    func endInput() { connection.endInput(&service.bench, at: now) }

    /// The socket is gone.
    func vanish() { service.abandon(&connection, at: now) }

    /// Begins to stream the answer that is owed; returns whether its body is wanted.
    func beginStream(_ head: Response) -> Bool { service.sendStream(&connection, head, at: now) }

    func stream(_ text: String) {
        service.streamOut(&connection, Array(text.utf8), at: now)
    }

    /// Ends the stream, and serves what waited behind it; the first answer is the whole of it.
    func endStream() -> [Answer] {
        service.finishStream(&connection, at: now)
        return finishTurns([])
    }

    /// The requests that were counted since the last call, as place, status and time.
    func counted() -> [Service.Answered] {
        var all: [Service.Answered] = []
        service.takeAnswered { all.append($0) }
        return all
    }

    /// The lines of the log since the last call.
    func logged() -> String {
        var sink = TextSink()
        service.log.flush(to: &sink)
        return sink.text
    }

    /// Sends and serves until nothing moves any more, as a loop would in its next turns.
    private func finishTurns(_ head: Set<Int>) -> [Answer] {
        var wire = takeOutput()
        while connection.hasBacklogTurn {
            service.serveBacklog(&connection, at: now)
            wire += takeOutput()
        }
        if connection.wantsFinish { connection.finished(at: now) }
        return answers(in: wire, head)
    }

    func turnAway(limit: Int) -> [Answer] {
        reconnect()
        service.turnAway(&connection, limit: limit, at: now)
        return takeAnswers([])
    }

    /// Lets time pass beyond the connection's deadline.
    func wait(_ milliseconds: UInt64) -> (reason: CloseReason?, answers: [Answer]) {
        now += milliseconds
        let reason = service.expire(&connection, at: now)
        return (reason, takeAnswers([]))
    }

    private func takeAnswers(_ head: Set<Int>) -> [Answer] { answers(in: takeOutput(), head) }

    private func takeOutput() -> [UInt8] {
        let unsent = connection.output.unsent
        connection.sent(unsent.count, &service.bench, at: now)
        held += unsent
        // An answer that streams is looked at when it has ended.
        if connection.isStreaming { return [] }
        defer { held = [] }
        return held
    }

    func answers(in wire: [UInt8], _ head: Set<Int>) -> [Answer] {
        var answers: [Answer] = []
        var rest = wire[...]
        while !rest.isEmpty {
            let method: HTTP.Method = head.contains(answers.count) ? .head : .get
            var parser = ResponseParser(answering: method, limits: HTTPLimits())
            let bytes = Array(rest)
            do throws(HTTPError) {
                guard try parser.advance(over: bytes.span) else { return answers }
            } catch {
                return answers
            }
            rest = rest.dropFirst(parser.head.size)
            if parser.head.isInterim { continue }
            var answer = Answer()
            answer.status = parser.head.status
            answer.closes = !parser.head.keepsAlive
            answer.fields = parser.head.fields.map { field in
                (
                    String(decoding: bytes[field.fieldName], as: UTF8.self),
                    String(decoding: bytes[field.value], as: UTF8.self)
                )
            }
            switch parser.head.framing {
            case .length(let length):
                answer.body = Array(rest.prefix(length))
                rest = rest.dropFirst(length)
            case .chunked: rest = takeChunks(rest, into: &answer.body)
            case .none, .untilClose: break
            }
            answers.append(answer)
        }
        return answers
    }
}

/// Keeps the lines of a log.
private struct TextSink: LogSink {
    var text = ""

    mutating func write(_ bytes: ArraySlice<UInt8>) -> Bool {
        text += String(decoding: bytes, as: UTF8.self)
        return true
    }
}

/// Undoes the chunks at the front of `wire`, and returns what is behind them.
private func takeChunks(_ wire: ArraySlice<UInt8>, into body: inout [UInt8]) -> ArraySlice<UInt8> {
    let bytes = Array(wire)
    var decoder = ChunkedDecoder(limits: HTTPLimits())
    var place = 0
    do throws(HTTPError) {
        while true {
            switch try decoder.advance(over: bytes.span, from: &place) {
            case .data(let range): body += bytes[range]
            case .needMore: return []
            case .done: return wire.dropFirst(place)
            }
        }
    } catch {
        return []
    }
}

/// The members of a JSON object by name; those of objects in a list by `name.place.name`.
func members(_ json: [UInt8]) throws -> [String: String] {
    var reader = JSONReader(in: 0..<json.count)
    var members: [String: String] = [:]
    var names: [String] = []
    var places: [Int] = []
    while true {
        let token = try reader.next(json.span)
        let text = String(decoding: json[reader.text], as: UTF8.self)
        switch token {
        case .key:
            names.append(text)
        case .string, .number:
            members[names.joined(separator: ".")] = text
            names.removeLast()
        case .true, .false, .null:
            members[names.joined(separator: ".")] = "\(token)"
            names.removeLast()
        case .beginArray: places.append(0)
        case .endArray:
            places.removeLast()
            names.removeLast()
        case .beginObject:
            if let place = places.last { names.append("\(place)") }
        case .endObject:
            if let place = places.popLast() {
                places.append(place + 1)
                names.removeLast()
            }
        case .end: return members
        }
    }
}
