import CommitLog

/// How fast the keeper does what nobody waits for.
package enum KeeperPace {
    /// Bytes a second of a rewriting, so that flushes beside it stay quick.
    package static let rewriteRate = 32 << 20
    /// Between two steps of one.
    static var stepPause: UInt64 {
        UInt64(SegmentRewriter<StoredDirectory>.stepSize) * 1_000_000_000 / UInt64(rewriteRate)
    }
}
