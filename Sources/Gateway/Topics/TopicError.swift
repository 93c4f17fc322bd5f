import HTTP
package import Wire

/// Why a topic is not made, changed, shown or deleted.
package enum TopicError: Error, Equatable, Sendable {
    case invalidName
    case noSuchTopic(String)
    /// Deleting takes the topic's name a second time.
    case deletionNotConfirmed
    case deletionConfirmedOther
    case invalidLimit(max: Int)
    case refused(CoordinatorRefusal)
    /// So many wait for the coordinator already.
    case tooManyWaiting(limit: Int)
    /// Nothing was heard in time; `mayHaveChanged` where something was to change.
    case unanswered(mayHaveChanged: Bool)
}

extension CoordinatorRefusal {
    /// What somebody hears who does not mind whether a topic was made, or changed.
    var ifNothingChanges: CoordinatorRefusal { self == .failed ? .unavailable : self }
}

extension Problem {
    init(_ error: TopicError) {
        switch error {
        case .invalidName:
            self.init(
                .badRequest, "invalid_topic_name", "Invalid topic name",
                "The name of a topic is \(Name.rule).")
        case .noSuchTopic(let name):
            self.init(.notFound, "no_such_topic", "No such topic", "There is no topic \(name).")
        case .deletionNotConfirmed:
            self.init(
                .badRequest, "confirmation_required", "Confirmation required",
                "Deleting a topic deletes its messages. Add ?confirm= and the topic's name.")
            faults = [Fault(place: "confirm", detail: "has to be the topic's name")]
        case .deletionConfirmedOther:
            self.init(
                .conflict, "confirmation_required", "Confirmation required",
                "The parameter confirm is not the name of the topic. Nothing was deleted.")
            faults = [Fault(place: "confirm", detail: "has to be the topic's name")]
        case .invalidLimit(let max):
            self.init(
                .badRequest, "invalid_parameter", "Invalid parameter",
                "The parameter limit is a number from 1 to \(max).")
            faults = [Fault(place: "limit", detail: "has to be a number from 1 to \(max)")]
        case .refused(let refusal): self.init(refusal)
        case .tooManyWaiting(let limit):
            self.init(
                .serviceUnavailable, "overloaded", "Overloaded",
                "\(limit) requests wait for word about their topics.")
            isRetryable = true
            retryAfterSeconds = 1
        case .unanswered(let mayHaveChanged):
            self.init(
                .gatewayTimeout, "not_confirmed", "Not confirmed",
                "No answer came in time from where topics are kept.")
            isRetryable = true
            outcome = mayHaveChanged ? .unknown : .none
        }
    }

    private init(_ refusal: CoordinatorRefusal) {
        switch refusal {
        case .noSuchTopic:
            self.init(.notFound, "no_such_topic", "No such topic", "There is no such topic.")
        case .noSuchGroup:
            self.init(.notFound, "no_such_group", "No such group", "There is no such group.")
        case .tooManyGroups(let limit):
            self.init(
                .unprocessableContent, "too_many_groups", "Too many groups",
                "There are \(limit) groups, and no more are made.")
        case .tooManyAttachments(let limit):
            self.init(
                .unprocessableContent, "too_many_topics", "Too many topics",
                "A group works on \(limit) topics at most.")
        case .tooManyTopics(let limit):
            self.init(
                .unprocessableContent, "too_many_topics", "Too many topics",
                "There are \(limit) topics, and no more are made.")
        case .fewerPartitions(let current):
            self.init(
                .conflict, "fewer_partitions", "Fewer partitions",
                "The topic has \(current) partitions; they can be added, never removed.")
        case .tooFewPartitions(let current, let needed):
            self.init(
                .conflict, "too_few_partitions", "Too few partitions",
                "Dead letters need a topic with \(needed) partitions or more; it has \(current).")
            faults = [
                Fault(
                    place: "/dead_letter_topic",
                    detail: "has to have at least \(needed) partitions")
            ]
        case .noSpace:
            self.init(
                .insufficientStorage, "disk_full", "Disk full",
                "There is no room on the disk. Nothing was changed.")
            isRetryable = true
            retryAfterSeconds = 5
        case .failed:
            self.init(
                .serviceUnavailable, "storage_failed", "Storage failed",
                "The disk failed. The change may be kept, or not.")
            isRetryable = true
            outcome = .unknown
            retryAfterSeconds = 1
        case .unavailable:
            self.init(
                .serviceUnavailable, "topics_unavailable", "Topics unavailable",
                "Topics cannot be made or changed at the moment.")
            isRetryable = true
            retryAfterSeconds = 1
        }
    }
}
