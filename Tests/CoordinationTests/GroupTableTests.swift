import CommitLog
import Simulation
import Testing
import Wire

@testable import Coordination

@Suite("The table of groups")
struct GroupTableTests {
    private static func state(_ topics: String...) -> CoordinatorState {
        var state = CoordinatorState()
        for name in topics { _ = state.take(.find(name: name, mayCreate: true)) }
        return state
    }

    @Test("makes a group that is put, with the defaults where nothing is said")
    func creates() throws {
        var state = Self.state()
        #expect(state.take(.group(.find(name: "a"))) == .refused(.noSuchGroup))
        var edit = GroupEdit()
        edit.attemptsMax = 3
        guard case .group(.created(let group)) = state.take(.group(.put(name: "a", edit))) else {
            Issue.record("not created")
            return
        }
        var options = GroupOptions()
        options.attemptsMax = 3
        #expect(group.options == options && group.createdAt == 77 && group.id == 1)
        #expect(state.take(.group(.find(name: "a"))) == .group(.found(group)))
    }

    @Test("leaves what an edit does not name, and clears what it says is nothing")
    func changes() {
        var state = Self.state()
        var edit = GroupEdit()
        edit.rate = .some(.some(5))
        edit.filter = "a = 1"
        _ = state.take(.group(.put(name: "a", edit)))
        edit = GroupEdit()
        edit.lease = 500
        edit.rate = .some(nil)
        _ = state.take(.group(.put(name: "a", edit)))
        let options = state.groups.groups["a"]?.options
        #expect(options?.rate == nil && options?.lease == 500 && options?.filter == "a = 1")
    }

    @Test("has nothing to write where nothing changes")
    func staysQuiet() {
        var state = Self.state("t")
        _ = state.take(.group(.attach(name: "a", topics: [1], mayCreate: true)))
        let rules = Desk.rules()
        let put = state.decide(.group(.put(name: "a", GroupEdit())), rules, at: 0)
        #expect(put.record == nil)
        let attach = GroupTableCall.attach(name: "a", topics: [1, 1], mayCreate: false)
        #expect(state.decide(.group(attach), rules, at: 0).record == nil)
    }

    @Test("attaches topics once, since when and where the group is set to begin then")
    func attaches() {
        var state = Self.state("t", "u")
        _ = state.take(.group(.attach(name: "a", topics: [1], mayCreate: true)), at: 5)
        var edit = GroupEdit()
        edit.start = .latest
        _ = state.take(.group(.put(name: "a", edit)), at: 6)
        _ = state.take(.group(.attach(name: "a", topics: [1, 2], mayCreate: false)), at: 7)
        let expected = [
            GroupAttachment(topic: 1, since: 5, start: .earliest),
            GroupAttachment(topic: 2, since: 7, start: .latest),
        ]
        #expect(state.groups.groups["a"]?.attachments == expected)
    }

    @Test("makes no group for topics that it may not make it for, or that are not there")
    func refuses() {
        var state = Self.state("t")
        let one = GroupTableCall.attach(name: "a", topics: [1], mayCreate: false)
        #expect(state.take(.group(one)) == .refused(.noSuchGroup))
        let other = GroupTableCall.attach(name: "a", topics: [1, 9], mayCreate: true)
        #expect(state.take(.group(other)) == .refused(.noSuchTopic))
        #expect(state.groups.groups.isEmpty)
    }

    @Test("works on topics up to its bound")
    func bounds() {
        var state = Self.state()
        for number in 0...GroupRules.attachmentsMax {
            _ = state.take(.find(name: "t\(number)", mayCreate: true))
        }
        let all = (1...UInt32(GroupRules.attachmentsMax + 1)).map { $0 }
        let limit = CoordinatorRefusal.tooManyAttachments(limit: GroupRules.attachmentsMax)
        let most = Array(all.dropLast())
        #expect(
            state.take(.group(.attach(name: "a", topics: all, mayCreate: true))) == .refused(limit))
        _ = state.take(.group(.attach(name: "a", topics: most, mayCreate: true)))
        #expect(state.groups.groups["a"]?.attachments.count == GroupRules.attachmentsMax)

