/// Idempotency-Keys of publishes that are appended and not committed: as many as wait for their flush.
struct PendingKeys {
    struct Key: Hashable {
        let topic: UInt32
        let hash: UInt64
    }

    /// The number of the publish that has it.
    private var publishes: [Key: Int] = [:]

    mutating func add(_ key: Key, _ publish: Int) { publishes[key] = publish }

    func publish(of key: Key) -> Int? {
        publishes.isEmpty ? nil : publishes[key]
    }

    mutating func remove(_ key: Key) { publishes[key] = nil }

    mutating func removeAll() { publishes = [:] }
}
