package import CommitLog
package import Kernel
package import Reactor
package import Wire

/// What one loop has for another in one turn: one post, and so one wake-up.
package struct StorageParcel: Sendable {
    package var from: UInt16
    package var calls: [StorageCall] = []
    package var replies: [StorageReply] = []
    package var news: [CoordinatorNews] = []
    /// From shards to shards.
    var posts: [SpreadPost] = []
    package var reports: [(log: LogName, report: ChoreReport)] = []
    /// From flushers.
    var flushes: [FlushReport] = []
    /// How full the disk is, from who has looked.
    package var disk: DiskLevel?

    init(from loop: Int) { from = UInt16(loop) }

    var isEmpty: Bool {
        calls.isEmpty && replies.isEmpty && news.isEmpty && reports.isEmpty && posts.isEmpty
            && flushes.isEmpty && disk == nil
    }
}

/// Work on its way to the keeper.
package struct KeeperOrder: Sendable {
    package enum Task: Sendable {
        case chore(Chore, of: LogName)
        /// Only looks how full the disk is, as happens behind each chore, too.
        case look
    }

    package let loop: UInt16
    package let task: Task

    init(loop: UInt16, _ task: Task) {
        self.loop = loop
        self.task = task
    }
}

/// Which loop has which shard, and the way to each; all threads have the same one.
package final class Switchboard: Sendable {
    /// Parcels that wait for one loop.
    ///
    /// What finds no room stays with its sender for the next turn.
    package static let parcelsMax = 4_096
    /// Chores that wait for the keeper, likewise.
    package static let ordersMax = 1_024

    package let loopCount: Int
    package let shardCount: Int
    let parcels: [Mailbox<StorageParcel>]
    package let orders: Mailbox<KeeperOrder>

    package init(loops: Int, shards: Int) throws(KernelError) {
        precondition(loops > 0 && loops <= Int(UInt16.max) && shards > 0)
        loopCount = loops
        shardCount = shards
        var parcels: [Mailbox<StorageParcel>] = []
        for _ in 0..<loops { parcels.append(try Mailbox(limit: Self.parcelsMax)) }
        self.parcels = parcels
        orders = try Mailbox(limit: Self.ordersMax)
    }

    /// The loop that owns a shard.
    package func owner(of shard: UInt16) -> Int { Int(shard) % loopCount }

    /// The shards of a loop.
    package func shards(of loop: Int) -> [UInt16] {
        stride(from: loop, to: shardCount, by: loopCount).map { UInt16($0) }
    }

    /// The loop that owns the coordinator.
    package static let coordinatorLoop = 0
}
