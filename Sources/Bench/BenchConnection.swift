import HTTP
import Kernel

/// One connection of a bench: a request that is being sent, or an answer that is being read.
///
/// All memory is kept from one exchange to the next: asking and being answered allocates nothing.
final class BenchConnection {
    enum Sent { case all, more, broken }
    enum Received: Equatable { case nothing, answer(status: Int), broken }

    private var stream: Stream?
    private var request: [UInt8] = []
    private var sent = 0
    private var wantsOutput = false
    private var exchange = ClientExchange(
        .get, limits: HTTPLimits(), bodySizeMax: BenchThread.answerSizeMax)
    private var hasAsked = false
    private let keepsBody: Bool
    /// Of the answer that was received last, where bodies are kept.
    private(set) var body: [UInt8] = []
    private(set) var sentAt: UInt64 = 0
    var isWarm = false
    private(set) var isOpen = true

    init(_ stream: consuming Stream, keepsBody: Bool) {
        self.stream = consume stream
        self.keepsBody = keepsBody
    }

    /// Begins to ask for what `write` makes of the memory of the last request.
    func ask(at now: UInt64, _ write: (inout [UInt8]) -> Void) {
        write(&request)
        sent = 0
        sentAt = now
        body.removeAll(keepingCapacity: true)
        let method: Method = request.first == UInt8(ascii: "P") ? .post : .get
        if hasAsked {
            exchange.restart(method)
        } else {
            exchange = ClientExchange(
                method, limits: HTTPLimits(), bodySizeMax: BenchThread.answerSizeMax)
        }
        hasAsked = true
    }

    func send() -> Sent {
        while sent < request.count {
            switch stream?.send(request, from: sent) {
            case .bytes(let count): sent += count
            case .wouldBlock: return .more
            case .broken, nil: return .broken
            }
        }
        return .all
    }

    /// Hears of room for output only while some of the request is unsent.
    func want(
        output: Bool, in poller: borrowing Poller, tag: UInt64
    ) throws(KernelError) {
        guard output != wantsOutput else { return }
        wantsOutput = output
        let interest = Interest(input: true, output: output)
        switch stream {
        case .some(let stream): try poller.change(stream, to: interest, tag: tag)
        case .none: return
        }
    }

    func receive(_ inbox: inout [UInt8]) -> Received {
        switch stream?.receive(into: &inbox) {
        case .bytes(let count): return take(inbox[..<count])
        case .wouldBlock: return .nothing
        case .ended, .broken, nil: return .broken
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>) -> Received {
        exchange.feed(bytes)
        do throws(HTTPError) {
            while true {
                switch try exchange.next() {
                case .head: continue
                case .body(let range):
                    if keepsBody { body.append(contentsOf: exchange.input[range]) }
                case .needMore: return .nothing
                case .done:
                    guard exchange.mayReuse else { return .broken }
                    return .answer(status: exchange.head.status)
                }
            }
        } catch {
            return .broken
        }
    }

    /// The value of a field of the answer; `name` is in small letters.
    func field(_ name: [UInt8]) -> ArraySlice<UInt8>? {
        let bytes = exchange.headBytes
        for line in exchange.head.fields where line.fieldName.count == name.count {
            if zip(bytes[line.fieldName], name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) {
                return bytes[line.value]
            }
        }
        return nil
    }

    func close() {
        isOpen = false
        stream = nil
    }
}
