import Testing
import Wire

@testable import Coordination

@Suite("The table of topics")
struct TopicTableTests {
    private static let rules = Desk.rules()

    private static func table(_ names: String...) -> TopicTable {
        var table = TopicTable()
        for name in names { _ = table.take(.find(name: name, mayCreate: true)) }
        return table
    }

    @Test("makes a topic that is looked for, if it may")
    func creates() throws {
        var table = TopicTable()
        #expect(table.take(.find(name: "a", mayCreate: false)) == .refused(.noSuchTopic))
        guard case .created(let topic) = table.take(.find(name: "a", mayCreate: true)) else {
            Issue.record("not created")
            return
        }
        #expect(topic.settings == Self.rules.defaults.settings)
        #expect(topic.createdAt == 77)
        #expect(table.take(.find(name: "a", mayCreate: true)) == .found(topic))
        #expect(table.take(.find(name: "a", mayCreate: false)) == .found(topic))
    }

    @Test("spreads partitions over the shards, each topic from another one on")
    func spreads() {
        let table = Self.table("a", "b", "c")
        #expect(table.topics["a"]?.shards == [1, 2, 0, 1])
        #expect(table.topics["b"]?.shards == [2, 0, 1, 2])
        #expect(table.topics["c"]?.shards == [0, 1, 2, 0])
    }

    @Test("knows for a day what a topic grew from, and for no other change")
    func growths() throws {
        var table = Self.table("a")
        let day = Int(TopicRules.growthAgeMax)
        for (partitions, time) in [(6, 1_000), (6, 2_000), (8, 3_000), (9, day + 2_000)] {
            var change = TopicChange()
            change.partitions = partitions
            change.dedupWindow = time
            let decision = table.decide(.put(name: "a", change), Self.rules, at: time)
            table.apply(try #require(decision.record))
        }
        #expect(
            table.topics["a"]?.growths == [
                TopicGrowth(partitions: 6, at: 3_000), TopicGrowth(partitions: 8, at: day + 2_000),
            ])
        for partitions in 10...40 {
            var change = TopicChange()
            change.partitions = partitions
            let decision = table.decide(.put(name: "a", change), Self.rules, at: day + 3_000)
            table.apply(try #require(decision.record))
        }
        #expect(table.topics["a"]?.growths.count == TopicRules.growthsMax)
        #expect(table.topics["a"]?.growths.last?.partitions == 39)
    }

    @Test("never uses an id again")
    func countsOn() {
        var table = Self.table("a", "b")
        #expect(table.take(.delete(name: "b")) == .deleted)
        #expect(table.take(.delete(name: "b")) == .refused(.noSuchTopic))
        _ = table.take(.find(name: "b", mayCreate: true))
        #expect(table.topics["b"]?.id == 3)
    }

    @Test("leaves what a change does not name, and clears what it says is nothing")
    func changes() throws {
        var table = Self.table("a")
        var change = TopicChange()
        change.backlogMax = .some(.some(1_000))
        change.durability = .buffered
        _ = table.take(.put(name: "a", change))
        var expected = Self.rules.defaults.settings
        expected.backlogMax = 1_000
        expected.durability = .buffered
        #expect(table.topics["a"]?.settings == expected)

        change = TopicChange()
        change.backlogMax = .some(nil)
        change.retention = .some(nil)
        _ = table.take(.put(name: "a", change))
        expected.backlogMax = nil
        expected.retention = nil
        #expect(table.topics["a"]?.settings == expected)
    }

    @Test("adds partitions behind those there are, and takes none away")
    func grows() {
        var table = Self.table("a")
        var change = TopicChange()
        change.partitions = 6
        _ = table.take(.put(name: "a", change))
        #expect(table.topics["a"]?.shards == [1, 2, 0, 1, 2, 0])
        change.partitions = 5
        #expect(table.take(.put(name: "a", change)) == .refused(.fewerPartitions(current: 6)))
        change.partitions = 0
        #expect(table.take(.put(name: "b", change)) == .refused(.fewerPartitions(current: 1)))
    }

    @Test("has nothing to write where nothing changes")
    func staysQuiet() throws {
        let table = Self.table("a")
        let topic = try #require(table.topics["a"])
        var change = TopicChange()
        change.partitions = 4
        let decision = table.decide(.put(name: "a", change), Self.rules, at: 0)
        #expect(decision.answer == .changed(topic))
        #expect(decision.record == nil)
    }

    @Test("gives dead letters a topic with a partition in each shard, or says how many it needs")
    func forLetters() {
        var table = TopicTable()
        func find(_ name: String, mayCreate: Bool = true) -> CoordinatorCall {
            .findForLetters(name: name, mayCreate: mayCreate)
        }
        #expect(table.take(find("a", mayCreate: false)) == .refused(.noSuchTopic))
        #expect(table.take(find("_a")) == .refused(.noSuchTopic))
        guard case .created(let made) = table.take(find("a")) else {
            Issue.record("it is not made")
            return
        }
        #expect(made.settings.partitions == 4 && Set(made.shards).count == 3)
        #expect(table.take(find("a", mayCreate: false)) == .found(made))
        var change = TopicChange()
        change.partitions = 2
        _ = table.take(.put(name: "b", change))
        #expect(table.take(find("b")) == .refused(.tooFewPartitions(current: 2, needed: 3)))
        change.partitions = 3
        _ = table.take(.put(name: "b", change))
        guard case .found = table.take(find("b")) else {
            Issue.record("it is not enough")
            return
        }
        let few = TopicRules(defaults: TopicDefaults(partitions: 1), shardCount: 5)
        guard case .created(let topic) = table.decide(find("c"), few, at: 0).answer else {
            Issue.record("it is not made")
            return
        }
        #expect(topic.shards.count == 5)
    }

    @Test("makes no topic with a name that is kept for us", arguments: ["_dead", ".x", ""])
    func reserves(_ name: String) {
        var table = TopicTable()
        #expect(table.take(.find(name: name, mayCreate: true)) == .refused(.noSuchTopic))
        #expect(table.take(.put(name: name, TopicChange())) == .refused(.noSuchTopic))
    }

    @Test("has a bound, and room again after a deletion")
    func bounds() {
        var table = Self.table("a", "b")
        let rules = Desk.rules(topicsMax: 2)
        let find = CoordinatorCall.find(name: "c", mayCreate: true)
        #expect(table.decide(find, rules, at: 0).answer == .refused(.tooManyTopics(limit: 2)))
        _ = table.take(.delete(name: "a"))
        #expect(table.decide(find, rules, at: 0).record != nil)
    }
}

extension TopicTable {
    /// Decides and applies at once.
    fileprivate mutating func take(_ call: CoordinatorCall) -> CoordinatorAnswer {
        let decision = decide(call, Desk.rules(), at: 77)
        if let record = decision.record { apply(record) }
        return decision.answer
    }
}
