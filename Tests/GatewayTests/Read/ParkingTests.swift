import Bytes
import Records
import Simulation
import Testing
import Wire

@testable import Gateway

@Suite("Reads that wait")
struct ParkingTests {
    private func page(_ answer: DeskAnswer?, _ bench: ReadBench) throws -> ReadPage {
        try ReadPage(bench.response(answer))
    }

    @Test("end with what comes")
    func wakes() throws {
        let bench = ReadBench()
        try bench.start(1, "from=latest")
        bench.settle()
        #expect(bench.takeAnswers().isEmpty)
        #expect(bench.counts.parked == 1)
        bench.publish(["a"], to: 1)
        bench.settle()
        let answers = bench.takeAnswers()
        #expect(answers.count == 1)
        let page = try page(answers.first, bench)
        #expect(page.values == ["a"])
        #expect(page.ended == "data")
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("end without anything, early and never late", arguments: [1, 10, 1_000, 20_000, 25_000])
    func times(wait: UInt64) throws {
        let bench = ReadBench()
        for number in 1...50 { try bench.start(number, "wait=\(wait)ms") }
        bench.settle()
        var ends: Set<UInt64> = []
        var count = 0
        while let deadline = bench.desk.nextDeadline {
            bench.now = deadline
            bench.desk.expire(at: bench.moment)
            bench.settle()
            for answer in bench.takeAnswers() {
                let response = try bench.response(answer)
                let page = try ReadPage(response)
                #expect(page.ended == "timeout")
                #expect(page.ids.isEmpty)
                #expect(
                    field("Posthorn-Wait", response) == Duration.milliseconds(Int64(wait)).human)
                ends.insert(deadline)
                count += 1
            }
        }
        #expect(count == 50)
        #expect(ends.allSatisfy { $0 <= 1_000 + wait && $0 + wait / 10 >= 1_000 + wait })
        #expect(ends.count > 5 || wait < 1_000)
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("are asked for once and written once, however many they are")
    func shares() throws {
        let bench = ReadBench(partitions: 8, shards: 2)
        let start = "after=" + Cursor(topic: 7, .all([Int](repeating: 0, count: 8))).text
        for number in 0..<2_000 { try bench.start(number, start) }
        bench.settle()
        #expect(bench.fetchCount == 2)
        for number in 2_000..<4_000 { try bench.start(number, start) }
        bench.settle()
        #expect(bench.fetchCount == 2)
        #expect(bench.counts.parked == 4_000)
        bench.publish(["news"], to: 3)
        bench.settle()
        #expect(bench.fetchCount == 4)
        let answers = bench.takeAnswers()
        #expect(answers.count == 4_000)
        #expect(Set(answers.map(\.caller)).count == 4_000)
        #expect(try page(answers.last, bench).values == ["news"])
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("leave nothing behind when their clients vanish")
    func forgets() throws {
        let bench = ReadBench(partitions: 4, shards: 2)
        for number in 0..<3 { try bench.start(number) }
        bench.settle()
        #expect(bench.watches.count == 2)
        for number in 0..<3 {
            #expect(bench.watches.count == 2)
            bench.desk.forget(ReadBench.caller(number))
            bench.settle()
        }
        #expect(bench.watches.isEmpty)
        #expect(bench.isQuiet && bench.pendingCount == 0)
        try bench.start(9)
        bench.desk.forget(ReadBench.caller(9))
        bench.settle()
        #expect(bench.takeAnswers().isEmpty)
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("end at once when their clients have said their last word")
    func inputEnds() throws {
        let bench = ReadBench()
        try bench.start(1)
        bench.settle()
        bench.desk.inputEnded(ReadBench.caller(1), at: bench.moment)
        #expect(bench.takeAnswers().count == 1)
        try bench.start(2)
        bench.desk.inputEnded(ReadBench.caller(2), at: bench.moment)
        #expect(bench.takeAnswers().isEmpty)
        bench.settle()
        #expect(bench.takeAnswers().count == 1)
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("are answered early in a drain, one after another")
    func drains() throws {
        let bench = ReadBench()
        for number in 0..<100 { try bench.start(number) }
        bench.settle()
        bench.desk.drain(until: bench.now + 1_000, at: bench.moment)
        var ends: Set<UInt64> = []
        while let deadline = bench.desk.nextDeadline {
            bench.now = deadline
            bench.desk.expire(at: bench.moment)
            for answer in bench.takeAnswers() {
                ends.insert(deadline)
                #expect(try page(answer, bench).ended == "drain")
            }
        }
        #expect(ends.count > 20)
        #expect(ends.allSatisfy { $0 <= 2_001 })
        try bench.start(500)
        bench.settle()
        #expect(try page(bench.takeAnswers().first, bench).ended == "drain")
        #expect(bench.isQuiet)
    }

    @Test("are no more than there is room for")
    func quotas() throws {
        let bench = ReadBench { $0.parkedMax = 3 }
        for number in 0..<5 { try bench.start(number) }
        bench.settle()
        try bench.start(6)
        bench.settle()
        let answers = bench.takeAnswers()
        #expect(answers.count == 3)
        for answer in answers {
            #expect(throws: GatewayError.read(.tooManyWaiting(limit: 3))) {
                try bench.response(answer)
            }
        }
        for number in 0..<5 { bench.desk.forget(ReadBench.caller(number)) }
        bench.settle()
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("are told when nobody answers for the messages")
    func silence() throws {
        let bench = ReadBench()
        try bench.start(1, "wait=0")
        try bench.start(2, "wait=1s")
        bench.now = 10_999
        bench.desk.expire(at: bench.moment)
        #expect(bench.takeAnswers().isEmpty)
        bench.now = 11_000
        bench.desk.expire(at: bench.moment)
        for answer in bench.takeAnswers() {
            #expect(throws: GatewayError.read(.unanswered)) { try bench.response(answer) }
        }
        bench.settle()
        #expect(bench.takeAnswers().isEmpty)
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("see the partitions that are added, and the end of their topic")
    func topicChanges() throws {
        let bench = ReadBench(partitions: 2)
        try bench.start(1, "from=latest")
        bench.settle()
        bench.grow(to: 3)
        bench.desk.hear(.put(bench.topic), in: bench.topics)
        bench.settle()
        #expect(bench.takeAnswers().isEmpty)
        bench.publish(["new"], to: 2)
        bench.settle()
        #expect(try page(bench.takeAnswers().first, bench).ids == ["2-0"])
        #expect(bench.isQuiet && bench.pendingCount == 0)
    }

    @Test("lose no message, get one answer, and leave nothing", arguments: UInt64(1)...150)
    func interleavings(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bench = ReadBench(
            partitions: random.number(in: 1...3), shards: random.number(in: 1...2))
        let tails = ["", "&max_messages=1", "&filter=exists(region)"]
        var waiting: [Int: UInt64] = [:]
        var next = 0
        func check() throws {
            for answer in bench.takeAnswers() {
                let number = Int(answer.caller.client.index)
                let due = waiting.removeValue(forKey: number)
                #expect(due != nil, "answered twice, rerun with seed \(seed)")
                let page = try page(answer, bench)
                #expect(bench.now <= due ?? 0, "late, rerun with seed \(seed)")
                #expect(page.ids.isEmpty == (page.ended != "data" && page.ended != "limit"))
            }
        }
        for _ in 0..<random.number(in: 20...200) {
            switch random.number(in: 0...9) {
            case 0, 1, 2:
                next += 1
                let start = random.pick(["from=earliest", "from=latest"])
                try bench.start(next, start + random.pick(tails) + "&wait=2s")
                waiting[next] = bench.now + 2_000
            case 3: bench.publish(["a"], to: random.number(in: 0...bench.topic.shards.count - 1))
            case 4: bench.take()
            case 5, 6:
                if !bench.calls.isEmpty {
                    bench.answerOne(random.number(in: 0...bench.calls.count - 1))
                }
            case 7: _ = bench.tellNews()
            case 8:
                bench.now += UInt64(random.number(in: 0...30))
                bench.desk.expire(at: bench.moment)
            default:
                guard let one = waiting.keys.sorted().first else { break }
                waiting[one] = nil
                bench.desk.forget(ReadBench.caller(one))
            }
            try check()
        }
        bench.settle()
        try check()
        // Whoever waits still has seen all there is: the next message reaches every one of them.
        for partition in bench.topic.shards.indices {
            bench.publish(["last"], to: partition) { draft in
                draft.attributes = [
                    RecordAttribute(name: Array("region".utf8)[...], value: [])
                ]
            }
        }
        bench.settle()
        try check()
        #expect(waiting.isEmpty, "a wake-up is lost, rerun with seed \(seed)")
        #expect(bench.isQuiet && bench.pendingCount == 0, "rerun with seed \(seed)")
        #expect(bench.watches.isEmpty, "rerun with seed \(seed)")
    }
}
