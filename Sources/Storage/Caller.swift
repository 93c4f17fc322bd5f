/// Who waits for an answer of a shard.
package enum Caller: Hashable, Sendable {
    /// A gateway loop of this process, by number.
    case loop(UInt16)
    /// Another shard.
    case shard(UInt16)
}
