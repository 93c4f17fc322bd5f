// What a gateway asks the coordinator, and what the coordinator tells everybody.
//
// The coordinator is the one place that decides about topics. Whoever serves has a copy of its table,
// which may be a moment old: what is not found in it is asked for before it is said not to exist.

package enum CoordinatorCall: Equatable, Sendable {
    /// Finds the topic, and makes it with the defaults if it may.
    case find(name: String, mayCreate: Bool)
    /// Makes or changes the topic.
    case put(name: String, TopicChange)
    case delete(name: String)
}

package enum CoordinatorAnswer: Equatable, Sendable {
    case found(Topic)
    case created(Topic)
    case changed(Topic)
    case deleted
    case refused(CoordinatorRefusal)
}

package enum CoordinatorRefusal: Error, Equatable, Sendable {
    case noSuchTopic
    case tooManyTopics(limit: Int)
    /// Partitions are never taken away.
    case fewerPartitions(current: Int)
    /// There is no room on the disk for a change.
    case noSpace
    /// The disk failed under the decision: it may be kept, or not.
    case failed
    /// The coordinator's log is broken, or it is not there; nothing was changed.
    case unavailable
}

/// A change of the table, as everybody who serves gets to hear it, in order.
package enum TopicNews: Equatable, Sendable {
    case put(Topic)
    case deleted(id: UInt32, name: String)
}
