/// So many thousandths a second, exactly, and a tenth of a second's worth at once, or one.
struct Pace: Sendable {
    /// What may go, in millionths: a rate adds its number of them each millisecond.
    private var millionths = 0
    private var refilled: Int?

    private static let one = 1_000_000
    /// Higher ones are as good as none.
    private static let rateMax = 1 << 40

    init() {}

    /// A rate in whole ones a second.
    static func thousandths(_ rate: Int) -> Int { min(rate, rateMax) * 1_000 }

    /// What may go at `now`, by the machine's clock.
    mutating func free(_ rate: Int, at now: Int) -> Int {
        let most = max(min(rate, Int.max / 200) * 100, Self.one) + Self.one - 1
        if let refilled {
            let (more, isTooMuch) = max(now - refilled, 0).multipliedReportingOverflow(by: rate)
            millionths = isTooMuch || more >= most ? most : min(most, millionths + more)
        } else {
            millionths = most
        }
        refilled = max(now, refilled ?? now)
        return max(millionths / Self.one, 0)
    }

    mutating func take(_ count: Int) {
        millionths -= count * Self.one
    }

    /// When the next may go; nil if it may go now, or never.
    func next(_ rate: Int, at now: Int) -> Int? {
        guard rate > 0, let refilled, millionths < Self.one else { return nil }
        let missing = Self.one - millionths
        return max(now, refilled + missing / rate + (missing % rate == 0 ? 0 : 1))
    }
}
