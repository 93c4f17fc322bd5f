// How a loop gets to know how full the disk is: it asks the keeper, while somebody calls.

import Coordination

extension LocalStorage {
    /// Between two looks at the disk, in milliseconds.
    static var lookPause: Int { 5_000 }
    /// The same while publishes are refused.
    static var hurriedLookPause: Int { 1_000 }

    /// Asks for a look, at a bounded pace; where nobody calls, nobody looks.
    func lookAtDisk(at boot: Int) {
        guard wasCalled, !isLooking else { return }
        let pause = disk < .full ? Self.lookPause : Self.hurriedLookPause
        if let lookedAt, boot - lookedAt < pause { return }
        (wasCalled, isLooking, lookedAt) = (false, true, boot)
        orders.append(KeeperOrder(loop: UInt16(loop), .look))
    }

    /// Notes what the keeper found.
    func hear(_ level: DiskLevel) {
        (disk, isLooking) = (level, false)
        for shard in shards.values { shard.owner.hear(level) }
        coordinator?.owner.isDiskFull = level >= .full
    }
}
