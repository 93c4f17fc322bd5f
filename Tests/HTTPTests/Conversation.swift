import HTTP
import Testing

/// One connection with a small service behind it, driven as a loop drives it.
///
/// The service echoes. What it does otherwise stands in the path: `/refuse` is refused by its head,
/// `/close` ends the connection, `/later` is answered when the test says so, perhaps as a stream,
/// and `/large` gets `largeSize` bytes.
final class Conversation {
    static let largeSize = 100_000

    private var bench: HTTPBench
    private var connection: ServerConnection
    private let timeouts: HTTPTimeouts
    var now: UInt64 = 1_000_000
    /// The most that the client's side takes at once; nil is all.
    var takes: Int?
    var bodySizeMax = 200_000
    /// What was acted on, in order.
    private(set) var acted: [String] = []
    /// All that the client got.
    private(set) var wire: [UInt8] = []
    /// The methods of the answers, in order.
    private var methods: [HTTP.Method] = []
    private(set) var reason: CloseReason?
    private var hasFinished = false

    init(limits: HTTPLimits = HTTPLimits(), timeouts: HTTPTimeouts = HTTPTimeouts()) {
        self.timeouts = timeouts
        bench = HTTPBench(limits: limits, timeouts: timeouts, seed: 1)
        connection = ServerConnection(at: now)
    }

    // MARK: What the client does

    func feed(_ text: String) { feed(bytes(text)) }

    func feed(_ bytes: [UInt8], cuts: [Int]) {
        var start = 0
        for end in cuts + [bytes.count] {
            feed(Array(bytes[start..<end]))
            start = end
        }
    }

    /// Hands over one read, unless the connection is closed or does not want it.
    func feed(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !connection.isClosed else { return }
        #expect(wantsInput, "bytes are only read when they are wanted")
        serve(Input(bytes, count: bytes.count))
        settle()
    }

    /// The client says that it will send no more.
    func finish() {
        if connection.isClosed { return }
        connection.endInput(&bench, at: now)
        settle()
    }

    /// Lets the client take what waits for it, `takes` bytes at once, until nothing moves any more.
    func drain() {
        while connection.hasOutput || connection.hasBacklogTurn { settle() }
        settle()
    }

    /// Lets the client take `takes` bytes.
    func takeOnce() { settle() }

    /// Lets time pass, and the deadlines with it.
    func wait(_ milliseconds: UInt64) {
        let end = now + milliseconds
        while !connection.isClosed, let due = connection.nextDeadline(timeouts), due <= end {
            now = max(now, due)
            expire()
        }
        now = end
    }

    /// The socket is gone.
    func abandon() { connection.abandon(&bench) }

    func change(limits: HTTPLimits) { bench.change(limits: limits, timeouts: timeouts) }

    /// Answers the request that waits.
    func answerLater() {
        answer()
        settle()
    }

    /// Begins to answer the request that waits; returns whether its body is wanted.
    func beginStream(status: HTTPStatus = .ok, closes: Bool = false) -> Bool {
        methods.append(connection.currentRequest(&bench).method)
        var head = Response(status)
        head.add("Content-Type", "text/plain")
        head.closes = closes
        defer { settle() }
        return connection.beginStream(head, &bench, at: now)
    }

    func stream(_ text: String) {
        connection.stream(bytes(text), &bench, at: now)
        settle()
    }

    func endStream(closes: Bool = false) {
        connection.endStream(closes: closes, &bench, at: now)
        settle()
    }

    // MARK: What the test sees

    var wantsInput: Bool { connection.wantsInput }
    var isClosed: Bool { connection.isClosed }
    var isLingering: Bool { connection.isLingering }
    var hasOutput: Bool { connection.hasOutput }
    var hasBacklogTurn: Bool { connection.hasBacklogTurn }
    var isStreaming: Bool { connection.isStreaming }
    var streamedSize: Int { connection.streamedSize }
    var unsentSize: Int { connection.unsentSize }
    var takesMore: Bool { connection.takesMore }
    var inputEnded: Bool { connection.inputEnded }
    var request: Request? { connection.request }
    var hasRequest: Bool { connection.request != nil }
    /// The bytes that the connection holds for the client, sent or not.
    var outputSize: Int { connection.output.bytes.count + connection.output.shared.count }
    var deadline: UInt64? { connection.nextDeadline(timeouts) }

    /// Whether the server has said that it sends no more.
    var hasEnded: Bool { hasFinished || connection.isClosed }

    /// `100 Continue` lines that were sent.
    var continues: Int {
        let line = bytes("HTTP/1.1 100 Continue\r\n\r\n")
        return wire.indices.count { wire[$0...].starts(with: line) }
    }

