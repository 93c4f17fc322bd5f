import Testing

@testable import Groups

@Suite("Messages on lease")
struct LeaseTests {
    @Test("are as many as fit, and the first one always fits")
    func fit() {
        let bench = PartitionBench()
        bench.publish([nil, nil, nil], size: 1_000)
        #expect(bench.pull(bytes: 10)?.numbers == [0])
        #expect(bench.pull(bytes: 2_500)?.numbers == [1, 2])
        #expect(bench.outcome() == .nothing(.empty))
    }

    @Test("that are acked never come again, also after a restart")
    func acked() throws {
        let bench = PartitionBench()
        bench.publish([nil, nil, nil])
        let grant = try #require(bench.pull())
        #expect(bench.settle(grant, only: [0, 2]) == [.acked, .acked])
        bench.commit()
        bench.restart()
        #expect(bench.pull()?.numbers == [1])
    }

    @Test("come again when their time is over, and the attempt counts")
    func expire() throws {
        let bench = PartitionBench { $0.backoff = [500] }
        bench.publish([nil])
        let first = try #require(bench.pull(lease: 1_000))
        #expect(first.messages.map(\.attempt) == [1])
        bench.pass(999)
        #expect(bench.partition.standing(of: 0) == .out)
        bench.pass(1)
        #expect(bench.partition.standing(of: 0) == .retrying(due: bench.now.log + 500))
        bench.pass(499)
        #expect(bench.pull() == nil)
        bench.pass(1)
        #expect(bench.pull()?.messages.map(\.attempt) == [2])
    }

    @Test("last longer when they are extended, and never shorter")
    func extend() throws {
        let bench = PartitionBench()
        bench.publish([nil, nil])
        let grant = try #require(bench.pull(lease: 1_000))
        #expect(bench.settle(grant, .extend(by: 10), only: [0]) == [.extended])
        #expect(bench.settle(grant, .extend(by: 5_000), only: [1]) == [.extended])
        bench.pass(1_000)
        #expect(bench.partition.standing(of: 1) == .out)
        #expect(bench.partition.standing(of: 0) != .out)
        #expect(bench.settle(grant) == [.acked, .acked])
    }

    @Test("of a client that vanished come back at once, and the attempt does not count")
    func release() throws {
        let bench = PartitionBench()
        bench.publish([nil, nil, nil])
        let grant = try #require(bench.pull(2))
        #expect(bench.release(grant) == 2)
        let again = bench.pull()
        #expect(again?.numbers == [0, 1, 2] && again?.messages.map(\.attempt) == [1, 1, 1])
        #expect(bench.commit().isEmpty)
    }

    @Test("are the same when a pull is repeated, as long as they are out")
    func repeated() throws {
        let bench = PartitionBench()
        bench.publish([nil, nil, nil])
        let first = try #require(bench.pull(2, pull: 9))
        #expect(bench.pull(2, pull: 9) == first)
        bench.settle(first, only: [0])
        #expect(bench.pull(2, pull: 9)?.numbers == [1])
        bench.settle(first, only: [1])
        #expect(bench.pull(2, pull: 9)?.numbers == [2])
    }

    @Test("that were nacked come again after their delay, or after the pause of the settings")
    func nack() throws {
        let bench = PartitionBench { $0.backoff = [100, 200] }
        bench.publish([nil])
        for pause in [100, 200, 200] {
            let grant = try #require(bench.pull())
            #expect(bench.settle(grant, .nack(delay: nil, reason: "x")) == [.nacked])
            #expect(bench.pull() == nil)
            bench.pass(pause - 1)
            #expect(bench.pull() == nil)
            bench.pass(1)
        }
        let grant = try #require(bench.pull())
        bench.settle(grant, .nack(delay: 0, reason: "x"))
        // What is not committed is not handed out.
        #expect(bench.pull() == nil && bench.partition.standing(of: 0) == .closing)
        bench.commit()
        #expect(bench.pull()?.messages.map(\.attempt) == [5])
    }

    @Test("are at most so many for a consumer and for all, and so many a second")
    func allowance() throws {
        let bench = PartitionBench {
            $0.inFlightMax = 5
            $0.inFlightPerConsumerMax = 3
        }
        bench.publish(Array(repeating: nil, count: 300))
        let first = try #require(bench.pull(by: "a"))
        #expect(first.numbers.count == 3)
        #expect(bench.outcome(by: "a") == .nothing(.allowance))
        #expect(bench.pull(by: "b")?.numbers.count == 2)
        bench.settle(first, only: [0])
        #expect(bench.pull(by: "a")?.numbers.count == 1)
        bench.set {
            $0.inFlightMax = nil
            $0.inFlightPerConsumerMax = nil
            $0.rateThousandths = 100_000
        }
        bench.commit()
        #expect(bench.pull(by: "a")?.numbers.count == 10)
        #expect(bench.outcome(by: "a") == .nothing(.allowance))
        bench.pass(50)
        #expect(bench.pull(by: "a")?.numbers.count == 5)
    }

    @Test("are not handed out beyond what a gap may hold back, until it is filled")
    func backPressure() throws {
        var limits = GroupLimits()
        limits.rangesMax = 3
        let bench = PartitionBench(limits)
        bench.publish(Array(repeating: nil, count: 40))
        let grant = try #require(bench.pull(8))
        bench.settle(grant, only: [1, 3, 5])
        bench.commit()
        #expect(bench.outcome() == .nothing(.gaps))
        bench.restart()
        // What is missing is still handed out, and nothing beyond it.
        let gaps = try #require(bench.pull())
        #expect(gaps.numbers == [0, 2, 4])
        bench.settle(gaps)
        bench.commit()
        #expect(bench.pull()?.numbers.first == 6)
    }

    @Test("wait in the log, not in memory: what is out is bounded")
    func inFlightMax() {
        var limits = GroupLimits()
        limits.inFlightMax = 10
        let bench = PartitionBench(limits)
        bench.publish(Array(repeating: nil, count: 40))
        #expect(bench.pull(7)?.numbers.count == 7)
        #expect(bench.pull(7)?.numbers.count == 3)
        #expect(bench.outcome(7) == .nothing(.gaps))
    }

    @Test("are none that a filter refuses, that have expired or that are gone")
    func passes() {
        let bench = PartitionBench()
        bench.publish(RecordFacts(offset: 0, size: 1, isWanted: false))
        bench.publish(RecordFacts(offset: 1, size: 1, expires: bench.now.log))
        bench.publish(RecordFacts(offset: 2, size: 1, expires: bench.now.log + 1))
        #expect(bench.pull()?.numbers == [2])
        bench.commit()
        #expect(bench.partition.progress.floor == 2)
        bench.pass(60_000)
        bench.pass(60_000)
        #expect(bench.pull() == nil)
        bench.commit()
        #expect(bench.partition.picture.lag == 0)
    }
}
