import HTTP
package import Records
package import Wire

/// Why a read is not answered with messages.
package enum ReadError: Error, Equatable, Sendable {
    /// A parameter, and what it has to be.
    case invalidParameter(String, String)
    /// Two parameters that cannot stand together.
    case contradiction(String, String)
    case invalidFilter(FilterError)
    case noSuchPartition(count: Int)
    /// Text that is no cursor, in this parameter or field.
    case invalidCursor(String)
    /// A cursor of a topic that had this name before.
    case otherTopic
    /// What was to come next is not kept any more; the cursor is of what is.
    case beyondRetention(earliest: Cursor)
    case noSuchMessage
    case messageGone
    /// An id from before a message had its place.
    case messageHeld
    case tooManyWaiting(limit: Int)
    /// So many reads are under way.
    case overloaded
    /// Nothing was heard in time.
    case unanswered
    case storage(ShardRefusal)
}

extension Problem {
    init(_ error: ReadError) {
        switch error {
        case .invalidParameter(let name, let detail):
            self.init(
                .badRequest, "invalid_parameter", "Invalid parameter",
                "The parameter \(name) \(detail).")
            faults = [Fault(place: name, detail: detail)]
        case .contradiction(let one, let other):
            self.init(
                .conflict, "contradictory_parameters", "Contradictory parameters",
                "\(one) and \(other) cannot be given together.")
            faults = [one, other].map { Fault(place: $0, detail: "contradicts the other") }
        case .invalidFilter(let error):
            self.init(
                .unprocessableContent, "invalid_filter", "Invalid filter",
                "The filter cannot be read, \(error.message).")
            faults = [Fault(place: "filter", detail: error.message)]
        case .noSuchPartition(let count):
            self.init(
                .notFound, "no_such_partition", "No such partition",
                "The topic has the partitions 0 to \(count - 1).")
            faults = [Fault(place: "partition", detail: "is 0 to \(count - 1)")]
        case .invalidCursor(let place):
            self.init(
                .badRequest, "invalid_cursor", "Invalid cursor",
                "\(place) is no cursor that was given out here.")
            faults = [Fault(place: place, detail: "has to be a cursor, as it was given")]
        case .otherTopic:
            self.init(
                .gone, "topic_recreated", "Topic recreated",
                "The cursor is of a topic that was deleted; another one has its name.")
        case .beyondRetention(let earliest):
            self.init(
                .gone, "cursor_expired", "Cursor expired",
                "What was to come next is not kept any more. What is kept begins at `earliest`.")
            members = [("earliest", earliest.text)]
            fields = [("Posthorn-Earliest", earliest.text)]
        case .noSuchMessage:
            self.init(
                .notFound, "no_such_message", "No such message", "There is no message of this id.")
        case .messageGone:
            self.init(
                .gone, "message_gone", "Message gone",
                "The message is not kept any more, or has expired.")
        case .messageHeld:
            self.init(
                .conflict, "message_held", "Message held",
                "Such an id is given while a message waits for its time. It gets another one then.")
        case .tooManyWaiting(let limit):
            self.init(
                .tooManyRequests, "too_many_waiting", "Too many waiting",
                "\(limit) reads wait for messages here.")
            isRetryable = true
            retryAfterSeconds = 5
        case .overloaded:
            self.init(
                .serviceUnavailable, "overloaded", "Overloaded", "Too many reads are under way.")
            isRetryable = true
            retryAfterSeconds = 1
        case .unanswered:
            self.init(
                .gatewayTimeout, "not_confirmed", "Not confirmed",
                "No answer came in time from where the messages are kept.")
            isRetryable = true
        case .storage(let refusal): self.init(reading: refusal)
        }
    }

    /// Reading changes nothing, so nothing is ever left open.
    private init(reading refusal: ShardRefusal) {
        switch refusal {
        case .noSuchTopic:
            self.init(
                .serviceUnavailable, "topic_unavailable", "Topic unavailable",
                "The topic is being made or deleted.")
            isRetryable = true
            retryAfterSeconds = 1
        case .overloaded: self.init(ReadError.overloaded)
        case .failed, .noSpace, .backlogFull, .readOnly, .outdated:
            self.init(
                .serviceUnavailable, "storage_failed", "Storage failed",
                "The messages cannot be read at the moment.")
            isRetryable = true
            retryAfterSeconds = 1
        case .damaged:
            self.init(
                .internalServerError, "messages_damaged", "Messages damaged",
                "Messages here are damaged on the disk. Others can be read.")
        case .badBatch:
            self.init(
                .internalServerError, "internal_error", "Internal error",
                "This is a fault of the server.")
        }
    }
}