    /// The answers, each as its status, its body and whether it says that it is the last one; then
    /// what became of the connection.
    func transcript() -> String {
        var words: [String] = []
        var rest = wire[...]
        for method in methods {
            var exchange = ClientExchange(method, limits: HTTPLimits(), bodySizeMax: 1 << 20)
            exchange.feed(rest)
            guard let (answer, size) = summary(&exchange) else {
                words.append("unreadable")
                break
            }
            words.append(answer)
            rest = rest.dropFirst(size)
        }
        if !rest.isEmpty { words.append("\(rest.count) bytes nobody asked for") }
        words.append(hasEnded ? "ended" : "open")
        return words.joined(separator: ", ")
    }

    private func summary(_ exchange: inout ClientExchange) -> (String, Int)? {
        var body: [UInt8] = []
        do throws(HTTPError) {
            while true {
                switch try exchange.next() {
                case .head: break
                case .body(let range): body += exchange.input[range]
                case .needMore:
                    if hasEnded, exchange.endInput() { continue }
                    return nil
                case .done:
                    let text =
                        body.count > 200
                        ? "\(body.count) bytes" : String(decoding: body, as: UTF8.self)
                    let words = [
                        "\(exchange.head.status)", text, exchange.head.keepsAlive ? "" : "close",
                    ]
                    return (
                        words.filter { !$0.isEmpty }.joined(separator: " "), exchange.position
                    )
                }
            }
        } catch {
            return nil
        }
    }

    // MARK: The service

    private func serve(_ bytes: consuming Input) {
        while true {
            switch connection.next(&bytes, &bench, at: now) {
            case .wait: return connection.keep(bytes)
            case .head: admit()
            case .request:
                if connection.request?.path?.hasPrefix("/later") != true { answer() }
            case .malformed(let error):
                refuse("\(error)", closes: !error.keepsFraming, isRequest: false)
            }
        }
    }

    private func admit() {
        let request = connection.currentRequest(&bench)
        if request.path?.hasPrefix("/refuse") == true {
            return refuse("refused", closes: false, isRequest: true)
        }
        var coding: ContentCoding?
        if case .coded(let named) = request.contentEncoding { coding = named }
        do throws(HTTPError) {
            try connection.admit(coding: coding, sizeMax: bodySizeMax, &bench, at: now)
        } catch {
            refuse("\(error)", closes: true, isRequest: true)
        }
    }

    private func answer() {
        let request = connection.currentRequest(&bench)
        let method = String(decoding: request.source[request.methodRange], as: UTF8.self)
        let path = request.path ?? ""
        let body = request.body
        let text = body.count > 200 ? "\(body.count) bytes" : String(decoding: body, as: UTF8.self)
        let words = [method, path, text].filter { !$0.isEmpty }.joined(separator: " ")
        acted.append(words)
        var response = Response(.ok)
        response.setBody(
            path == "/large" ? [UInt8](repeating: 0x61, count: Self.largeSize) : bytes(words))
        response.closes = path == "/close"
        methods.append(request.method)
        connection.answer(response, &bench, at: now)
    }

    private func refuse(_ why: String, closes: Bool, isRequest: Bool) {
        let request = connection.currentRequest(&bench)
        var response = Response(isRequest && !closes ? .notFound : .badRequest)
        response.setBody(bytes(why))
        response.closes = closes
        methods.append(isRequest ? request.method : .get)
        connection.answer(response, &bench, at: now)
    }

    // MARK: The driver

    private func settle() {
        if connection.hasOutput {
            let rest = connection.output.pending
            let count = min(rest, takes ?? rest)
            wire += connection.output.unsent.prefix(count)
            connection.sent(count, &bench, at: now)
        }
        if let input = connection.takeBacklog() { serve(input) }
        if connection.wantsFinish {
            hasFinished = true
            connection.finished(at: now)
        }
        if connection.hasBacklogTurn || connection.hasOutput && takes == nil { settle() }
    }

    private func expire() {
        switch connection.expire(at: now, timeouts) {
        case .nothing: break
        case .slowRequest: refuse("slow", closes: true, isRequest: false)
        case .close(let reason):
            self.reason = reason
            connection.abandon(&bench)
        }
        if !connection.isClosed { settle() }
    }
}

/// A request in HTTP/1.1 with a Host.
func request(_ line: String, _ fields: String..., body: String = "") -> String {
    let lines = fields.map { $0 + "\r\n" }.joined()
    let length =
        body.isEmpty || lines.contains("chunked") ? "" : "Content-Length: \(body.utf8.count)\r\n"
    return "\(line) HTTP/1.1\r\nHost: h\r\n\(lines)\(length)\r\n\(body)"
}
