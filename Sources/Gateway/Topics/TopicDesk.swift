// Answers the calls that make, change, show, list and delete topics. Nothing is decided here: the
// coordinator decides, and the shards say what partitions hold.

package import Bytes
import HTTP
import Records
package import Wire

/// The topics' side of a gateway loop.
package struct TopicDesk {
    /// Requests that wait for an answer at once.
    package static let waitingMax = 1_024
    package static let listLimit = 100
    package static let listLimitMax = 1_000

    private var waiting = Slab<TopicErrand>()
    private var nextScan: UInt64?
    /// How long a request waits for its answer, in milliseconds.
    package var timeout: UInt64

    /// What is to be sent to storage, and what is to be said to clients.
    package private(set) var calls: [DeskCall] = []
    package private(set) var answers: [DeskAnswer] = []

    package init(timeout: UInt64) {
        self.timeout = timeout
    }

    var hasCalls: Bool { !calls.isEmpty }

    package mutating func takeCalls() -> [DeskCall] {
        calls.takeAll()
    }

    package mutating func takeAnswers() -> [DeskAnswer] {
        answers.takeAll()
    }
}

// MARK: Requests

extension TopicDesk {
    /// `PUT /v1/topics/{topic}`.
    mutating func put(
        _ name: String, body: ArraySlice<UInt8>, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try check(name)
        let change: TopicChange
        do throws(BodyError) { change = try TopicBody.read(body) } catch { throw .body(error) }
        let errand = TopicErrand(.put, name, caller, due: now.tick + timeout)
        try send(errand, .coordinator(.put(name: name, change)))
    }

    /// `GET /v1/topics/{topic}`.
    ///
    /// The coordinator is asked also for what is known here: whoever has just heard that a topic was
    /// changed or deleted finds it so, whichever loop has the connection.
    mutating func show(
        _ name: String, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try check(name)
        let errand = TopicErrand(.show, name, caller, due: now.tick + timeout)
        try send(errand, .coordinator(.find(name: name, mayCreate: false)))
    }

    /// `DELETE /v1/topics/{topic}`.
    mutating func delete(
        _ name: String, confirm: String?, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try check(name)
        guard let confirm else { throw .topic(.deletionNotConfirmed) }
        guard confirm == name else { throw .topic(.deletionConfirmedOther) }
        let errand = TopicErrand(.delete, name, caller, due: now.tick + timeout)
        try send(errand, .coordinator(.delete(name: name)))
    }

    /// `GET /v1/topics`, which is answered at once.
    static func list(
        _ topics: inout TopicMap, after: String?, limit: String?
    ) throws(GatewayError) -> Response {
        var count = listLimit
        if let limit {
            guard let number = Int(limit), 1...listLimitMax ~= number else {
                throw .topic(.invalidLimit(max: listLimitMax))
            }
            count = number
        }
        let after = after.map { ArraySlice($0.utf8) }
        let found = topics.list(after: after, limit: count + 1)
        let page = TopicPage.writeList(found.prefix(count), hasMore: found.count > count)
        return .json(.ok, page)
    }

    private func check(_ name: String) throws(GatewayError) {
        guard Name.isValid(name.utf8.span) else { throw .topic(.invalidName) }
    }
}

// MARK: Storage

extension TopicDesk {
    private mutating func send(
        _ errand: TopicErrand, _ content: StorageCall.Content
    ) throws(GatewayError) {
        guard waiting.count < Self.waitingMax else {
            throw .topic(.tooManyWaiting(limit: Self.waitingMax))
        }
        let id = waiting.insert(errand)
        if nextScan == nil { nextScan = errand.due }
        calls.append(DeskCall(id, content))
    }

