import HTTP
package import Wire

/// Why a message or a batch is not published.
package enum PublishError: Error, Equatable, Sendable {
    /// A field and a parameter, or two fields, that say different things.
    case contradiction(String, String)
    /// Options that cannot be read.
    case unreadable(RequestFault)
    /// Options that can be read, and ask for what cannot be.
    case refusedOption(RequestFault)
    case notOffered(String)
    case notForBatches(String)
    case messageTooLarge(limit: Int)
    case noSuchPartition(count: Int)
    /// The Idempotency-Key came before, with another message.
    case otherMessage
    case tooManyMessages(limit: Int)
    /// The messages that cannot be taken, one fault each; nothing was stored.
    case badMessages([RequestFault])
    /// Messages that are right but for partitions that the topic has not got; nothing was stored.
    case missingPartitions([RequestFault])
    /// So much of this loop waits for storage already.
    case overloaded
    /// The topic was made anew in another shape while the message was on its way.
    case topicChanged
    case storage(ShardRefusal)
    case unconfirmed(Problem.Outcome)
}

extension Problem {
    init(_ error: PublishError) {
        switch error {
        case .contradiction(let one, let other):
            self.init(
                .badRequest, "contradictory_options", "Contradictory options",
                "\(one) and \(other) do not say the same.")
            faults = [one, other].map { Fault(place: $0, detail: "given twice") }
        case .unreadable(let fault): self.init(.badRequest, fault)
        case .refusedOption(let fault): self.init(.unprocessableContent, fault)
        case .notOffered(let name):
            self.init(
                .unprocessableContent, "not_offered", "Not offered",
                "This server does not offer \(name). Nothing was stored.")
            faults = [Fault(place: name, detail: "not offered")]
        case .notForBatches(let name):
            self.init(
                .badRequest, "invalid_option", "Invalid option",
                "\(name) is for one message; a batch says it of each of its messages.")
            faults = [Fault(place: name, detail: "not for batches")]
        case .messageTooLarge(let limit):
            self.init(
                .contentTooLarge, "message_too_large", "Message too large",
                "A message of this topic has at most \(limit) bytes.")
        case .noSuchPartition(let count):
            self.init(
                .notFound, "no_such_partition", "No such partition",
                "The topic has the partitions 0 to \(count - 1).")
        case .otherMessage:
            self.init(
                .unprocessableContent, "idempotency_key_reused", "Idempotency key reused",
                "The Idempotency-Key came before, with another message. Nothing was stored.")
        case .tooManyMessages(let limit):
            self.init(
                .contentTooLarge, "batch_too_large", "Batch too large",
                "A batch has at most \(limit) messages.")
        case .badMessages(let list): self.init(list)
        case .missingPartitions(let list):
            self.init(
                .notFound, "no_such_partition", "No such partition",
                "The topic has not all of these partitions. Nothing was stored.")
            faults = list.map { Fault(place: $0.place, detail: $0.detail) }
        case .overloaded:
            self.init(
                .serviceUnavailable, "overloaded", "Overloaded",
                "Too much waits to be stored. Nothing of this was stored.")
            isRetryable = true
            retryAfterSeconds = 1
        case .topicChanged:
            self.init(
                .serviceUnavailable, "topic_changed", "Topic changed",
                "The topic was made anew, or got more partitions. Nothing was stored.")
            isRetryable = true
            retryAfterSeconds = 1
        case .storage(let refusal): self.init(refusal)
        case .unconfirmed(let outcome):
            self.init(
                .gatewayTimeout, "not_confirmed", "Not confirmed",
                "No confirmation came in time. Repeat it with the same Idempotency-Key.")
            isRetryable = true
            self.outcome = outcome
        }
    }

    private init(_ status: HTTPStatus, _ fault: RequestFault) {
        self.init(
            status, "invalid_option", "Invalid option", "\(fault.place) \(fault.detail).")
        faults = [Fault(place: fault.place, detail: fault.detail)]
    }

    private init(_ list: [RequestFault]) {
        self.init(
            .unprocessableContent, "invalid_batch", "Invalid batch",
            "\(list.count) of the messages cannot be taken. Nothing was stored.")
        faults = list.map { Fault(place: $0.place, detail: $0.detail) }
    }

    private init(_ refusal: ShardRefusal) {
        switch refusal {
        case .noSuchTopic:
            self.init(.notFound, "no_such_topic", "No such topic", "There is no such topic.")
        case .overloaded: self.init(PublishError.overloaded)
        case .outdated: self.init(PublishError.topicChanged)
        case .noSpace:
            self.init(
                .insufficientStorage, "disk_full", "Disk full",
                "There is no room on the disk. Nothing was stored.")
            isRetryable = true
            retryAfterSeconds = 5
        case .backlogFull(let limit):
            self.init(
                .tooManyRequests, "backlog_full", "Backlog full",
                "The topic keeps at most \(limit) bytes. Nothing was stored.")
            isRetryable = true
            retryAfterSeconds = 5
        case .readOnly:
            self.init(
                .serviceUnavailable, "read_only", "Read only",
                "This partition takes no messages until it is repaired. Nothing was stored.")
            retryAfterSeconds = 60
        case .failed:
            self.init(
                .serviceUnavailable, "storage_failed", "Storage failed",
                "The disk failed. The message may be stored, or not.")
            isRetryable = true
            outcome = .unknown
            retryAfterSeconds = 1
        case .badBatch, .damaged:
            self.init(
                .internalServerError, "internal_error", "Internal error",
                "This is a fault of the server. Nothing was stored.")
        }
    }
}
