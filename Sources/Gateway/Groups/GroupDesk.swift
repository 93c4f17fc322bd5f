// Answers the calls that make, change, show, list and delete groups, move them and send dead letters
// back. Nothing is decided here: the coordinator decides who they are, the shards what they do.

package import Bytes
import HTTP
import Records
package import Wire

/// The side of a gateway loop that is about groups, and not about their messages.
package struct GroupDesk {
    /// Requests that wait for an answer at once.
    package static let waitingMax = 1_024
    package static let listLimit = 100
    package static let listLimitMax = 1_000
    /// How often shards are asked again that have not heard of a group or a topic yet.
    package static let retriesMax = 10

    enum Waiting {
        case coordinator(GroupErrand)
        case shard(GroupErrand, UInt16, GroupCall)
        /// A shard is asked again at that time.
        case pause(GroupErrand, UInt16, GroupCall, until: UInt64)

        var errand: GroupErrand {
            switch self {
            case .coordinator(let errand), .shard(let errand, _, _), .pause(let errand, _, _, _):
                errand
            }
        }

        var due: UInt64 {
            if case .pause(_, _, _, let until) = self { until } else { errand.due }
        }
    }

    var waiting = Slab<Waiting>()
    private var nextScan: UInt64?
    /// How long a request waits for its answer, in milliseconds.
    package var timeout: UInt64
    /// Whether a dead-letter topic that is not there is made.
    package var createsTopics = true

    /// What is to be sent to storage, and what is to be said to clients.
    private var calls: [DeskCall] = []
    var answers: [DeskAnswer] = []

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

extension GroupDesk {
    /// `PUT /v1/groups/{group}`.
    mutating func put(
        _ name: String, body: ArraySlice<UInt8>, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        let edit: GroupEdit
        do throws(BodyError) {
            edit = try GroupSettingsBody.read(body)
        } catch {
            throw .body(error)
        }
        let errand = errand(.put(edit), name, caller, now)
        guard case .some(.some(let topic)) = edit.deadLetterTopic else { return try put(errand) }
        try send(errand, .findForLetters(name: topic, mayCreate: createsTopics))
    }

    private mutating func put(_ errand: GroupErrand) throws(GatewayError) {
        guard case .put(let edit) = errand.kind else { return }
        try send(errand, .group(.put(name: errand.name, edit)))
    }

    /// `GET /v1/groups/{group}`.
    ///
    /// The coordinator is asked also for what is known here: whoever has just heard that a group was
    /// changed or deleted finds it so, whichever loop has the connection.
    mutating func show(
        _ name: String, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        try send(errand(.show, name, caller, now), .group(.find(name: name)))
    }

    /// `DELETE /v1/groups/{group}`.
    mutating func delete(
        _ name: String, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        try send(errand(.delete, name, caller, now), .group(.delete(name: name)))
    }

    /// `POST /v1/groups/{group}/seek`, and `…/redrive`.
    mutating func control(
        _ kind: GroupErrand.Kind, of name: String, for caller: Exchange,
        in topics: borrowing TopicMap, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        try goOn(errand(kind, name, caller, now), topics)
    }

    /// `GET /v1/groups`, which is answered at once.
    static func list(
        _ groups: inout GroupMap, after: String?, limit: String?
    ) throws(GatewayError) -> Response {
        let count = try Self.limit(limit)
        let found = groups.list(after: after, limit: count + 1)
        let page = GroupPage.writeList(found.prefix(count), hasMore: found.count > count)
        return .json(.ok, page)
    }

    /// How many of a list are on a page.
    static func limit(_ text: String?) throws(GatewayError) -> Int {
        guard let text else { return listLimit }
        guard let number = Int(text), 1...listLimitMax ~= number else {
            throw .group(.invalidLimit(max: listLimitMax))
        }
        return number
    }

    static func check(_ name: String) throws(GatewayError) {
        guard Name.isValid(name.utf8.span) else { throw .group(.invalidName) }
    }

    func errand(
        _ kind: GroupErrand.Kind, _ name: String, _ caller: Exchange, _ now: TurnTime
    ) -> GroupErrand {
        GroupErrand(kind, name, caller, due: now.tick + timeout)
    }

    mutating func send(_ errand: GroupErrand, _ call: CoordinatorCall) throws(GatewayError) {
        try checkRoom(for: 1)
        add(.coordinator(errand), .coordinator(call))
    }

    /// All of what one errand sends, or nothing.
    func checkRoom(for count: Int) throws(GatewayError) {
        guard waiting.count + count <= Self.waitingMax else {
            throw .group(.tooManyWaiting(limit: Self.waitingMax))
        }
    }

    mutating func add(_ element: Waiting, _ content: StorageCall.Content?) {
        let id = waiting.insert(element)
        nextScan = min(nextScan ?? .max, element.due)
        if let content { calls.append(DeskCall(id, content)) }
    }

    mutating func refuse(_ errand: GroupErrand, _ error: GatewayError) {
        answers.append(DeskAnswer(errand.caller, .problem(error)))
    }
}

// MARK: The coordinator

extension GroupDesk {
    /// Takes what storage says to a call of this desk; a late answer finds nobody.
    package mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into topics: inout TopicMap,
        _ groups: inout GroupMap
    ) {
        switch answer {
        case .found(let topic), .created(let topic), .changed(let topic): topics.learn(topic)
        case .group(.found(let group)), .group(.created(let group)), .group(.changed(let group)):
            groups.learn(group)
        case .deleted, .group(.deleted), .refused: break
        }
        guard let errand = waiting.remove(id)?.errand else { return }
        do throws(GatewayError) {
            try take(answer, for: errand, topics)
        } catch {
            refuse(errand, error)
        }
    }

    private mutating func take(
        _ answer: CoordinatorAnswer, for errand: GroupErrand, _ topics: borrowing TopicMap
    ) throws(GatewayError) {
        switch answer {
        case .group(.deleted):
            answers.append(DeskAnswer(errand.caller, .response(Response(.noContent))))
        case .group(.created(let group)):
            errand.status = .created
            try use(group, for: errand, topics)
        case .group(.found(let group)), .group(.changed(let group)):
            try use(group, for: errand, topics)
        case .found, .created, .changed:
            if case .put = errand.kind { return try put(errand) }
            try goOn(errand, topics)
        case .refused(.noSuchGroup): throw .group(.noSuchGroup(errand.name))
        case .refused(.noSuchTopic): throw .topic(.noSuchTopic(errand.topicName ?? ""))
        case .refused(let refusal):
            throw .group(.refused(errand.mayHaveChanged ? refusal : refusal.ifNothingChanges))
        case .deleted: preconditionFailure("no topic is deleted here")
        }
    }
}

// MARK: Time

extension GroupDesk {
    /// When `expire` has to be called at the latest.
    package var nextDeadline: UInt64? { nextScan }

    /// Asks again, and answers those that waited too long.
    package mutating func expire(in topics: borrowing TopicMap, at now: TurnTime) {
        guard let scan = nextScan, now.tick >= scan else { return }
        nextScan = nil
        for (id, element) in waiting.pairs() {
            guard element.due <= now.tick else {
                nextScan = min(nextScan ?? .max, element.due)
                continue
            }
            _ = waiting.remove(id)
            switch element {
            case .coordinator(let errand):
                refuse(errand, .group(.unanswered(mayHaveChanged: errand.mayHaveChanged)))
            case .pause(let errand, let shard, let call, _):
                add(.shard(errand, shard, call), .shard(shard, .group(call)))
            case .shard(let errand, _, _):
                errand.error = .unanswered(mayHaveChanged: errand.mayHaveChanged)
                finishOne(errand, topics)
            }
        }
    }
}
