/// Messages that one pull got.
struct LeasedTogether: Sendable {
    let generation: LeaseGeneration
    /// In the order of their offsets.
    let messages: [Waiting]
    let holder: Holder
    let pull: UInt64?
    let deadline: Int
    /// The deadlines of messages that got a later one.
    var extended: [Int: Int] = [:]
    /// Those that are still out.
    var count: Int

    func message(at offset: Int) -> Waiting? {
        var (low, high) = (0, messages.count)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].offset >= offset { high = middle } else { low = middle + 1 }
        }
        return low < messages.count && messages[low].offset == offset ? messages[low] : nil
    }

    func deadline(of offset: Int) -> Int { extended[offset] ?? deadline }
}
