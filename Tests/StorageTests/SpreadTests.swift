import CommitLog
import Records
import Simulation
import Storage
import Testing
import Wire

private typealias Fixture = SpreadFixture

@Suite("A part of a batch that spans shards")
struct SpreadTests {
    private let spread = SpreadFixture.spread

    @Test("is seen by nobody before the decision is flushed, and then is where its judge said")
    func judges() throws {
        let fixture = try Fixture()
        let watch = fixture.bench.watch([(Fixture.orders, 0)])
        let ticket = fixture.prepare()
        #expect(fixture.answer(ticket) == nil, "it is not flushed")
        let appended = fixture.bench.shard.logTime
        try fixture.bench.wait(100)
        #expect(fixture.answer(ticket) == .prepared)
        #expect(fixture.isSilent && fixture.bench.answers[watch] == nil)
        let decide = fixture.call(.decide(spread, others: [1]))
        #expect(fixture.answer(decide) == nil && fixture.isSilent)
        fixture.bench.now.wall += 500
        try fixture.bench.settle()
        guard case .shown(let places) = fixture.answer(decide) else {
            Issue.record("not shown")
            return
        }
        #expect(places.map(\.place) == [.offset(0), .offset(0)])
        #expect(fixture.seen == ["a", "b"])
        guard case .news = fixture.bench.answers[watch] else {
            Issue.record("nobody woke the watch")
            return
        }
        #expect(places.map(\.logTime) == [appended, appended])
        #expect(try fixture.ask(.decide(spread, others: [1])) == .shown([]))
    }

    @Test("is shown when it is told so, and the judge hears that it was")
    func participates() throws {
        let fixture = try Fixture()
        fixture.bench.publish([(Fixture.orders, ShardBench.batch("before"))])
        fixture.prepare(judge: Fixture.peer)
        try fixture.bench.settle()
        // What comes later and is not held up gets its offset first.
        fixture.bench.publish([(Fixture.orders, ShardBench.batch("between"))])
        let show = fixture.call(.show(spread))
        #expect(fixture.posts().isEmpty)
        try fixture.bench.settle()
        guard case .shown(let places) = fixture.answer(show) else {
            Issue.record("not shown")
            return
        }
        #expect(places.map(\.place) == [.offset(2), .offset(0)])
        #expect(fixture.posts() == ["done 1 by 3"])
        #expect(fixture.seen == ["before", "between", "a", "b"] && fixture.isOver)
        #expect(try fixture.ask(.show(spread)) == .shown([]))
        fixture.call(.show(spread), from: .shard(Fixture.peer))
        #expect(fixture.posts() == ["done 1 by 3"], "the judge may have missed it")
    }

    @Test("is dropped when it is told so")
    func drops() throws {
        let fixture = try Fixture()
        fixture.prepare(judge: Fixture.peer)
        // What comes while it is under way waits for it.
        #expect(try fixture.ask(.drop(spread)) == .dropped)
        try fixture.bench.wait(100)
        #expect(fixture.isSilent && fixture.isOver)
        #expect(fixture.bench.shard.picture.held.isEmpty)
    }

    @Test("that nobody decides about is refused for good, however late another part comes")
    func refuses() throws {
        let fixture = try Fixture()
        fixture.prepare()
        try fixture.bench.wait(ShardLimits().spreadPatience + 100)
        #expect(fixture.isOver && fixture.isSilent)
        for _ in 0..<3 {
            #expect(try fixture.ask(.decide(spread, others: [1])) == .tooLate)
            let late = fixture.prepare()
            #expect(fixture.answer(late) == .tooLate)
            try fixture.bench.reopen()
            try fixture.bench.wait(40_000)
        }
        fixture.call(.ask(spread, from: 1), from: .shard(1))
        #expect(fixture.posts() == ["drop 1"])
    }

    @Test("that a judge never heard of is refused for good before the answer leaves")
    func refusesUnknown() throws {
        let fixture = try Fixture()
        fixture.call(.ask(spread, from: 1), from: .shard(1))
        #expect(fixture.posts().isEmpty, "the refusal is not flushed")
        try fixture.bench.settle()
        #expect(fixture.posts() == ["drop 1"])
        #expect(fixture.answer(fixture.prepare()) == .tooLate)
    }

