import Wire

/// How many messages each partition of a pull may give, by its weight and by what it has.
struct GrantShares {
    /// More are never asked for at once; and a weight beyond it is as much.
    static let messagesMax = 1 << 20
    private var shares: [Int]

    init(_ pull: GroupPull, available: [Int]) {
        shares = Array(repeating: 0, count: pull.parts.count)
        let weights = pull.parts.map { min(max($0.weight, 1), Self.messagesMax) }
        var left = min(max(pull.messagesMax, 0), Self.messagesMax)
        var open = Array(pull.parts.indices)
        // What has less than its share leaves the rest to the others, until all are served or all is
        // given away; each round serves one at least, or ends.
        while left > 0, !open.isEmpty {
            let weight = open.reduce(0) { $0 + weights[$1] }
            var given = 0
            for index in open {
                let share = max(left * weights[index] / weight, 1)
                let wanted = max(available[index] - shares[index], 0)
                let part = min(share, wanted, left - given)
                shares[index] += part
                given += part
            }
            left -= given
            open.removeAll { shares[$0] >= available[$0] }
            if given == 0 { break }
        }
        // Where nothing seems to be, one look costs nothing.
        for index in shares.indices { shares[index] = max(shares[index], 1) }
    }

    subscript(index: Int) -> Int { shares[index] }
}
