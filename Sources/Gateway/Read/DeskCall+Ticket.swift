import Bytes
import Wire

extension DeskCall {
    /// The call as storage gets it: its ticket, and the one that it takes back, with the bits by which
    /// the loop knows the desk.
    func storageCall(marked bits: UInt64) -> StorageCall {
        var content = content
        if case .shard(let shard, .unwatch(let ticket)) = content {
            content = .shard(shard, .unwatch(ticket: ticket | bits))
        }
        return StorageCall(ticket: id.raw | bits, content)
    }
}
