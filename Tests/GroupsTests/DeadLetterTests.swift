import Records
import Testing

@testable import Groups

@Suite("Dead letters")
struct DeadLetterTests {
    /// So many messages that have all died.
    private static func dead(_ count: Int) throws -> PartitionBench {
        let bench = PartitionBench { $0.attemptsMax = 1 }
        bench.publish(Array(repeating: nil, count: count))
        let grant = try #require(bench.pull())
        bench.settle(grant, .nack(delay: nil, reason: "no such account"))
        bench.commit()
        #expect(bench.partition.picture.dead == count && bench.pull() == nil)
        return bench
    }

    private static func sendBack(_ bench: PartitionBench) -> Int {
        let before = bench.partition.picture.dead
        bench.shelf.sendLetters(PartitionBench.place, at: bench.now)
        bench.commit()
        return before - bench.partition.picture.dead
    }

    @Test("keep who had the message, how often, and why it failed")
    func keepReasons() throws {
        let bench = PartitionBench {
            $0.attemptsMax = 2
            $0.backoff = []
        }
        bench.publish([9])
        bench.settle(try #require(bench.pull(by: "a")), .nack(delay: nil, reason: "one"))
        bench.commit()
        bench.settle(try #require(bench.pull(by: "b")), .nack(delay: nil, reason: "two"))
        let changes = try PlacedChange.all(in: bench.commit().span)
        guard case .dead(let messages) = changes.first?.change else {
            Issue.record("it did not die")
            return
        }
        #expect(
            messages == [
                FailedMessage(
                    offset: 0, attempts: 2, due: bench.now.log, key: 9, size: 100,
                    mark: messages[0].mark, reasons: "one\ntwo", consumer: "b",
                    address: "10.0.0.1")
            ])
    }

    @Test("go back as many as were asked for, and what is left goes on after a restart")
    func redrive() throws {
        let bench = try Self.dead(10)
        bench.shelf.startRedrive(PartitionBench.place, Redrive(left: 7, rate: 20), at: bench.now)
        bench.commit()
        #expect(Self.sendBack(bench) == 2)
        #expect(bench.pull()?.numbers == [0, 1])
        bench.restart()
        #expect(Self.sendBack(bench) == 2)
        bench.pass(1_000)
        #expect(Self.sendBack(bench) == 2)
        bench.pass(1_000)
        #expect(Self.sendBack(bench) == 1)
        bench.pass(1_000)
        #expect(Self.sendBack(bench) == 0)
        #expect(bench.partition.picture.dead == 3 && bench.partition.progress.redrive == nil)
        let back = try #require(bench.pull())
        #expect(back.messages.map(\.attempt) == Array(repeating: 1, count: 7))
        #expect(back.numbers == Array(0..<7))
        bench.settle(back)
        bench.commit()
        #expect(bench.partition.picture.lag == 0)
    }

    @Test("that hold back their key give it free when they go back, or have expired")
    func blocked() throws {
        for expires in [Int.max, 1_050_000] {
            let bench = PartitionBench {
                $0.attemptsMax = 1
                $0.ordering = .key
                $0.onDead = .block
            }
            for offset in 0...1 {
                bench.publish(RecordFacts(offset: offset, size: 1, key: 5, expires: expires))
            }
            bench.records[1].expires = .max
            bench.settle(try #require(bench.pull()), .nack(delay: nil, reason: ""))
            bench.commit()
            #expect(bench.pull() == nil && bench.partition.standing(of: 0) == .blocked)
            bench.pass(60_000)
            let all = Redrive(left: nil, rate: nil)
            bench.shelf.startRedrive(PartitionBench.place, all, at: bench.now)
            bench.commit()
            #expect(Self.sendBack(bench) == 1)
            #expect(bench.pull()?.numbers == (expires == .max ? [0] : [1]))
        }
    }

    /// Puts it into the log that the letters have their copies.
    private static func copy(_ bench: PartitionBench, upTo count: Int = .max) -> [Int] {
        let offsets = bench.shelf.owedLetters(of: PartitionBench.place, upTo: count).map(\.offset)
        var entry: [UInt8] = []
        let place = PartitionBench.place
        PlacedChange(
            group: place.group, partition: place.partition,
            .copied(OffsetRanges(offsets), topic: 8)
        ).append(to: &entry)
        bench.shelf.noteCopies(of: place, OffsetRanges(offsets))
        #expect(
            bench.shelf.owedLetters(of: place, upTo: .max).allSatisfy {
                !offsets.contains($0.offset)
            })
        bench.commit(entry)
        return offsets
    }

    @Test("that owe copies go back when these are made, are not forgotten, and hold up the rest")
    func owing() throws {
        var limits = GroupLimits()
        limits.owedMax = 3
        limits.lettersMax = 2
        let bench = PartitionBench(limits) {
            $0.attemptsMax = 1
            $0.deadLetterTopic = 8
        }
        bench.publish(Array(repeating: nil, count: 6))
        bench.settle(try #require(bench.pull(2)), .nack(delay: nil, reason: ""))
        bench.commit()
        bench.pass(5)
        bench.settle(try #require(bench.pull(2)), .nack(delay: nil, reason: ""))
        bench.commit()
        #expect(bench.partition.picture.dead == 4 && bench.shelf.owing == [PartitionBench.place])
        #expect(bench.outcome() == .nothing(.debt))
        #expect(!bench.partition.hasAvailable(at: bench.now))
        let all = Redrive(left: nil, rate: nil)
        bench.shelf.startRedrive(PartitionBench.place, all, at: bench.now)
        bench.commit()
        #expect(bench.shelf.nextLetters(PartitionBench.place, at: bench.now) == nil)
        #expect(Self.sendBack(bench) == 0)
        #expect(Self.copy(bench, upTo: 3) == [0, 1, 2])
        #expect(bench.partition.picture.dead == 4 && bench.partition.hasAvailable(at: bench.now))
        bench.restart()
        #expect(bench.shelf.owing == [PartitionBench.place])
        #expect(Self.sendBack(bench) == 3)
        #expect(Self.copy(bench) == [3] && bench.shelf.owing.isEmpty)
        #expect(Self.sendBack(bench) == 1)
        #expect(bench.pull()?.numbers == Array(0...5))
    }

    @Test("beyond the bound the oldest go, but for those that owe their copy")
    func forgets() throws {
        var limits = GroupLimits()
        limits.lettersMax = 2
        let bench = PartitionBench(limits) {
            $0.attemptsMax = 1
            $0.deadLetterTopic = 8
        }
        bench.publish(Array(repeating: nil, count: 5))
        for offset in 0..<5 {
            bench.settle(try #require(bench.pull(1)), .nack(delay: nil, reason: ""))
            bench.commit()
            if offset == 1 { #expect(Self.copy(bench, upTo: 1) == [0]) }
        }
        #expect(bench.partition.progress.letters.all.map(\.offset) == [1, 2, 3, 4])
        let copied = Self.copy(bench)
        #expect(copied == [1, 2, 3, 4] && bench.partition.progress.owedCount == 0)
        let body = bench.shelf.book.body
        var again = GroupBook(limits)
        try again.apply(body.span)
        #expect(again.body == body)
    }

    @Test("of the topic that others are copied into are not copied")
    func noLoop() throws {
        for (topic, count) in [(PartitionBench.place.partition.topic, 0), (8, 1), (0, 0)] {
            let bench = PartitionBench {
                $0.attemptsMax = 1
                $0.deadLetterTopic = topic
            }
            bench.publish([nil])
            bench.settle(try #require(bench.pull()), .nack(delay: nil, reason: ""))
            bench.commit()
            #expect(bench.partition.progress.owedCount == count)
        }
    }

    @Test("that come of expiry wait where there would be too many that owe copies")
    func expiresInDebt() throws {
        var limits = GroupLimits()
        limits.owedMax = 2
        let bench = PartitionBench(limits) {
            $0.keepsExpired = true
            $0.deadLetterTopic = 8
        }
        for offset in 0..<5 {
            bench.publish(RecordFacts(offset: offset, size: 1, expires: bench.now.log))
        }
        for dead in [2, 4, 5] {
            #expect(bench.outcome() == .nothing(dead < 5 ? .debt : .empty))
            bench.commit()
            #expect(bench.partition.picture.dead == dead)
            #expect(!Self.copy(bench).isEmpty)
        }
        #expect(bench.pull() == nil)
    }

    @Test("are what has expired, if that was asked for")
    func expired() {
        let bench = PartitionBench { $0.keepsExpired = true }
        bench.publish(RecordFacts(offset: 0, size: 1, expires: bench.now.log))
        #expect(bench.pull() == nil)
        bench.commit()
        #expect(bench.partition.picture.dead == 1 && bench.partition.progress.floor == 1)
    }
}
