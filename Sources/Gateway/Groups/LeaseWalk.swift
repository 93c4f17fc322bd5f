import Records
import Wire

/// Walks over the messages of a lease, batch by batch of those that hold them.
struct LeaseWalk {
    /// Messages in a row that one stored batch has.
    struct Found {
        let messages: ArraySlice<GrantedMessage>
        let batch: FetchedBatch

        /// The number of one of them in the batch.
        func index(of message: GrantedMessage) throws(RecordsError) -> Int {
            let number = message.offset - batch.baseOffset
            guard let picks = batch.picks else { return number }
            guard number < picks.count else { throw .badSizes }
            return Int(picks[number])
        }
    }

    private var messages: ArraySlice<GrantedMessage>
    private var batches: ArraySlice<FetchedBatch>

    init(_ lease: GroupGrant.Lease) {
        messages = lease.messages[...]
        batches = lease.batches[...]
    }

    /// The next messages; one that no batch has is damage.
    mutating func next() throws(RecordsError) -> Found? {
        guard let first = messages.first else { return nil }
        while let batch = batches.first, batch.endOffset <= first.offset { batches.removeFirst() }
        guard let batch = batches.first, batch.baseOffset <= first.offset else { throw .badSizes }
        let found = messages.prefix { $0.offset < batch.endOffset }
        messages = messages[found.endIndex...]
        return Found(messages: found, batch: batch)
    }
}
