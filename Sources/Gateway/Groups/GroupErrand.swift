import HTTP
import Records
import Wire

/// A call about a group that waits for its answer.
final class GroupErrand {
    enum Kind {
        case put(GroupEdit)
        case show, delete
        case seek(SeekOrder)
        case redrive(RedriveOrder)
        case letters(LetterOrder)
    }

    let kind: Kind
    /// The group's name.
    let name: String
    let caller: Exchange
    let due: UInt64

    var group: GroupDefinition?
    /// The topic of a seek or a redrive.
    var known: KnownTopic?
    var status = HTTPStatus.ok
    /// Calls to shards that are not answered yet.
    var left = 0
    var statuses: [PartitionID: GroupStatus] = [:]
    var letters: [DeadLetter] = []
    /// The names of the topics that letters are of.
    var shown: [UInt32: String] = [:]
    /// Where the group goes on, or how many letters go back, by partition.
    var numbers: [UInt32: Int] = [:]
    var error: WorkError?
    /// Whether shards were told to change something.
    var hasActed = false
    var retries = 0
    /// Whether its group was deleted meanwhile.
    var isGroupGone = false
    /// Whether its topic was asked for.
    var hasAskedForTopic = false

    init(_ kind: Kind, _ name: String, _ caller: Exchange, due: UInt64) {
        self.kind = kind
        self.name = name
        self.caller = caller
        self.due = due
    }

    var topicName: String? {
        switch kind {
        case .show, .delete: nil
        case .put(let edit): edit.deadLetterTopic ?? nil
        case .seek(let order): order.topic
        case .redrive(let order): order.topic
        case .letters(let order): order.topic
        }
    }

    /// Whether it comes to nothing without its group; who has made it is told so.
    var needsGroup: Bool {
        switch kind {
        case .put: false
        case .show, .delete, .seek, .redrive, .letters: true
        }
    }

    /// Whether nobody can say, if nothing is heard, that nothing has changed.
    var mayHaveChanged: Bool {
        switch kind {
        case .put, .delete: true
        case .show, .letters: false
        case .seek, .redrive: hasActed
        }
    }
}
