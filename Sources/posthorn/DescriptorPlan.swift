import Gateway
import Storage

/// Who may open how many descriptors: files of the logs come first, clients get the rest.
///
/// A log that cannot open its file can confirm nothing more, so no crowd of clients may take what it
/// needs.
struct DescriptorPlan: Equatable {
    /// The standard streams, the lock, signals, and what the main thread and the keeper have open.
    static let processNeeds = 16
    /// Its listener, its poller, its two bells, and a connection that is just being accepted.
    static let loopNeeds = 6
    /// Its directories, the segment that is written to, and what a start reads.
    static let logNeeds = 5
    /// Shares of all that rooms may use up to their own bounds: one in so many.
    static let share = 32

    /// Segment files, and as many index files, that a shard keeps open for readers.
    let openFilesMax: Int
    /// Clients of a loop that are being told that they are too many.
    let turnedAwayMax: Int
    /// What is left for clients; none if that is not even one.
    let connectionsMax: Int

    /// Divides `total` descriptors between `loops` loops and the logs of `shards` shards.
    init(total: Int, loops: Int, shards: Int) {
        openFilesMax = min(max(2, total / Self.share / shards), ShardLimits().openFilesMax)
        turnedAwayMax = min(max(1, total / Self.share / loops), GatewaySettings().turnedAwayMax)
        connectionsMax = total - Self.needs(loops, shards, openFilesMax, turnedAwayMax)
    }

    /// The smallest total with which one client can be served.
    static func totalMin(loops: Int, shards: Int) -> Int {
        var total = needs(loops, shards, 2, 1) + 1
        // More descriptors have larger shares.
        while DescriptorPlan(total: total, loops: loops, shards: shards).connectionsMax < 1 {
            total += 1
        }
        return total
    }

    private static func needs(
        _ loops: Int, _ shards: Int, _ openFiles: Int, _ turnedAway: Int
    ) -> Int {
        let logs = shards + 1  // One of them is the coordinator's.
        return processNeeds + loops * (loopNeeds + turnedAway) + logs * logNeeds
            + shards * 2 * openFiles
    }
}
