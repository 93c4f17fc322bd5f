import Bytes
import Testing
import Wire

@testable import Gateway

/// A sweep, with shards and a coordinator whose answers a test makes up.
private final class SweepBench {
    var sweep: GroupSweep
    var topics = TopicMap(seed: 1)
    var now: UInt64 = 1_000
    /// Groups that somebody pulls from at this loop.
    var pulled: Set<String> = []

    init(shards: Int = 2) {
        sweep = GroupSweep(seed: 5, at: 1_000)
        topics.apply(.put(sampleTopic(id: 7, partitions: 4, shards: shards)))
    }

    static func group(_ id: UInt32 = 3, lifetime: Int? = 5_000, topics: [UInt32] = [7])
        -> GroupDefinition
    {
        var options = GroupOptions()
        options.lifetime = lifetime
        return GroupDefinition(
            id: id, name: "g\(id)", options: options,
            attachments: topics.map { GroupAttachment(topic: $0, since: 0, start: .earliest) },
            createdAt: 0)
    }

    func hear(_ group: GroupDefinition) { sweep.hear(.put(group), at: now) }

    /// Lets time pass, up to the next thing to do at most; returns what is asked then.
    func calls(after milliseconds: UInt64) -> [DeskCall] {
        now += milliseconds
        sweep.expire(in: topics, at: now) { pulled.contains($0) }
        return sweep.takeCalls()
    }

    /// Goes on until something is asked, and returns that.
    func nextCalls() -> [DeskCall] {
        while let due = sweep.nextDeadline {
            let calls = calls(after: due - now)
            if !calls.isEmpty { return calls }
        }
        return []
    }

    func say(_ call: DeskCall, idle: Int, inFlight: Int = 0) {
        say(call, .group(.usage(GroupUsage(idle: idle, inFlight: inFlight))))
    }

    func say(_ call: DeskCall, _ answer: ShardAnswer) {
        sweep.take(call.id, answer, at: now) { pulled.contains($0) }
    }
}

/// The group that a call is to end.
private func retired(_ calls: [DeskCall]) -> GroupDefinition? {
    guard calls.count == 1, case .coordinator(.group(.retire(let group))) = calls[0].content
    else { return nil }
    return group
}

private func isLook(_ call: DeskCall, at group: UInt32) -> Bool {
    if case .shard(_, .group(.usage(group))) = call.content { true } else { false }
}

@Suite("The sweep of groups that nobody uses")
struct GroupSweepTests {
    @Test(
        "What shards say decides",
        arguments: [
            ([GroupUsage(idle: 5_000, inFlight: 0), .init(idle: 9_000, inFlight: 0)], nil),
            ([GroupUsage(idle: 4_999, inFlight: 0), .init(idle: 9_000, inFlight: 0)], 1),
            ([GroupUsage(idle: 1_000, inFlight: 4), .init(idle: 9_000, inFlight: 0)], 4_000),
            ([GroupUsage(idle: 9_000, inFlight: 0), .init(idle: 9_000, inFlight: 1)], 1_250),
            ([GroupUsage(idle: 9_000, inFlight: 0), nil], 1_250),
            ([nil, GroupUsage(idle: 1, inFlight: 0)], 1_250),
        ] as [([GroupUsage?], UInt64?)])
    func verdicts(usages: [GroupUsage?], pause: UInt64?) {
        var look = GroupLook()
        for usage in usages { look.take(usage) }
        let wanted: GroupLook.Verdict = pause.map { .lookAgain(after: $0) } ?? .end
        #expect(look.verdict(lifetime: 5_000) == wanted)
    }

    @Test("has nothing to do, and no deadline, while no group has a lifetime")
    func sleeps() {
        let bench = SweepBench()
        bench.hear(SweepBench.group(lifetime: nil))
        #expect(bench.sweep.nextDeadline == nil && bench.calls(after: 1 << 40).isEmpty)
        bench.hear(SweepBench.group(4))
        #expect(bench.sweep.nextDeadline != nil)
        bench.sweep.hear(.deleted(id: 4, name: "g4"), at: bench.now)
        #expect(bench.sweep.nextDeadline == nil)
    }

