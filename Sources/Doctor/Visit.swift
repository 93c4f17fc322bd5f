import Bytes
import HTTP
import Kernel
import Reactor
package import Settings

/// Asks a server all questions and returns the judgement, at the latest when the time is over.
package func examine(_ url: ServerURL, timeout: Duration) -> Report {
    var examination = Examination(of: url.description)
    var visit = Visit(to: url, timeout: timeout)
    while let question = examination.next {
        do throws(VisitError) {
            examination.take(try visit.ask(question))
        } catch {
            examination.take(error)
        }
    }
    return examination.report
}

/// One connection at a time, kept as long as the server keeps it, and one deadline over everything.
struct Visit: ~Copyable {
    /// What this product answers to the questions is far smaller.
    static let bodySizeMax = 64 << 10

    private let url: ServerURL
    private let deadline: UInt64
    private var addresses: [SocketAddress] = []
    private var stream: Stream?
    /// Whether `stream` has carried an answer.
    private var isUsed = false
    private var inbox = [UInt8](repeating: 0, count: 16 << 10)

    init(to url: ServerURL, timeout: Duration) {
        self.url = url
        let now = BootClock.nanoseconds()
        deadline = now.addingReportingOverflow(timeout.nanoseconds).partialValue
        stream = nil
    }

    private var millisecondsLeft: Int32 {
        let now = BootClock.nanoseconds()
        return now >= deadline ? 0 : Int32(clamping: (deadline - now) / 1_000_000 + 1)
    }

    private func checkTime() throws(VisitError) {
        if BootClock.nanoseconds() >= deadline { throw .timedOut }
    }

    mutating func ask(_ question: Question) throws(VisitError) -> Answer {
        do throws(VisitError) {
            return try askOnce(question)
        } catch {
            // A server may close a connection that it has kept at any time, and the questions
            // change nothing: they can be asked again.
            guard error == .cutShort, isUsed else { throw error }
            disconnect()
            return try askOnce(question)
        }
    }

    private mutating func askOnce(_ question: Question) throws(VisitError) -> Answer {
        try connect()
        let started = BootClock.nanoseconds()
        try send(try request(question))
        var exchange = ClientExchange(
            .get, limits: HTTPLimits(), bodySizeMax: Self.bodySizeMax)
        let body = try read(&exchange)
        let answer = Answer(
            exchange, body: body, clock: WallClock.now(),
            nanoseconds: BootClock.nanoseconds() - started, isOnKeptConnection: isUsed)
        isUsed = true
        if !exchange.mayReuse { disconnect() }
        return answer
    }

    private func request(_ question: Question) throws(VisitError) -> [UInt8] {
        do throws(HTTPError) {
            return try question.request(to: url.authority)
        } catch {
            preconditionFailure("a URL that was checked has a host: \(error)")
        }
    }

    // MARK: The connection

    private mutating func disconnect() {
        stream = nil
        isUsed = false
    }

    /// Connects to the first address that takes it.
    private mutating func connect() throws(VisitError) {
        if stream != nil { return }
        if addresses.isEmpty { addresses = try lookUp(url, milliseconds: millisecondsLeft) }
        var problem = VisitError.timedOut
        for address in addresses {
            try checkTime()
            do throws(KernelError) {
                stream = try Stream(connectingTo: address, milliseconds: millisecondsLeft)
                addresses = [address]
                return
            } catch {
                problem = .noConnection(address: address.description, reason: error.reason)
            }
        }
        throw problem
    }

    private func send(_ bytes: [UInt8]) throws(VisitError) {
        var sent = 0
        while sent < bytes.count {
            try checkTime()
            switch stream?.send(bytes, from: sent) {
            case .bytes(let count): sent += count
            case .wouldBlock:
                try wait { stream, time throws(KernelError) in
                    try stream.waitsForOutput(milliseconds: time)
                }
            case .broken, nil: throw .cutShort
            }
        }
    }

    private mutating func read(_ exchange: inout ClientExchange) throws(VisitError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            try checkTime()
            switch stream?.receive(into: &inbox) {
            case .bytes(let count):
                exchange.feed(inbox[..<count])
                if try take(&exchange, &body) { return body }
            case .ended:
                guard exchange.endInput() else { throw .cutShort }
                return body
            case .wouldBlock:
                try wait { stream, time throws(KernelError) in
                    try stream.waitsForInput(milliseconds: time)
                }
            case .broken, nil: throw .cutShort
            }
        }
    }

    /// Takes all that the bytes so far show; true once the answer is whole.
    private func take(
        _ exchange: inout ClientExchange, _ body: inout [UInt8]
    ) throws(VisitError) -> Bool {
        do throws(HTTPError) {
            while true {
                switch try exchange.next() {
                case .head: break
                case .body(let range): body.append(contentsOf: exchange.input[range])
                case .needMore: return false
                case .done: return true
                }
            }
        } catch {
            throw .notHTTP(error)
        }
    }

    private func wait(
        _ body: (borrowing Stream, Int32) throws(KernelError) -> Bool
    ) throws(VisitError) {
        do throws(KernelError) {
            switch stream {
            case .some(let stream): _ = try body(stream, millisecondsLeft)
            case .none: preconditionFailure("only an open connection is waited for")
            }
        } catch {
            throw .local(reason: error.description)
        }
    }
}
