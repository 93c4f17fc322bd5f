import HTTP
import Kernel

/// One connection of a bench: a request that is being sent, or an answer that is being read.
final class BenchConnection {
    enum Sent { case all, more, broken }
    enum Received: Equatable { case nothing, answer(status: Int), broken }

    private var stream: Stream?
    private var request: [UInt8] = []
    private var sent = 0
    private var wantsOutput = false
    private var exchange: ClientExchange?
    private(set) var sentAt: UInt64 = 0
    var isWarm = false
    private(set) var isOpen = true

    init(_ stream: consuming Stream) {
        self.stream = consume stream
    }

    func begin(_ request: [UInt8], at now: UInt64) {
        self.request = request
        sent = 0
        sentAt = now
        let method: Method = request.first == UInt8(ascii: "P") ? .post : .get
        exchange = ClientExchange(
            method, limits: HTTPLimits(), bodySizeMax: BenchThread.answerSizeMax)
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
        exchange?.feed(bytes)
        do throws(HTTPError) {
            while true {
                switch try exchange?.next() {
                case .head, .body: continue
                case .needMore: return .nothing
                case .done:
                    guard let exchange, exchange.mayReuse else { return .broken }
                    return .answer(status: exchange.head.status)
                case nil: return .broken
                }
            }
        } catch {
            return .broken
        }
    }

    func close() {
        isOpen = false
        stream = nil
    }
}
