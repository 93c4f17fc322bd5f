import Records

/// One message of a batch, on its way to a partition.
struct BatchMessage {
    var draft = RecordDraft(time: 0, body: [])
    var partition: UInt32?

    /// Lets go of everything that it has slices of.
    mutating func clear() {
        draft.body = []
        if draft.key != nil { draft.key = nil }
        if !draft.contentType.isEmpty { draft.contentType = [] }
        if !draft.attributes.isEmpty { draft.attributes = [] }
        draft.ttl = nil
        draft.delay = nil
        draft.idempotencyHash = nil
        partition = nil
    }
}

/// A message of a batch that cannot be taken, and why.
struct MessageFault: Error, Equatable {
    let index: Int
    /// The member of the message that is wrong; empty for the whole.
    let member: String
    let detail: String
    /// Whether all that is wrong is that its partition is not there.
    private(set) var isOfNoPartition = false

    /// A message for a partition of a topic that has `count`.
    static func noSuchPartition(_ index: Int, of count: Int) -> MessageFault {
        var fault = MessageFault(index, "partition", "has to be from 0 to \(count - 1)")
        fault.isOfNoPartition = true
        return fault
    }

    init(_ index: Int, _ member: String, _ detail: String) {
        self.index = index
        self.member = member
        self.detail = detail
    }

    /// The pointer to it in a body whose messages stand under `root`.
    func fault(under root: String) -> RequestFault {
        RequestFault("\(root)/\(index)" + (member.isEmpty ? "" : "/\(member)"), detail)
    }
}

/// What comes next in a batch.
enum BatchStep {
    case message
    /// A batch as a client encoded it, checked to its last record.
    case stored(StoredBatch)
    case fault(MessageFault)
    case end
}

/// A batch that a client encoded, and what is known of it.
struct StoredBatch {
    var bytes: [UInt8]
    var count: Int
    /// The keys of its records; they all have to belong to one partition.
    var keys: [ArraySlice<UInt8>]
    var bodySizeMax: Int
}

/// Where the messages of a batch come from, one after the other.
///
/// A message is a value of slices, some of the body and some of the source's own memory. It has to be
/// cleared before the next is asked for, so that this memory serves again. The caller has the one value
/// that is filled in again and again: a large one that is handed over is copied with all it counts.
protocol MessageSource: ~Copyable {
    /// Where messages stand in the body, for pointers to them.
    static var root: String { get }

    /// Looks for the next message of `input`, which is the body, the same at every call.
    ///
    /// `message` has nothing when this is called, and has that message after a step of that name.
    mutating func next(
        _ input: Span<UInt8>, at now: TurnTime, into message: inout BatchMessage
    ) throws(BodyError) -> BatchStep
}