    @Test("is asked about after a start, and shown or dropped as the judge has decided")
    func asks() throws {
        for isShown in [false, true] {
            let fixture = try Fixture()
            fixture.prepare(judge: Fixture.peer)
            try fixture.bench.settle()
            try fixture.bench.reopen()
            try fixture.bench.settle()
            #expect(fixture.posts() == ["ask 1 for 3"] && fixture.isSilent)
            try fixture.bench.wait(ShardLimits().spreadPause)
            #expect(fixture.posts() == ["ask 1 for 3"], "once more: who was asked may be gone")
            fixture.call(isShown ? .show(spread) : .drop(spread), from: .shard(Fixture.peer))
            try fixture.bench.settle()
            #expect(fixture.seen == (isShown ? ["a", "b"] : []) && fixture.isOver)
            #expect(fixture.posts() == (isShown ? ["done 1 by 3"] : []))
        }
    }

    @Test("that is shown is told to the others until all have said that they did")
    func tells() throws {
        let fixture = try Fixture()
        fixture.prepare()
        try fixture.bench.settle()
        fixture.call(.decide(spread, others: [1, 2]))
        try fixture.bench.settle()
        #expect(fixture.posts().isEmpty, "the gateway tells them")
        try fixture.bench.wait(ShardLimits().spreadPatience)
        #expect(fixture.posts() == ["show 1", "show 2"])
        fixture.call(.done(spread, from: 1), from: .shard(1))
        fixture.call(.ask(spread, from: 2), from: .shard(2))
        #expect(fixture.posts() == ["show 2"])
        try fixture.bench.reopen()
        try fixture.bench.settle()
        #expect(fixture.posts() == ["show 1", "show 2"], "who has said so is asked again")
        for other in UInt16(1)...2 { fixture.call(.done(spread, from: other), from: .shard(other)) }
        try fixture.bench.settle()
        try fixture.bench.reopen()
        try fixture.bench.wait(5_000)
        #expect(fixture.posts().isEmpty)
        #expect(fixture.seen == ["a", "b"])
    }

    @Test("whose decision is under way makes who asks wait for it")
    func waitsForTheFlush() throws {
        let fixture = try Fixture()
        fixture.prepare()
        try fixture.bench.settle()
        fixture.call(.decide(spread, others: [1]))
        fixture.call(.ask(spread, from: 1), from: .shard(1))
        #expect(fixture.posts().isEmpty)
        try fixture.bench.settle()
        #expect(fixture.posts() == ["show 1"])
    }

    @Test("fails with the disk, and so does all that waits for it")
    func fails() throws {
        let fixture = try Fixture()
        let prepared = fixture.prepare()
        let decide = fixture.call(.decide(spread, others: [1]))
        fixture.bench.disk.failsNextFlush = true
        #expect(throws: LogError.self) { try fixture.bench.turn() }
        #expect(fixture.refusal(prepared) == .failed && fixture.refusal(decide) == .failed)
    }

    @Test("keeps its Idempotency-Keys to itself until it is shown, and forgets them with it")
    func keys() throws {
        for isShown in [false, true] {
            let fixture = try Fixture()
            fixture.prepare(keys: [11, 12])
            let repeated = SpreadID(high: 7, low: 2)
            #expect(fixture.refusal(fixture.prepare(repeated, keys: [11])) == .overloaded)
            try fixture.bench.settle()
            #expect(fixture.refusal(fixture.prepare(repeated, keys: [12])) == .overloaded)
            try fixture.bench.wait(1_000)
            try fixture.bench.reopen()
            fixture.bench.now.wall += 10
            if isShown {
                let decide = fixture.call(.decide(spread, others: [1]))
                try fixture.bench.settle()
                let again = fixture.prepare(repeated, keys: [11, 12])
                guard case .repeated(let records) = fixture.bench.answers[again],
                    case .shown(let places) = fixture.answer(decide)
                else {
                    Issue.record("not known")
                    return
                }
                let verdicts = zip(places, UInt32(0)...).map { place, partition in
                    RepeatedRecord.Verdict.same(
                        .offset(0), record: 0, partition: partition, logTime: place.logTime)
                }
                #expect(records.map(\.verdict) == verdicts)
            } else {
                #expect(try fixture.ask(.drop(spread)) == .dropped)
                let again = fixture.prepare(repeated, keys: [11, 12])
                try fixture.bench.settle()
                #expect(fixture.answer(again) == .prepared)
            }
        }
    }

