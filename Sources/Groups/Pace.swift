/// So many a second, exactly, and a tenth of a second's worth at once, or one.
struct Pace: Sendable {
    private var thousandths = 0
    private var refilled: Int?

    init() {}

    /// What may go at `now`, by the machine's clock.
    mutating func free(_ rate: Int, at now: Int) -> Int {
        let most = max(min(rate, Int.max / 200) * 100, 1_000) + 999
        if let refilled {
            let (more, isTooMuch) = max(now - refilled, 0).multipliedReportingOverflow(by: rate)
            thousandths = isTooMuch || more >= most ? most : min(most, thousandths + more)
        } else {
            thousandths = most
        }
        refilled = max(now, refilled ?? now)
        return max(thousandths / 1_000, 0)
    }

    mutating func take(_ count: Int) {
        thousandths -= count * 1_000
    }

    /// When the next may go; nil if it may go now, or never.
    func next(_ rate: Int, at now: Int) -> Int? {
        guard rate > 0, let refilled, thousandths < 1_000 else { return nil }
        return max(now, refilled + (1_000 - thousandths + rate - 1) / rate)
    }
}
