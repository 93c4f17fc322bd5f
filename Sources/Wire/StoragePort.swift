/// A call on its way to storage, and its answer on the way back.
package struct StorageCall: Sendable {
    package enum Content: Sendable {
        case shard(UInt16, ShardCall)
        case coordinator(CoordinatorCall)
    }

    /// Chosen by who calls, and given back with the answer.
    package let ticket: UInt64
    package let content: Content

    package init(ticket: UInt64, _ content: Content) {
        self.ticket = ticket
        self.content = content
    }
}

package enum StorageReply: Sendable {
    case shard(ticket: UInt64, ShardAnswer)
    case coordinator(ticket: UInt64, CoordinatorAnswer)
    /// Comes without being asked for.
    case news(CoordinatorNews)
}

/// A gateway loop's way to the storage tier: the same whether that lives in this thread, in another
/// one, or in another process.
package protocol StoragePort: AnyObject {
    /// The shards there are.
    var shardCount: Int { get }
    /// A shard whose answers come without another thread, if there is one.
    var nearShard: UInt16? { get }

    /// Takes a call; its answer comes out of a later `turn`.
    func send(_ call: StorageCall)

    /// Does what storage has to do in this thread's turn, and returns what came back.
    func turn(at nanoseconds: UInt64) -> [StorageReply]

    /// What the shards of this thread have done.
    var counts: StorageCounts { get }

    /// Whether `turn` has to be called again at once.
    var isBusy: Bool { get }

    /// Whether the disk of a log failed, which ends the process: nothing of it is confirmed any more.
    var isBroken: Bool { get }

    /// Whether nothing is on its way to a disk that a later `turn` would hear of: until then the process
    /// may not end, since what is confirmed before its flush would be lost.
    var isAtRest: Bool { get }

    /// Notes that the loop heard the bell of the port, if it has one.
    func hearMail()

    /// When `turn` has to be called at the latest, if there is such a time, in milliseconds of the
    /// loop's clock.
    var nextDeadline: UInt64? { get }
}

extension StoragePort {
    package var counts: StorageCounts { StorageCounts() }
    package var isBusy: Bool { false }
    package var isBroken: Bool { false }
    package var isAtRest: Bool { true }
    package func hearMail() {}
}
