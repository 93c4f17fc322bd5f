import CommitLog

extension Shard: LogOwner {
    package var hasWaitingRound: Bool { !isReadOnly && (!log.isIdle || groups.hasWork) }
}
