import CommitLog
import Groups
import Records
import Simulation
import Testing
import Wire

@testable import Storage

@Suite("Dead letters of a shard, in a topic of their own")
struct LetterTests {
    static let letters = ShardBench.topic(2, partitions: 4)

    /// A group whose messages die when they fail once.
    private static func bench(
        limits: ShardLimits = ShardBench.smallLimits, to topic: String? = letters.name,
        _ set: (inout GroupOptions) -> Void = { _ in }
    ) throws -> ShardBench {
        try GroupTests.bench(limits: limits) {
            $0.attemptsMax = 1
            $0.deadLetterTopic = topic
            set(&$0)
        }
    }

    /// Everything that can be had dies.
    private static func kill(_ bench: ShardBench, reason: String = "no such account") throws {
        let grant = try GroupTests.pull(bench, ShardBench.pull([GroupTests.orders], by: "worker-1"))
        let ticket = bench.settle(grant.leases, .nack(delay: nil, reason: reason))
        try bench.settle()
        try #require(bench.settled(ticket) != nil)
    }

    private static func copies(
        _ bench: ShardBench, of topic: Topic = letters
    ) throws -> [ShardBench.Copy] {
        try topic.shards.indices.flatMap { partition in
            try #require(
                bench.copies(in: PartitionID(topic: topic.id, partition: UInt32(partition))))
        }
    }

    @Test("are messages there, and say where they died and why")
    func copies() throws {
        let bench = try Self.bench()
        let waiting = bench.watch(
            (0..<4).map { (PartitionID(topic: 2, partition: UInt32($0)), 0) })
        let published = bench.now.wall
        bench.publish([
            (
                GroupTests.orders,
                ShardBench.batch(
                    keys: ["k"], bodies: [Array("hello".utf8)], ttl: 60_000,
                    attribute: ("region", "eu"))
            )
        ])
        try bench.settle()
        try bench.wait(1_000)
        try Self.kill(bench)
        let copy = try #require(try Self.copies(bench).first)
        #expect(copy.body == Array("hello".utf8) && copy.key == "k")
        #expect(
            copy.attributes == [
                "region": "eu", "dead-group": "group-9", "dead-topic": "topic-1", "dead-id": "0-0",
                "dead-reason": "no such account", "dead-attempts": "1",
                "dead-at": ShardBench.text(bench.now.wall), "dead-consumer": "worker-1",
                "dead-address": "10.0.0.1", "dead-published-at": ShardBench.text(published),
            ])
        guard case .news = bench.answers[waiting] else {
            Issue.record("whoever waits for letters is not told")
            return
        }
        try bench.wait(120_000)
        #expect(try Self.copies(bench).count == 1, "a copy does not expire")
        #expect(bench.shard.counts.copiedLetters == 1)
        #expect(try CheckTests.report(bench.disk).isWhole)
    }

    @Test("stay in place, go back from there, and are copied again when they die again")
    func redrives() throws {
        let bench = try Self.bench()
        try GroupTests.publish(bench, "a")
        for deaths in 1...2 {
            try Self.kill(bench)
            #expect(try Self.copies(bench).count == deaths)
            #expect(bench.status(GroupTests.orders)?.dead == 1)
            bench.call(
                .group(
                    .redrive(
                        GroupRedrive(group: ShardBench.group, partitions: [GroupTests.orders]))))
            try bench.wait(1_000)
        }
        #expect(bench.status(GroupTests.orders)?.dead == 0)
        try bench.reopen()
        bench.shard.heardAll(at: bench.now)
        try bench.wait(1_000)
        #expect(try Self.copies(bench).count == 2)
    }

    @Test("keep the order of their keys, in many turns where there are many")
    func keepsOrder() throws {
        var limits = ShardBench.smallLimits
        limits.groupCopiesMax = 3
        let bench = try Self.bench(limits: limits)
        for number in 0..<40 {
            bench.publish([(GroupTests.orders, ShardBench.batch(keys: ["k\(number % 5)"]))])
        }
        try bench.settle()
        for _ in 0..<2 { try Self.kill(bench) }
        let copies = try Self.copies(bench)
        #expect(copies.count == 40)
        for partition in 0..<4 {
            let found = try #require(
                bench.copies(in: PartitionID(topic: 2, partition: UInt32(partition))))
            let others = copies.count { copy in found.contains { $0.key == copy.key } }
            #expect(others == found.count, "a key is in two partitions")
            let ids = found.compactMap { Int($0.attributes["dead-id"]?.dropFirst(2) ?? "") }
            #expect(ids == ids.sorted())
        }
    }

    @Test("of what expired are copied, too")
    func expired() throws {
        let bench = try Self.bench { $0.expired = .deadLetter }
        bench.publish([(GroupTests.orders, ShardBench.batch(keys: [nil], ttl: 10))])
        try bench.wait(100)
        #expect(try GroupTests.pull(bench).leases.isEmpty)
        let copy = try #require(try Self.copies(bench).first)
        #expect(copy.attributes["dead-reason"] == "expired" && copy.key == nil)
        #expect(copy.attributes["dead-consumer"] == nil)
    }

    @Test("owe nothing where their topic is not there, is theirs, or is full")
    func leftOff() throws {
        for (topic, left) in [("nobody", 1), ("topic-1", 0), ("topic-3", 1)] {
            let bench = try Self.bench(to: topic)
            bench.hear(.put(ShardBench.topic(3, partitions: 1, backlogMax: 0)))
            try GroupTests.publish(bench, "a")
            try Self.kill(bench)
            #expect(try Self.copies(bench).isEmpty)
            #expect(bench.status(GroupTests.orders)?.dead == 1)
            #expect(bench.shard.counts.uncopiedLetters == left, "\(topic)")
            #expect(bench.shard.groups.shelf.owing.isEmpty)
            #expect(try CheckTests.report(bench.disk).isWhole)
        }
    }

    @Test("go to the topic that has the name by now")
    func renamed() throws {
        let bench = try Self.bench()
        try GroupTests.publish(bench, "a")
        bench.hear(.deleted(id: 2, name: Self.letters.name))
        try Self.kill(bench)
        #expect(bench.shard.counts.uncopiedLetters == 1)
        let settings = Self.letters.settings
        let anew = Topic(
            id: 7, name: Self.letters.name, settings: settings, shards: Self.letters.shards,
            createdAt: 0)
        bench.hear(.put(anew))
        try GroupTests.publish(bench, "b")
        try Self.kill(bench)
        #expect(try Self.copies(bench, of: anew).map(\.body) == [Array("b".utf8)])
    }

    @Test("wait while the disk is full, and are copied when it is not")
    func waitsForRoom() throws {
        let bench = try Self.bench()
        try GroupTests.publish(bench, "a", "b")
        bench.shard.hear(DiskLevel.full)
        try Self.kill(bench)
        try bench.wait(5_000)
        #expect(try Self.copies(bench).isEmpty)
        #expect(bench.shard.groups.shelf.owing.count == 1)
        bench.shard.hear(DiskLevel.roomy)
        try bench.wait(5_000)
        #expect(try Self.copies(bench).count == 2)
    }

    @Test("have what of their story fits beside their own attributes")
    func attributes() throws {
        let own = (0..<RecordLimits.attributeCountMax - 2).map { number in
            RecordAttribute(name: Array("a\(number)".utf8)[...], value: [])
        }
        var builder = BatchBuilder()
        var compressor = BatchCompressor()
        var record = RecordDraft(time: 1, body: [7])
        record.contentType = Array("image/png".utf8)[...]
        record.attributes =
            own + [RecordAttribute(name: Array("dead-group".utf8)[...], value: [1])]
        #expect(try builder.append(record))
        let bench = try Self.bench()
        bench.publish([(GroupTests.orders, builder.encode(.none, with: &compressor))])
        try bench.settle()
        try Self.kill(bench)
        let copy = try #require(try Self.copies(bench).first)
        #expect(copy.body == [7] && copy.contentType == "image/png")
        #expect(copy.attributes.count == RecordLimits.attributeCountMax)
        #expect(copy.attributes["a0"] == "" && copy.attributes["dead-group"] == "group-9")
        #expect(copy.attributes["dead-topic"] == "topic-1" && copy.attributes["dead-id"] == nil)
    }

    @Test("are shown in order, from an offset on, with what a redrive takes back")
    func shown() throws {
        let bench = try Self.bench(to: nil)
        try GroupTests.publish(bench, "a", "b", "c", "d")
        try Self.kill(bench)
        func letters(from offset: Int, upTo count: Int) throws -> [DeadLetter] {
            let call = GroupLetters(
                group: ShardBench.group,
                parts: [
                    GroupLetters.Part(GroupTests.others, from: 0),
                    GroupLetters.Part(GroupTests.orders, from: offset),
                ], countMax: count)
            let ticket = bench.call(.group(.letters(call)))
            guard case .group(.letters(let letters)) = bench.answers[ticket] else {
                Issue.record("no letters: \(bench.answers[ticket] as Any)")
                return []
            }
            return letters
        }
        #expect(try letters(from: 0, upTo: 3).map(\.offset) == [0, 1, 2])
        #expect(
            try letters(from: 3, upTo: 3) == [
                DeadLetter(
                    partition: GroupTests.orders, offset: 3, attempts: 1,
                    reasons: ["no such account"], consumer: "worker-1", address: "10.0.0.1",
                    diedAt: bench.now.wall, isRedriving: false)
            ])
        bench.call(
            .group(
                .redrive(
                    GroupRedrive(
                        group: ShardBench.group, partitions: [GroupTests.orders], max: 3, rate: 1)))
        )
        try bench.settle()
        #expect(try letters(from: 0, upTo: 9).map(\.isRedriving) == [true, true, false])
    }

    @Test("whose messages cannot be read owe nothing")
    func damaged() throws {
        var limits = ShardBench.smallLimits
        limits.tailCacheSize = 0
        limits.coldCacheSize = 0
        let bench = try Self.bench(limits: limits)
        bench.publish([
            (GroupTests.orders, ShardBench.batch(keys: ["unmistakable"], bodies: [[9, 9]]))
        ])
        try bench.settle()
        let grant = try GroupTests.pull(bench)
        try Self.rot(bench, "unmistakable")
        bench.settle(grant.leases, .nack(delay: nil, reason: ""))
        try bench.settle()
        #expect(bench.status(GroupTests.orders)?.dead == 1)
        #expect(try Self.copies(bench).isEmpty)
        #expect(bench.shard.counts.uncopiedLetters == 1)
    }

    /// Flips a bit where `text` lies on the disk.
    private static func rot(_ bench: ShardBench, _ text: String) throws {
        for name in try bench.disk.names() where name.hasSuffix(".log") {
            let file = try bench.disk.open(name)
            let bytes = try file.read(0..<60 << 10)
            let wanted = Array(text.utf8)
            for place in 0..<bytes.count - wanted.count
            where Array(bytes[place..<place + wanted.count]) == wanted {
                file.rot(at: place, bit: 0)
                return
            }
        }
        Issue.record("the message is not on the disk")
    }

    @Test("that are said to be copied, and are not, are found by the check")
    func checked() throws {
        var body: [UInt8] = []
        PlacedChange(
            group: ShardBench.group, partition: GroupTests.orders,
            .copied(OffsetRanges([4, 5]), topic: 2)
        ).append(to: &body)
        func batch(_ topic: UInt32, _ count: UInt32) -> EntryHead {
            EntryHead(
                type: 1, flags: EntryHead.indexed,
                partition: PartitionID(topic: topic, partition: 0), baseOffset: 0, count: count)
        }
        let rows: [([EntryHead], Bool)] = [
            ([batch(2, 2)], true), ([batch(2, 1), batch(1, 4), batch(2, 1)], true), ([], false),
            ([batch(2, 1)], false), ([batch(2, 2), .groups], false), ([batch(1, 2)], false),
        ]
        for (heads, isGood) in rows {
            var check = GroupCheck()
            for head in heads { check.pass(head) }
            let place = EntryPlace(
                head: .groups, position: 0, size: LogFormat.entryHeadSize + body.count)
            #expect(check.take(place, in: body, at: 0) == isGood)
        }
    }
}
