package import Records

/// What is wrong with an entry whose frame is whole, or with what a checkpoint says of entries.
package enum EntryProblem: Equatable, Hashable, Sendable {
    /// Its type is not known, or it has not the shape of its type.
    case entry(position: Int)
    /// The batch in it is not whole, or belongs elsewhere.
    case batch(position: Int)
    /// Offsets overlap, or some are missing that retention has not dropped.
    case offsets(PartitionID, expected: Int, found: Int, position: Int)
    /// A pointer to records that are not there, or that were shown before.
    case pointer(position: Int, held: Int)
    /// A part of a batch that spans shards is shown without the decision, or left out of it.
    case spread(position: Int)
    /// A checkpoint that says something else than the log.
    case state(checkpoint: Int)
    /// A partition of a topic that there never was, or that has its place in another shard.
    case topic(PartitionID)
}
