import HTTP
package import Wire

/// Why a call about a group's messages is not done.
package enum WorkError: Error, Equatable, Sendable {
    /// A parameter, and what it has to be.
    case invalidParameter(String, String)
    /// A pull names no topic, neither in its body nor in its query.
    case noTopicGiven
    /// A cursor of another topic, or of one that had this name before.
    case otherTopic
    /// The group does not work on the topic.
    case notAttached
    case tooManyWaiting(limit: Int)
    /// So many calls are under way.
    case overloaded
    /// Nothing was heard in time; `mayHaveChanged` where something was to change.
    case unanswered(mayHaveChanged: Bool)
    case storage(ShardRefusal, mayHaveChanged: Bool)
    /// The shards and the coordinator have not agreed on the group in time.
    case group(GroupRefusal)
    /// The secrets of receipts are not there.
    case noSecret
}

extension Problem {
    init(_ error: WorkError) {
        switch error {
        case .invalidParameter(let name, let detail):
            self.init(ReadError.invalidParameter(name, detail))
        case .noTopicGiven:
            self.init(
                .notFound, "no_topic_given", "No topic given",
                "A pull names one topic at least, in topics of its body or as topic in its query.")
            faults = [Fault(place: "topic", detail: "has to name a topic at least once")]
        case .otherTopic: self.init(ReadError.otherTopic)
        case .notAttached:
            self.init(
                .notFound, "not_attached", "Not attached", "The group does not work on this topic.")
        case .tooManyWaiting(let limit):
            self.init(
                .tooManyRequests, "too_many_waiting", "Too many waiting",
                "\(limit) pulls wait for messages here.")
            isRetryable = true
            retryAfterSeconds = 5
        case .overloaded:
            self.init(
                .serviceUnavailable, "overloaded", "Overloaded",
                "Too many calls about groups are under way.")
            isRetryable = true
            retryAfterSeconds = 1
        case .unanswered(let mayHaveChanged):
            self.init(
                .gatewayTimeout, "not_confirmed", "Not confirmed",
                "No answer came in time from where the messages are kept.")
            isRetryable = true
            outcome = mayHaveChanged ? .unknown : .none
        case .storage(let refusal, let mayHaveChanged):
            self.init(ReadError.storage(refusal))
            outcome = mayHaveChanged && refusal == .failed ? .unknown : .none
        case .group(let refusal): self.init(refusal)
        case .noSecret:
            self.init(
                .serviceUnavailable, "groups_unavailable", "Groups unavailable",
                "Messages cannot be leased at the moment.")
            isRetryable = true
            retryAfterSeconds = 1
        }
    }

    private init(_ refusal: GroupRefusal) {
        switch refusal {
        case .noSuchGroup, .notAttached, .noSuchPartition, .notServed:
            self.init(
                .serviceUnavailable, "group_unavailable", "Group unavailable",
                "The group is being made, changed or deleted.")
            isRetryable = true
            retryAfterSeconds = 1
        }
    }
}
