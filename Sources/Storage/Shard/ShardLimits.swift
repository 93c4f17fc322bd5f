package import CommitLog
import Delivery
package import Groups

/// The bounds and paces of one shard, which tests make small.
///
/// Times are milliseconds.
package struct ShardLimits: Sendable {
    package var log = LogLimits()
    package var segmentCapacity = 256 << 20
    /// Bytes of the last segment there is that only control records may take.
    package var reserveSize = 1 << 20
    /// The last rounds, as they were written.
    package var tailCacheSize = 32 << 20
    /// The last reads of what is not among those.
    package var coldCacheSize = 8 << 20
    /// Index entries in memory; half of it ends a segment early.
    package var indexSizeMax = 64 << 20
    /// Publishes that wait for the next segment, and their bytes.
    package var lineCountMax = 4_096
    package var lineSizeMax = 32 << 20
    /// Segment files, and as many index files, that are open for readers.
    package var openFilesMax = 64
    /// Bytes of batches in one answer; one batch more of each part may be in it.
    package var fetchSizeMax = 16 << 20
    /// Bytes of one read, but for an entry that is larger.
    package var readSizeMax = 512 << 10
    /// Bytes between two wanted entries that are read rather than skipped.
    package var readGapMax = 32 << 10
    package var watchCountMax = 65_536
    /// Records that wait for their time.
    package var heldCountMax = 1 << 20
    /// Records that are shown in one turn when their time has come.
    package var duePerTurnMax = 10_000
    /// Idempotency-Keys of a topic that are known.
    package var dedupKeysMax = 1_000_000
    /// Bytes of those of all topics.
    package var dedupSizeMax = 64 << 20
    /// Percent of a sealed segment that is wanted, below which it is rewritten; more where the disk fills.
    package var rewriteBelow = 20
    package var rewriteBelowWhenFilling = 80
    /// Repeats that wait for what they repeat.
    package var repeatsMax = 4_096
    /// Batches that span shards and are not over, and calls that wait for what is under way about them.
    package var spreadsMax = 4_096
    package var spreadCallsMax = 4_096
    /// Spread batches that a judge refused, and still knows.
    package var refusedMax = 65_536
    /// Partitions in one call.
    package var partsMax = 4_096

    /// For how long a judge knows at least what it refused; no gateway waits for longer.
    package var refusedTime = 600_000
    /// How long parts of a spread batch wait before their shard asks what became of it, and a decision
    /// before its shard tells those that have not said that they did as decided.
    package var spreadPatience = 15_000
    /// Between two words to shards that have not said that they did as decided, or did not answer.
    package var spreadPause = 1_000

    /// How long a log is idle before it says that its last frame is committed.
    package var commitMarkPause = 50
    /// How long a publish waits for the next segment before it is refused.
    package var linePatience = 5_000
    package var checkpointBytes = 256 << 20
    package var checkpointPause = 30_000
    package var retentionPause = 5_000
    /// Between two tries to make a file; doubled each time up to the second.
    package var retryPauseMin = 1_000
    package var retryPauseMax = 30_000

    package init() {}

    /// What a shard keeps of each group and partition.
    package var groups = GroupLimits()
    /// Calls about groups that wait for a commit.
    package var groupCallsMax = 65_536
    /// Messages in one call of settles, and items.
    package var settleMessagesMax = 100_000
    /// Records that one pull looks at in a partition, and bytes of stored batches that it reads at a time.
    package var groupLookMax = 10_000
    package var groupReadMax = 4 << 20
    /// How long a message waits for somebody who was told of it, before somebody else is.
    package var groupNewsPatience = 1_000
    /// Between two tries to put something into a log that has no room.
    package var groupRetryPause = 10
    /// Dead letters that are copied into their topic in one turn, and bytes of their messages; one always is.
    package var groupCopiesMax = 100
    package var groupCopiesSizeMax = 1 << 20
    /// Dead letters that one call shows.
    package var lettersShownMax = 1_001
    /// Between two tries to copy what found no room.
    package var groupCopyPause = 100

    var dedup: DedupLimits { DedupLimits(keysMax: dedupKeysMax, sizeMax: dedupSizeMax) }
}

/// The clocks as a driver read them.
package typealias ShardTime = Moment
