// Answers the calls that make, change, show, list and delete groups. Nothing is decided here: the
// coordinator decides.

package import Bytes
import HTTP
package import Wire

/// The groups' side of a gateway loop, as far as it is about groups and not about their messages.
package struct GroupDesk {
    /// Requests that wait for an answer at once.
    package static let waitingMax = 1_024
    package static let listLimit = 100
    package static let listLimitMax = 1_000

    private enum Kind {
        case put, show, delete
    }

    private struct Errand {
        let kind: Kind
        let name: String
        let caller: Exchange
        let due: UInt64
    }

    private var waiting = Slab<Errand>()
    private var nextScan: UInt64?
    /// How long a request waits for its answer, in milliseconds.
    package var timeout: UInt64

    /// What is to be sent to storage, and what is to be said to clients.
    private var calls: [DeskCall] = []
    private var answers: [DeskAnswer] = []

    package init(timeout: UInt64) {
        self.timeout = timeout
    }

    var hasCalls: Bool { !calls.isEmpty }

    package mutating func takeCalls() -> [DeskCall] {
        defer { calls.removeAll(keepingCapacity: true) }
        return calls
    }

    package mutating func takeAnswers() -> [DeskAnswer] {
        defer { answers.removeAll(keepingCapacity: true) }
        return answers
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
        try send(.put, name, .put(name: name, edit), for: caller, at: now)
    }

    /// `GET /v1/groups/{group}`.
    ///
    /// The coordinator is asked also for what is known here: whoever has just heard that a group was
    /// changed or deleted finds it so, whichever loop has the connection.
    mutating func show(
        _ name: String, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        try send(.show, name, .find(name: name), for: caller, at: now)
    }

    /// `DELETE /v1/groups/{group}`.
    mutating func delete(
        _ name: String, for caller: Exchange, at now: TurnTime
    ) throws(GatewayError) {
        try Self.check(name)
        try send(.delete, name, .delete(name: name), for: caller, at: now)
    }

    /// `GET /v1/groups`, which is answered at once.
    static func list(
        _ groups: inout GroupMap, after: String?, limit: String?
    ) throws(GatewayError) -> Response {
        var count = listLimit
        if let limit {
            guard let number = Int(limit), 1...listLimitMax ~= number else {
                throw .group(.invalidLimit(max: listLimitMax))
            }
            count = number
        }
        let found = groups.list(after: after, limit: count + 1)
        let page = GroupPage.writeList(found.prefix(count), hasMore: found.count > count)
        return response(.ok, page)
    }

    static func check(_ name: String) throws(GatewayError) {
        guard Name.isValid(name.utf8.span) else { throw .group(.invalidName) }
    }

    private static func response(_ status: HTTPStatus, _ body: [UInt8]) -> Response {
        var response = Response(status)
        response.add("Content-Type", "application/json")
        response.add("Cache-Control", "no-store")
        response.setBody(body)
        return response
    }

    private mutating func send(
        _ kind: Kind, _ name: String, _ call: GroupTableCall, for caller: Exchange,
        at now: TurnTime
    ) throws(GatewayError) {
        guard waiting.count < Self.waitingMax else {
            throw .group(.tooManyWaiting(limit: Self.waitingMax))
        }
        let errand = Errand(kind: kind, name: name, caller: caller, due: now.tick + timeout)
        let id = waiting.insert(errand)
        if nextScan == nil { nextScan = errand.due }
        calls.append(DeskCall(id, .coordinator(.group(call))))
    }
}

// MARK: Storage

extension GroupDesk {
    /// Takes what storage says to a call of this desk; a late answer finds nobody.
    package mutating func take(
        _ id: SlabID, _ answer: CoordinatorAnswer, into groups: inout GroupMap,
        with topics: borrowing TopicMap
    ) {
        if case .group(.found(let group)) = answer { groups.learn(group) }
        if case .group(.created(let group)) = answer { groups.learn(group) }
        if case .group(.changed(let group)) = answer { groups.learn(group) }
        guard let errand = waiting.remove(id) else { return }
        switch answer {
        case .group(.found(let group)), .group(.changed(let group)):
            show(group, .ok, errand, topics)
        case .group(.created(let group)): show(group, .created, errand, topics)
        case .group(.deleted):
            answers.append(DeskAnswer(errand.caller, .response(Response(.noContent))))
        case .refused(.noSuchGroup): refuse(errand, .noSuchGroup(errand.name))
        case .refused(let refusal):
            refuse(errand, .refused(errand.kind == .show ? refusal.ifNothingChanges : refusal))
        case .found, .created, .changed, .deleted:
            preconditionFailure("the table of groups answers for groups")
        }
    }

    private mutating func show(
        _ group: GroupDefinition, _ status: HTTPStatus, _ errand: Errand,
        _ topics: borrowing TopicMap
    ) {
        let page = GroupPage.write(group, in: topics)
        answers.append(DeskAnswer(errand.caller, .response(Self.response(status, page))))
    }

    private mutating func refuse(_ errand: Errand, _ error: GroupError) {
        answers.append(DeskAnswer(errand.caller, .problem(.group(error))))
    }
}

// MARK: Time

extension GroupDesk {
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
            refuse(errand, .unanswered(mayHaveChanged: errand.kind != .show))
        }
    }
}
