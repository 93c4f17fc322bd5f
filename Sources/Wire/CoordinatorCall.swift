// What a gateway asks the coordinator, and what the coordinator tells everybody.
//
// The coordinator is the one place that decides about topics and groups. Whoever serves has a copy of its
// tables, which may be a moment old: what is not found in them is asked for before it is said not to exist.

package enum CoordinatorCall: Equatable, Sendable {
    /// Finds the topic, and makes it with the defaults if it may.
    case find(name: String, mayCreate: Bool)
    /// Finds a topic that dead letters are to go to, which has a partition in each shard; it is made so, if
    /// it may.
    case findForLetters(name: String, mayCreate: Bool)
    /// Makes or changes the topic.
    case put(name: String, TopicChange)
    case delete(name: String)
    case group(GroupTableCall)
}

/// What concerns the table of groups.
package enum GroupTableCall: Equatable, Sendable {
    case find(name: String)
    /// Makes or changes the group.
    case put(name: String, GroupEdit)
    case delete(name: String)
    /// Deletes a group that nobody used any more when it was looked at, if it still is what it was then;
    /// answered by `deleted`, or by `found`.
    case retire(GroupDefinition)
    /// Lets the group work on these topics from here on; it is made with the defaults, if it may.
    case attach(name: String, topics: [UInt32], mayCreate: Bool)
}

package enum CoordinatorAnswer: Equatable, Sendable {
    case found(Topic)
    case created(Topic)
    case changed(Topic)
    case deleted
    case group(GroupTableAnswer)
    case refused(CoordinatorRefusal)
}

package enum GroupTableAnswer: Equatable, Sendable {
    case found(GroupDefinition)
    case created(GroupDefinition)
    case changed(GroupDefinition)
    case deleted
}

package enum CoordinatorRefusal: Error, Equatable, Sendable {
    case noSuchTopic
    case noSuchGroup
    case tooManyTopics(limit: Int)
    case tooManyGroups(limit: Int)
    /// One group works on so many topics at most.
    case tooManyAttachments(limit: Int)
    /// Partitions are never taken away.
    case fewerPartitions(current: Int)
    /// Dead letters stay in their shard, and the topic has not a partition in each.
    case tooFewPartitions(current: Int, needed: Int)
    /// There is no room on the disk for a change.
    case noSpace
    /// The disk failed under the decision: it may be kept, or not.
    case failed
    /// The coordinator's log is broken, or it is not there; nothing was changed.
    case unavailable
}

/// What the coordinator tells everybody who serves, in order.
package enum CoordinatorNews: Equatable, Sendable {
    case topic(TopicNews)
    case group(GroupNews)
    /// All secrets that receipts may be signed with, the newest last.
    case secrets([ReceiptSecret])
}

/// A change of the table, as everybody who serves gets to hear it, in order.
package enum TopicNews: Equatable, Sendable {
    case put(Topic)
    case deleted(id: UInt32, name: String)
}

/// A change of the table of groups.
///
/// A topic that is deleted is gone from all groups by that; nothing else says so.
package enum GroupNews: Equatable, Sendable {
    case put(GroupDefinition)
    case deleted(id: UInt32, name: String)
}