    @Test("with a delay waits for its time after the decision", arguments: [false, true])
    func delays(isJudge: Bool) throws {
        let fixture = try Fixture()
        fixture.prepare(
            judge: isJudge ? Fixture.own : Fixture.peer, ["a"], keys: [5], delay: 1_000)
        try fixture.bench.settle()
        let appended = fixture.bench.shard.logTime
        try fixture.bench.wait(2_000)
        #expect(fixture.isSilent, "it was due, and is not decided")
        let show = isJudge ? SpreadCall.decide(spread, others: [1]) : .show(spread)
        guard case .shown(let places) = try fixture.ask(show), case .held = places[0].place else {
            Issue.record("not shown")
            return
        }
        #expect(places[0].logTime == appended)
        #expect(fixture.seen == ["a"] && fixture.isOver)
        let again = fixture.prepare(SpreadID(high: 7, low: 2), ["a"], keys: [5], delay: 1_000)
        guard case .repeated(let records) = fixture.bench.answers[again] else {
            Issue.record("its key is not known")
            return
        }
        #expect(
            records.map(\.verdict) == [
                .same(places[0].place, record: 0, partition: 0, logTime: appended)
            ])
    }

    @Test("is in a checkpoint, and keeps its segment for as long as it waits")
    func checkpoints() throws {
        let fixture = try Fixture()
        let bench = fixture.bench
        bench.hear(.put(ShardBench.topic(2, retention: 1_000)))
        fixture.prepare(judge: Fixture.peer, keys: [1, 2])
        try bench.settle()
        let noise = PartitionID(topic: 2, partition: 0)
        let body = [UInt8](repeating: 7, count: 6_000)
        for _ in 0..<60 {
            bench.publish([(noise, ShardBench.batch([body]))])
            try bench.wait(3_000)
        }
        #expect(bench.shard.picture.segments.first?.start == 0)
        let before = bench.shard.picture
        for _ in 0..<2 {
            #expect(bench.shard.picture.undecided == before.undecided && bench.report.mayWrite)
            #expect(bench.shard.picture.held == before.held)
            #expect(!fixture.isOver && fixture.seen.isEmpty)
            try bench.reopen()
        }
        fixture.call(.show(spread))
        try bench.settle()
        #expect(fixture.seen == ["a", "b"])
    }

    @Test("goes with its topic, whatever is decided then")
    func topicGone() throws {
        for judge in [Fixture.own, Fixture.peer] {
            let fixture = try Fixture()
            fixture.prepare(judge: judge)
            try fixture.bench.settle()
            fixture.bench.hear(.deleted(id: 1, name: "topic-1"))
            let word = fixture.call(
                judge == Fixture.own ? .decide(spread, others: [1]) : .show(spread))
            try fixture.bench.settle()
            #expect(fixture.answer(word) == (judge == Fixture.own ? .tooLate : .shown([])))
            #expect(fixture.isOver && fixture.bench.shard.picture.partitions.isEmpty)
            #expect(fixture.posts() == (judge == Fixture.own ? [] : ["done 1 by 3"]))
            try fixture.bench.reopen()
            #expect(fixture.isOver && fixture.bench.shard.picture.held.isEmpty)
        }
    }

    @Test("is not taken beyond the limits")
    func limits() throws {
        var limits = ShardBench.smallLimits
        (limits.spreadsMax, limits.refusedMax, limits.spreadCallsMax) = (2, 1, 1)
        (limits.heldCountMax, limits.refusedTime) = (5, 20_000)
        let fixture = try Fixture(limits)
        let ids = (1...4).map { SpreadID(high: 7, low: UInt64($0)) }
        for id in ids.prefix(2) { fixture.prepare(id) }
        #expect(fixture.refusal(fixture.prepare(ids[2])) == .overloaded)
        // Something is under way, and one call waits for it already.
        fixture.call(.drop(ids[0]))
        #expect(fixture.refusal(fixture.call(.drop(ids[1]))) == .overloaded)
        try fixture.bench.settle()
        #expect(fixture.refusal(fixture.prepare(ids[2], ["a", "b", "c", "d"])) == .overloaded)
        // One refusal is remembered, and it is too young to be forgotten.
        #expect(try fixture.ask(.decide(ids[2], others: [1])) == .tooLate)
        #expect(fixture.refusal(fixture.call(.decide(ids[3], others: [1]))) == .overloaded)
        #expect(try fixture.ask(.drop(ids[1])) == .dropped)
        try fixture.bench.wait(limits.refusedTime)
        #expect(try fixture.ask(.decide(ids[3], others: [1])) == .tooLate)
    }

    @Test("is decided by its judge only, and has an id")
    func misuse() throws {
        let fixture = try Fixture()
        let none = fixture.prepare(SpreadID(high: 0, low: 0))
        #expect(fixture.refusal(none) == .badBatch)
        fixture.prepare(judge: Fixture.peer)
        try fixture.bench.settle()
        #expect(try fixture.ask(.decide(spread, others: [])) == .tooLate)
        #expect(fixture.refusal(fixture.call(.ask(spread, from: 2))) == .badBatch)
        let own = SpreadID(high: 7, low: 2)
        fixture.prepare(own)
        try fixture.bench.settle()
        #expect(fixture.refusal(fixture.call(.show(own))) == .badBatch)
        #expect(fixture.isSilent)
    }
}
