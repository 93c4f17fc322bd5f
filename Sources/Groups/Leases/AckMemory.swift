/// The last acks and whose they were, and what was settled by nobody's ack, so that a late one hears the
/// truth; what is forgotten is taken for the client's own.
struct AckMemory: Sendable {
    private struct Ack: Sendable {
        var offsets: Range<Int>
        let generation: LeaseGeneration
    }

    private let countMax: Int
    /// A ring: the newest stands before `next`.
    private var acks: [Ack] = []
    private var next = 0

    init(countMax: Int) {
        self.countMax = max(countMax, 1)
    }

    mutating func note(_ offset: Int, by generation: LeaseGeneration) {
        note(offset..<offset + 1, by: generation)
    }

    mutating func note(_ run: Range<Int>, by generation: LeaseGeneration) {
        let newest = next == 0 ? acks.count - 1 : next - 1
        if newest >= 0, acks[newest].generation == generation,
            acks[newest].offsets.upperBound == run.lowerBound
        {
            acks[newest].offsets = acks[newest].offsets.lowerBound..<run.upperBound
            return
        }
        let ack = Ack(offsets: run, generation: generation)
        if acks.count < countMax { acks.append(ack) } else { acks[next] = ack }
        next = (next + 1) % countMax
    }

    /// Who acked last, if that is remembered.
    func acker(of offset: Int) -> LeaseGeneration? {
        for step in 1...max(acks.count, 1) where !acks.isEmpty {
            let ack = acks[(next - step + 2 * acks.count) % acks.count]
            if ack.offsets.contains(offset) { return ack.generation }
        }
        return nil
    }

    mutating func forget() {
        acks = []
        next = 0
    }
}
