import Wire

/// Spread batches that a judge refused, so that a part which comes late is refused, too.
///
/// Whoever refuses asks `hasRoom` first: what is forgotten is older than any part that may still come.
struct RefusedSpreads: Equatable, Sendable {
    struct Refusal: Equatable {
        let spread: SpreadID
        let logTime: Int
    }

    private let countMax: Int
    private var known: Set<SpreadID> = []
    /// The oldest first; those before `first` are forgotten.
    private var queue: [Refusal] = []
    private var first = 0

    init(countMax: Int) { self.countMax = countMax }

    var inOrder: ArraySlice<Refusal> { queue[first...] }

    func contains(_ spread: SpreadID) -> Bool { known.contains(spread) }

    /// Whether one more makes nothing be forgotten that is not older than `age`.
    func hasRoom(at logTime: Int, age: Int) -> Bool {
        guard known.count >= countMax, let oldest = inOrder.first else { return true }
        return logTime - oldest.logTime >= age
    }

    mutating func insert(_ spread: SpreadID, logTime: Int) {
        guard known.insert(spread).inserted else { return }
        queue.append(Refusal(spread: spread, logTime: logTime))
        guard known.count > countMax else { return }
        known.remove(queue[first].spread)
        first += 1
        if 2 * first > queue.count {
            queue.removeFirst(first)
            first = 0
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.inOrder == right.inOrder }
}
