import Simulation
import Testing
import Wire

@testable import Gateway

@Suite("The map of topics")
struct TopicMapTests {
    @Test("says what a table of names says, whatever came and went", arguments: UInt64(1)...20)
    func agrees(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var map = TopicMap(seed: seed)
        var table: [String: UInt32] = [:]
        for id in 1...UInt32(400) {
            let name = "t\(random.number(in: 0...80))"
            if random.number(in: 0...2) == 0, let old = table.removeValue(forKey: name) {
                map.apply(.deleted(id: old, name: name))
            } else {
                table[name] = id
                map.apply(.put(sampleTopic(name, id: id)))
            }
            if random.number(in: 0...9) == 0 { _ = map.list(after: nil, limit: 10) }
        }
        #expect(map.count == table.count, "rerun with seed \(seed)")
        for number in 0...80 {
            #expect(map.find("t\(number)")?.topic.id == table["t\(number)"], "seed \(seed)")
        }
        let listed = map.list(after: nil, limit: 1_000).map(\.topic.name)
        #expect(listed == table.keys.sorted(), "rerun with seed \(seed)")
    }

    @Test("lists by name, a page at a time")
    func pages() {
        var map = TopicMap(seed: 1)
        for (id, name) in ["b", "a", "d", "c"].enumerated() {
            map.apply(.put(sampleTopic(name, id: UInt32(id + 1))))
        }
        #expect(map.list(after: nil, limit: 2).map(\.topic.name) == ["a", "b"])
        #expect(map.list(after: Array("b".utf8)[...], limit: 9).map(\.topic.name) == ["c", "d"])
        #expect(map.list(after: Array("bb".utf8)[...], limit: 1).map(\.topic.name) == ["c"])
        #expect(map.list(after: Array("d".utf8)[...], limit: 1).isEmpty)
    }

    @Test("keeps the newer topic of a name, and takes a change")
    func newer() {
        var map = TopicMap(seed: 1)
        map.apply(.put(sampleTopic(id: 5)))
        map.apply(.put(sampleTopic(id: 3)))
        #expect(map.find("orders")?.topic.id == 5)
        map.apply(.put(sampleTopic(id: 5, partitions: 9)))
        #expect(map.find(id: 5)?.topic.shards.count == 9)
        map.apply(.deleted(id: 3, name: "orders"))
        #expect(map.count == 1)
    }

    @Test("learns nothing from an answer about a topic whose end it has heard of")
    func endsFirst() {
        var map = TopicMap(seed: 1)
        map.learn(sampleTopic(id: 5))
        #expect(map.find(id: 5) != nil, "there was no news of it yet")
        map.apply(.put(sampleTopic(id: 5)))
        map.apply(.deleted(id: 5, name: "orders"))
        map.learn(sampleTopic(id: 5))
        #expect(map.count == 0)
        map.learn(sampleTopic(id: 6))
        #expect(map.find("orders")?.topic.id == 6)
    }

    @Test("knows the partitions that are near, or all of them")
    func near() {
        let topic = sampleTopic(partitions: 4, shards: 2)
        #expect(KnownTopic(topic, nearShard: 1).openPartitions == [1, 3])
        #expect(KnownTopic(topic, nearShard: 7).openPartitions == [0, 1, 2, 3])
        #expect(KnownTopic(topic).openPartitions == [0, 1, 2, 3])
    }

    @Test(
        "Names that may be given, and names that may not",
        arguments: [
            ("a", true), ("A-z0.9_", true), ("-", true), (String(repeating: "x", count: 200), true),
            ("", false), (".a", false), ("_a", false), ("a b", false), ("a/b", false),
            ("é", false), (String(repeating: "x", count: 201), false),
        ])
    func names(_ name: String, _ isValid: Bool) { #expect(Name.isValid(name.utf8.span) == isValid) }
}
