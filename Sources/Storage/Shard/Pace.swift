/// When a shard has to do something by itself, in milliseconds of the boot-time clock.
struct Pace {
    /// Since when the log has been idle.
    var idleSince: Int?
    /// Where the newest checkpoint was taken, or asked for.
    private(set) var checkpointed: Int
    private var checkpointedAt: Int
    /// Since when there is something that no checkpoint has.
    private(set) var changedSince: Int?
    /// When partitions may have to begin later.
    var nextBegin: Int?
    var lastBegin: Int
    /// When records that are due, and found no room in the log, are tried again.
    var dueRetry: Int?
    /// A segment may be dead.
    var mayDrop = true
    /// A segment may have become worth rewriting.
    var mayRewrite = true
    /// Segments wait for checkpoints before they may go.
    var waitsForCheckpoints = false

    init(at position: Int, boot: Int) {
        checkpointed = position
        checkpointedAt = boot
        lastBegin = boot
        nextBegin = boot
    }

    /// Notes what the log has come to.
    mutating func changed(boot: Int, hasEntries: Bool, _ limits: ShardLimits) {
        guard hasEntries else { return }
        if changedSince == nil { changedSince = boot }
        nextBegin = min(nextBegin ?? .max, max(boot, lastBegin + limits.retentionPause))
    }

    mutating func askedForCheckpoint(at position: Int, boot: Int) {
        checkpointed = position
        checkpointedAt = boot
        changedSince = nil
    }

    /// When a checkpoint is due, if anything calls for one, at the latest.
    func nextCheckpoint(upTo position: Int, isHurried: Bool, _ limits: ShardLimits) -> Int? {
        if position - checkpointed >= limits.checkpointBytes { return checkpointedAt }
        if waitsForCheckpoints {
            let pause = isHurried ? limits.retryPauseMin : limits.checkpointPause
            return checkpointedAt + pause
        }
        return changedSince.map { $0 + limits.checkpointPause }
    }
}
