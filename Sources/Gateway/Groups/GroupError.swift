import HTTP
package import Wire

/// Why a group is not made, changed, shown or deleted.
package enum GroupError: Error, Equatable, Sendable {
    case invalidName
    case noSuchGroup(String)
    case invalidLimit(max: Int)
    case refused(CoordinatorRefusal)
    /// So many wait for the coordinator already.
    case tooManyWaiting(limit: Int)
    /// Nothing was heard in time; `mayHaveChanged` where something was to change.
    case unanswered(mayHaveChanged: Bool)
}

extension Problem {
    init(_ error: GroupError) {
        switch error {
        case .invalidName:
            self.init(
                .badRequest, "invalid_group_name", "Invalid group name",
                "The name of a group is \(Name.rule).")
        case .noSuchGroup(let name):
            self.init(.notFound, "no_such_group", "No such group", "There is no group \(name).")
        case .invalidLimit(let max): self.init(TopicError.invalidLimit(max: max))
        case .refused(.unavailable):
            self.init(
                .serviceUnavailable, "groups_unavailable", "Groups unavailable",
                "Groups cannot be made or changed at the moment.")
            isRetryable = true
            retryAfterSeconds = 1
        case .refused(let refusal): self.init(TopicError.refused(refusal))
        case .tooManyWaiting(let limit):
            self.init(
                .serviceUnavailable, "overloaded", "Overloaded",
                "\(limit) requests wait for word about their groups.")
            isRetryable = true
            retryAfterSeconds = 1
        case .unanswered(let mayHaveChanged):
            self.init(TopicError.unanswered(mayHaveChanged: mayHaveChanged))
            outcome = mayHaveChanged ? .unknown : .none
        }
    }
}