    @Test("asks each shard of a group, and ends what all of them have not seen used")
    func ends() throws {
        let bench = SweepBench()
        let group = SweepBench.group()
        bench.hear(group)
        #expect(bench.calls(after: 4_999).isEmpty)
        let looks = bench.nextCalls()
        #expect(looks.count == 2 && looks.allSatisfy { isLook($0, at: 3) })
        bench.say(looks[0], idle: 6_000)
        #expect(bench.sweep.takeCalls().isEmpty)
        bench.say(looks[1], idle: 5_000)
        let calls = bench.sweep.takeCalls()
        #expect(retired(calls) == group)
        bench.sweep.take(try #require(calls.first).id, .group(.deleted), at: bench.now)
        #expect(bench.sweep.nextDeadline == nil && !bench.sweep.hasCalls)
    }

    @Test("looks again when the group may be over, and not before")
    func looksAgain() {
        let bench = SweepBench(shards: 1)
        bench.hear(SweepBench.group())
        let looked = bench.nextCalls()
        bench.say(looked[0], idle: 2_000)
        #expect(bench.calls(after: 2_999).isEmpty)
        #expect(bench.nextCalls().count == 1)
    }

    @Test("leaves alone what somebody pulls from at the same loop")
    func sparesPulled() {
        let bench = SweepBench(shards: 1)
        bench.hear(SweepBench.group())
        bench.pulled = ["g3"]
        for _ in 0..<3 {
            bench.say(bench.nextCalls()[0], idle: 60_000)
            #expect(!bench.sweep.hasCalls)
        }
        bench.pulled = []
        bench.say(bench.nextCalls()[0], idle: 60_000)
        #expect(retired(bench.sweep.takeCalls()) == SweepBench.group())
    }

    @Test("ends a group that works on no topic by when it was heard of")
    func unattached() {
        for topics in [[], [UInt32(99)]] {
            let bench = SweepBench()
            bench.hear(SweepBench.group(lifetime: 100_000, topics: topics))
            #expect(bench.calls(after: 99_999).isEmpty)
            #expect(retired(bench.nextCalls())?.id == 3)
        }
    }

    @Test("begins anew where the group changes, and forgets what was said before")
    func changes() {
        let bench = SweepBench(shards: 1)
        bench.hear(SweepBench.group())
        let old = bench.nextCalls()[0]
        bench.hear(SweepBench.group(lifetime: 6_000))
        bench.say(old, idle: 60_000)
        #expect(!bench.sweep.hasCalls && bench.calls(after: 5_999).isEmpty)
        bench.say(bench.nextCalls()[0], idle: 60_000)
        #expect(retired(bench.sweep.takeCalls())?.options.lifetime == 6_000)
    }

    @Test("asks again after silence, a refusal, and a coordinator that could not")
    func trouble() throws {
        let bench = SweepBench()
        bench.hear(SweepBench.group())
        let unanswered = bench.nextCalls()
        bench.say(unanswered[0], idle: 60_000)
        #expect(bench.calls(after: GroupSweep.timeout).isEmpty)
        bench.say(unanswered[1], idle: 60_000)
        #expect(!bench.sweep.hasCalls, "nobody waits for it any more")
        let refused = bench.nextCalls()
        bench.say(refused[0], .group(.refused(.noSuchGroup)))
        bench.say(refused[1], idle: 60_000)
        #expect(!bench.sweep.hasCalls)
        for look in bench.nextCalls() { bench.say(look, idle: 60_000) }
        let retire = try #require(bench.sweep.takeCalls().first)
        bench.sweep.take(retire.id, .refused(.noSpace), at: bench.now)
        #expect(bench.nextCalls().count == 2)
    }

    @Test("has no more calls under way than its bound, and gets to all groups all the same")
    func bounds() {
        let bench = SweepBench()
        let count = GroupSweep.callsMax
        for id in 1...UInt32(count) { bench.hear(SweepBench.group(id)) }
        var underWay = bench.calls(after: 6_000)
        #expect(underWay.count <= GroupSweep.callsMax && underWay.count > 100)
        var ended: Set<UInt32> = []
        for _ in 0..<10 where ended.count < count {
            for call in underWay { bench.say(call, idle: 60_000) }
            for call in bench.sweep.takeCalls() {
                guard let group = retired([call]) else { continue }
                ended.insert(group.id)
                bench.sweep.take(call.id, .group(.deleted), at: bench.now)
            }
            underWay = bench.calls(after: 1_000)
        }
        #expect(ended.count == count)
    }
}
