import Records
import Wire

/// Walks over the messages of a lease, each with the stored batch that has it.
struct LeaseWalk {
    struct Found {
        let message: GrantedMessage
        let batch: FetchedBatch
        /// Its number in the batch.
        let index: Int
    }

    private let lease: GroupGrant.Lease
    private var message = 0
    private var batch = 0

    init(_ lease: GroupGrant.Lease) { self.lease = lease }

    /// The next message; one that no batch has is damage.
    mutating func next() throws(RecordsError) -> Found? {
        guard message < lease.messages.count else { return nil }
        let wanted = lease.messages[message]
        while batch < lease.batches.count, lease.batches[batch].endOffset <= wanted.offset {
            batch += 1
        }
        guard batch < lease.batches.count, lease.batches[batch].baseOffset <= wanted.offset else {
            throw .badSizes
        }
        let found = lease.batches[batch]
        let number = wanted.offset - found.baseOffset
        guard let picks = found.picks else {
            message += 1
            return Found(message: wanted, batch: found, index: number)
        }
        guard number < picks.count else { throw .badSizes }
        message += 1
        return Found(message: wanted, batch: found, index: Int(picks[number]))
    }
}
