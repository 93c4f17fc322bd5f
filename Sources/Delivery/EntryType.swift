// What an entry of a shard's log can be, as in docs/log-format.md.

/// The `type` of an entry's head.
package enum EntryType: UInt8, CaseIterable, Sendable {
    /// Records with offsets.
    case batch = 1
    /// Records without offsets, which something else will show: a delay, or a decision.
    case held = 2
    /// Gives offsets to records of a held entry.
    case pointer = 3
    /// A partition begins at a later offset from here on.
    case begin = 4
    /// A topic is gone, and all it has.
    case topicGone = 5
    /// The judge's decision about a spread batch.
    case decision = 6
    /// Held records will never be shown.
    case dropped = 7
    /// A spread batch is over for this shard: nobody will ask about it again.
    case settled = 8
    /// What happened to groups: any number of changes, of any of them.
    case groups = 9
}