        var rules = Desk.rules()
        rules.groupsMax = 1
        let put = CoordinatorCall.group(.put(name: "b", GroupEdit()))
        #expect(state.decide(put, rules, at: 0).answer == .refused(.tooManyGroups(limit: 1)))
    }

    @Test("forgets a topic that is deleted, and never uses an id of a group again")
    func deletes() {
        var state = Self.state("t", "u")
        _ = state.take(.group(.attach(name: "a", topics: [1, 2], mayCreate: true)))
        _ = state.take(.delete(name: "t"))
        #expect(state.groups.groups["a"]?.attachments.map(\.topic) == [2])
        #expect(state.take(.group(.delete(name: "a"))) == .group(.deleted))
        #expect(state.take(.group(.delete(name: "a"))) == .refused(.noSuchGroup))
        _ = state.take(.group(.put(name: "a", GroupEdit())))
        #expect(state.groups.groups["a"]?.id == 2)
        #expect(state.groups.groups["a"]?.attachments == [])
    }

    @Test("ends a group that nobody uses, as it was when it was looked at, and no other")
    func retires() throws {
        var state = Self.state("t", "u")
        var edit = GroupEdit()
        edit.lifetime = .some(5_000)
        let put = GroupTableCall.put(name: "a", edit)
        _ = state.take(.group(put))
        let attach = { GroupTableCall.attach(name: "a", topics: $0, mayCreate: false) }
        _ = state.take(.group(attach([1])))
        let known = try #require(state.groups.groups["a"])
        let retire = CoordinatorCall.group(.retire(known))

        // Somebody has pulled from another topic since.
        _ = state.take(.group(attach([2])))
        let attached = try #require(state.groups.groups["a"])
        #expect(state.take(retire) == .group(.found(attached)))
        // A topic that is gone is no use.
        _ = state.take(.delete(name: "u"))
        var longer = edit
        longer.lifetime = .some(6_000)
        _ = state.take(.group(.put(name: "a", longer)))
        let changed = try #require(state.groups.groups["a"])
        #expect(state.take(retire) == .group(.found(changed)))
        _ = state.take(.group(put))
        #expect(state.take(retire) == .group(.deleted) && state.groups.groups.isEmpty)

        #expect(state.take(retire) == .refused(.noSuchGroup))
        _ = state.take(.group(put))
        #expect(state.take(retire) == .refused(.noSuchGroup))
        #expect(state.groups.groups["a"]?.id == 2)
    }

    @Test("ends no group by itself that has no lifetime")
    func keeps() throws {
        var state = Self.state()
        _ = state.take(.group(.put(name: "a", GroupEdit())))
        let known = try #require(state.groups.groups["a"])
        #expect(state.take(.group(.retire(known))) == .group(.found(known)))
    }

    @Test("makes no group with a name that is kept for us", arguments: ["_g", ".x", ""])
    func reserves(_ name: String) {
        var state = Self.state()
        #expect(state.take(.group(.put(name: name, GroupEdit()))) == .refused(.noSuchGroup))
    }

    @Test("A cursor is a start in its topic, and the earliest in every other")
    func cursors() {
        var state = Self.state("t", "u")
        var edit = GroupEdit()
        edit.start = .cursor(GroupCursor(topic: 1, .all([5, 6])))
        _ = state.take(.group(.put(name: "a", edit)))
        _ = state.take(.group(.attach(name: "a", topics: [1, 2], mayCreate: false)))
        let attachments = state.groups.groups["a"]?.attachments ?? []
        #expect(attachments.map { $0.begin(in: 1) } == [.offset(6), .earliest])
        #expect(attachments.map { $0.begin(in: 2) } == [.earliest, .earliest])
        let published = GroupCursor(
            topic: 1, .published(count: 4, partition: 2, offset: 9, logTime: 70))
        #expect(published.begin(in: 2) == .offset(9) && published.begin(in: 3) == .time(70))
    }

    @Test("What no gateway sends is taken as the nearest that there can be")
    func clamps() {
        var edit = GroupEdit()
        edit.lease = -1
        edit.attemptsMax = 0
        edit.backoff = [Int](repeating: -1, count: 300)
        edit.rate = .some(-5)
        edit.filter = String(repeating: "x", count: 70_000)
        edit.deadLetterTopic = .some(String(repeating: "x", count: 70_000))
        let options = GroupOptions().changed(by: edit)
        #expect(options.lease == 0 && options.attemptsMax == 1 && options.rate == 0)
        #expect(options.backoff == [Int](repeating: 0, count: GroupRules.pausesMax))
        #expect(options.filter.isEmpty && options.deadLetterTopic == nil)
    }
}

@Suite("Secrets of receipts")
struct ReceiptSecretTests {
    @Test("are there from the first start, outlive others, and are told when one is new")
    func rotates() throws {
        let desk = try Desk()
        try desk.settle()
        let first = desk.log.state.secrets
        #expect(first.map(\.id) == [1])
        try desk.restart()
        #expect(desk.log.state.secrets == first)
        for _ in 0..<6 {
            desk.boot += GroupRules.secretAgeMax
            let due = try #require(desk.log.nextDeadline)
            #expect(due <= desk.boot)
            try desk.settle()
            desk.log.tick(at: desk.now)
            try desk.settle()
        }
        let secrets = desk.log.state.secrets
        #expect(secrets.map(\.id) == [4, 5, 6, 7])
        #expect(Set(secrets.map(\.high)).count == 4)
        guard case .secrets(let told) = desk.news.last else {
            Issue.record("nothing was told")
            return
        }
        #expect(told == secrets)
        #expect(secrets[3].from >= desk.now.wall)
        #expect("\(secrets[3])" == "receipt secret 7")
        try desk.restart()
        #expect(desk.log.state.secrets == secrets)
    }
}

extension CoordinatorState {
    /// Decides and applies at once.
    fileprivate mutating func take(_ call: CoordinatorCall, at time: Int = 77) -> CoordinatorAnswer
    {
        let decision = decide(call, Desk.rules(), at: time)
        if let record = decision.record { apply(record) }
        return decision.answer
    }
}
