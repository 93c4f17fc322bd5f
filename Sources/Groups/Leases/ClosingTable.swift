/// A decision about messages that is on its way into the log.
struct Closing: Equatable, Sendable {
    enum Kind: Sendable {
        case acked, failed, dead, expired
    }

    var kind: Kind
    /// Whose lease it was.
    var generation: LeaseGeneration?
    var key: UInt32?
}

/// The messages that are closing, of which many share a decision.
struct ClosingTable: Sendable {
    private struct Shared: Sendable {
        var closing: Closing
        /// The messages that it is about.
        var count: Int
    }

    private var pages = OffsetPages()
    /// By their numbers less 1.
    private var decisions: [Shared] = []
    private var vacant: [UInt32] = []

    init() {}

    var count: Int { pages.count }

    subscript(offset: Int) -> Closing? {
        let number = pages[offset]
        return number == 0 ? nil : decisions[Int(number) - 1].closing
    }

    /// Notes a decision about messages in a row, whatever was decided about them before.
    mutating func insert(_ run: Range<Int>, _ closing: Closing) {
        if run.isEmpty { return }
        if pages.front(of: run, with: 0) != run { remove(run) }
        let shared = Shared(closing: closing, count: run.count)
        if let number = vacant.popLast() {
            decisions[Int(number) - 1] = shared
            pages.set(run, to: number)
        } else {
            decisions.append(shared)
            pages.set(run, to: UInt32(decisions.count))
        }
    }

    mutating func insert(_ offset: Int, _ closing: Closing) {
        insert(offset..<offset + 1, closing)
    }

    mutating func remove(_ run: Range<Int>) {
        for (offsets, number) in pages.runs(in: run) { remove(offsets, of: number) }
    }

    mutating func remove(_ offset: Int) {
        let number = pages[offset]
        if number != 0 { remove(offset..<offset + 1, of: number) }
    }

    private mutating func remove(_ run: Range<Int>, of number: UInt32) {
        pages.set(run, to: 0)
        decisions[Int(number) - 1].count -= run.count
        if decisions[Int(number) - 1].count == 0 { vacant.append(number) }
    }

    /// What is decided about messages of a range, in order.
    func all(in range: Range<Int>) -> [(offsets: Range<Int>, closing: Closing)] {
        pages.runs(in: range).map { ($0.offsets, decisions[Int($0.number) - 1].closing) }
    }
}