    /// Takes what storage says to a call of this desk; a late answer finds nobody.
    package mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into topics: inout TopicMap
    ) {
        switch answer {
        case .found(let topic), .created(let topic), .changed(let topic):
            topics.learn(topic)
        case .deleted, .refused, .group: break
        }
        guard let errand = waiting.remove(id) else { return }
        switch answer {
        case .found(let topic), .changed(let topic): show(topic, .ok, errand)
        case .created(let topic): show(topic, .created, errand)
        case .deleted: answers.append(DeskAnswer(errand.caller, .response(Response(.noContent))))
        case .group: preconditionFailure("nothing about groups was asked")
        case .refused(.noSuchTopic): refuse(errand, .noSuchTopic(errand.name))
        case .refused(let refusal):
            if case .show = errand.kind {
                refuse(errand, .refused(refusal.ifNothingChanges))
            } else {
                refuse(errand, .refused(refusal))
            }
        }
    }

    private mutating func show(_ topic: Topic, _ status: HTTPStatus, _ errand: TopicErrand) {
        do throws(GatewayError) {
            try describe(topic, status, errand)
        } catch {
            answers.append(DeskAnswer(errand.caller, .problem(error)))
        }
    }

    private mutating func refuse(_ errand: TopicErrand, _ error: TopicError) {
        answers.append(DeskAnswer(errand.caller, .problem(.topic(error))))
    }

    /// Asks the shards for what the partitions hold, and then shows the topic.
    private mutating func describe(
        _ topic: Topic, _ status: HTTPStatus, _ errand: TopicErrand
    ) throws(GatewayError) {
        let page = TopicErrand.Page(topic, status)
        let shards = Set(topic.shards).sorted()
        // All of them or none: the page is shown once.
        guard waiting.count + shards.count <= Self.waitingMax else {
            throw .topic(.tooManyWaiting(limit: Self.waitingMax))
        }
        for shard in shards {
            let numbers = topic.shards.indices.filter { topic.shards[$0] == shard }
            let part = TopicErrand(
                .describe(page, numbers), errand.name, errand.caller, due: errand.due)
            let ids = numbers.map { PartitionID(topic: topic.id, partition: UInt32($0)) }
            try send(part, .shard(shard, .describe(ids)))
            page.left += 1
        }
    }

    /// Takes what a shard says; a partition it says nothing about is shown without numbers.
    package mutating func take(_ id: SlabID, _ answer: ShardAnswer) {
        guard let errand = waiting.remove(id), case .describe(let page, let numbers) = errand.kind
        else { return }
        if case .described(let statuses) = answer {
            for (number, status) in zip(numbers, statuses) { page.partitions[number] = status }
        }
        finish(page, errand)
    }

    private mutating func finish(_ page: TopicErrand.Page, _ errand: TopicErrand) {
        page.left -= 1
        guard page.left == 0 else { return }
        let body = TopicPage.write(page.topic, page.partitions)
        answers.append(DeskAnswer(errand.caller, .response(.json(page.status, body))))
    }
}

// MARK: Time

extension TopicDesk {
    /// When `expire` has to be called at the latest.
    package var nextDeadline: UInt64? { nextScan }

    /// Answers those that waited too long.
    package mutating func expire(at now: TurnTime) {
        guard let scan = nextScan, now.tick >= scan else { return }
        nextScan = nil
        for (id, errand) in waiting.pairs() {
            guard errand.due <= now.tick else {
                nextScan = min(nextScan ?? errand.due, errand.due)
                continue
            }
            _ = waiting.remove(id)
            switch errand.kind {
            case .put, .delete: refuse(errand, .unanswered(mayHaveChanged: true))
            case .show: refuse(errand, .unanswered(mayHaveChanged: false))
            // The topic is there, whatever its shards are at.
            case .describe(let page, _): finish(page, errand)
            }
        }
    }
}

/// A call that waits for its answer.
final class TopicErrand {
    /// A topic that is shown once all of its shards have spoken.
    final class Page {
        let topic: Topic
        let status: HTTPStatus
        var partitions: [PartitionStatus?]
        var left = 0

        init(_ topic: Topic, _ status: HTTPStatus) {
            self.topic = topic
            self.status = status
            partitions = [PartitionStatus?](repeating: nil, count: topic.shards.count)
        }
    }

    enum Kind {
        case put, show, delete
        /// The partitions that one shard was asked about.
        case describe(Page, [Int])
    }

    let kind: Kind
    let name: String
    let caller: Exchange
    let due: UInt64

    init(_ kind: Kind, _ name: String, _ caller: Exchange, due: UInt64) {
        self.kind = kind
        self.name = name
        self.caller = caller
        self.due = due
    }
}
