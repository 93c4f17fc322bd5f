/// What the log and its files can refuse, with the facts.
package enum LogError: Error, Equatable {
    /// The disk failed a call; what was written since the last flush is in doubt.
    case disk(code: Int32)
    /// There is no room for a new file. Only the making of files meets this.
    case noSpace
    case noSuchFile
    /// A write or a flush failed before: nothing is confirmed any more.
    case poisoned
    /// Entries that have to share a frame do not fit into one.
    case tooLarge(limit: Int)
    /// So many bytes wait for their round already; refused before it was appended.
    case overloaded(limit: Int)
    case damaged(FileKind)
    /// The file is whole, and belongs to another shard, cluster or segment.
    case foreign(FileKind)
    /// The file is whole, and of a later version.
    case unsupported(FileKind, version: UInt8)

    package enum FileKind: Sendable {
        case cookie, segment, frame, index, checkpoint, archive
    }
}
