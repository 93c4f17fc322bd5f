/// A client on one connection: it sends requests, some of them before the last answer, and reads what
/// it gets.
final class BrokerClient {
    let wire: SimulatedWire
    let isSlow: Bool
    private(set) var hasVanished = false
    /// Sent and not answered.
    private(set) var open: [BrokerRequest] = []
    /// How much was read of what the server wrote.
    private var place = 0
    var requestsLeft: Int
    /// What it reads, if it reads.
    let chain: BrokerChain?

    init(_ wire: SimulatedWire, requests: Int, isSlow: Bool, chain: BrokerChain? = nil) {
        self.chain = chain
        self.wire = wire
        self.isSlow = isSlow
        requestsLeft = requests
    }

    var isWaiting: Bool { !hasVanished && !open.isEmpty }

    func send(_ request: BrokerRequest) {
        open.append(request)
        wire.deliver(request.wire[...])
    }

    func vanish() {
        hasVanished = true
        wire.vanish()
    }

    /// Reads the next answer that is there as a whole; `all` counts what the kernels still hold.
    func nextAnswer(
        all: Bool = false
    ) -> (request: BrokerRequest, answer: BrokerAnswer)?? {
        let end = wire.wrote.count - (all ? 0 : wire.waiting)
        guard place < end else { return nil }
        switch BrokerAnswer.read(wire.wrote[place..<end]) {
        case .more: return nil
        case .broken: return .some(nil)
        case .whole(let answer, let size):
            place += size
            if open.isEmpty { return .some(nil) }
            return (open.removeFirst(), answer)
        }
    }
}
