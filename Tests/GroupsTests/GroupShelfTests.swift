import Records
import Testing

@testable import Groups

@Suite("The groups of a shard")
struct GroupShelfTests {
    @Test("move on by a seek, and whoever had something has lost it", arguments: [0, 1, 3])
    func seek(offset: Int) throws {
        let bench = PartitionBench()
        bench.publish([nil, nil, nil])
        let grant = try #require(bench.pull(2))
        bench.settle(grant, only: [0])
        bench.shelf.seek(PartitionBench.place, to: offset, at: bench.now)
        #expect(bench.outcome(by: "b").grant?.numbers == (offset == 3 ? nil : Array(offset..<3)))
        #expect(bench.settle(grant) == [.lost, .lost])
        #expect(bench.shelf.groups[1]?.allowance.inFlight == 3 - offset)
    }

    @Test("acks of many clients in one turn are one change of a few bytes")
    func batches() throws {
        let bench = PartitionBench()
        bench.publish(Array(repeating: nil, count: 1_000))
        var grants: [Grant] = []
        while let grant = bench.pull(10) { grants.append(grant) }
        bench.commit()
        for grant in grants.shuffled() { bench.settle(grant) }
        let entry = bench.commit()
        #expect(grants.count == 100 && entry.count <= 12)
        #expect(bench.partition.progress.floor == 1_000)
    }

    @Test("know since when nobody uses them, and what is out")
    func usage() throws {
        let bench = PartitionBench { $0.lifetime = 5_000 }
        bench.publish([nil])
        let start = bench.now.boot
        #expect(bench.shelf.lastUse(of: 1) == start && bench.shelf.inFlight(of: 1) == 0)
        bench.pass(10)
        let grant = try #require(bench.pull(lease: 60_000))
        #expect(bench.shelf.lastUse(of: 1) == start + 10 && bench.shelf.inFlight(of: 1) == 1)
        bench.pass(10_000)
        bench.settle(grant)
        bench.commit()
        #expect(bench.shelf.inFlight(of: 1) == 0)
        bench.restart()
        #expect(bench.shelf.lastUse(of: 1) == bench.now.boot)
    }

    @Test("end where they are told to, and stay away after a start")
    func ends() {
        let bench = PartitionBench()
        bench.shelf.end(1)
        bench.commit()
        #expect(bench.shelf.groups.isEmpty)
        bench.restart()
        #expect(bench.shelf.groups.isEmpty)
    }

    @Test("forget what retention takes away, also the failures in it and what waited for them")
    func trim() throws {
        let bench = PartitionBench {
            $0.ordering = .key
            $0.backoff = [60_000]
        }
        bench.publish([1, 2, 1])
        bench.settle(try #require(bench.pull()), .nack(delay: nil, reason: ""), only: [0])
        bench.commit()
        bench.shelf.trim(PartitionBench.place.partition, to: 1)
        #expect(bench.partition.progress.floor == 1 && bench.partition.progress.retries.count == 0)
        #expect(bench.pull()?.numbers == [2])
    }

    @Test("go with their topic, and give their slots back")
    func topicGone() throws {
        let bench = PartitionBench { $0.inFlightMax = 1 }
        bench.publish([nil])
        _ = bench.pull()
        bench.shelf.forget(topic: 2)
        #expect(bench.shelf.groups[1]?.partitions.isEmpty == true)
        #expect(bench.shelf.groups[1]?.allowance.inFlight == 0)
    }

    @Test("say when there is something to do, and where something may be had then")
    func ticks() throws {
        let bench = PartitionBench { $0.backoff = [700] }
        bench.publish([nil])
        _ = bench.pull(lease: 300)
        #expect(bench.shelf.nextTick.boot == bench.now.boot + 300)
        bench.pass(300)
        #expect(bench.shelf.nextTick.log == bench.now.log + 700)
        bench.now.log += 699
        #expect(bench.tick().isEmpty)
        bench.now.log += 1
        #expect(bench.tick() == [PartitionBench.place])
    }

    @Test("wake who waits when a commit makes something available")
    func wakes() throws {
        let bench = PartitionBench { $0.ordering = .key }
        bench.publish([1, 1])
        bench.settle(try #require(bench.pull()))
        let shelf = bench.shelf
        let entry = shelf.takeEntry()
        let places = try shelf.committed(entry.span, at: bench.now)
        #expect(places == [PartitionBench.place])
    }

    @Test("a checkpoint of a hundred thousand retries is read as a whole")
    func checkpoint() throws {
        var book = GroupBook()
        let place = PartitionBench.place
        book.apply(PlacedChange(group: 1, partition: nil, .set(GroupSettings())))
        book.apply(PlacedChange(group: 1, partition: place.partition, .moved(to: 0, fence: 0)))
        let failed = (0..<100_000).map { number in
            FailedMessage(
                offset: number, attempts: 1, due: 1_000_000 - number % 1_000, size: 256,
                reasons: "timeout", consumer: "consumer-\(number % 8)")
        }
        book.apply(PlacedChange(group: 1, partition: place.partition, .failed(failed)))
        let body = book.body
        #expect(body.count <= 100_000 * 18)
        var again = GroupBook()
        try again.apply(body.span)
        #expect(again == book)
        let shelf = GroupShelf(again, epoch: 2, at: GroupTime(log: 0, boot: 0))
        #expect(shelf.nextTick.log == 999_001)
        #expect(shelf[place]?.progress.retries.armedCount == 100_000)
    }
}

@Suite("Settings of a group")
struct GroupSettingsTests {
    @Test("pause by the table, and by its last step from there on")
    func pauses() {
        var settings = GroupSettings()
        settings.backoff = [1, 5, 9]
        #expect([1, 2, 3, 4, 16].map { settings.pause(afterFailures: $0) } == [1, 5, 9, 9, 9])
        settings.backoff = []
        #expect(settings.pause(afterFailures: 3) == 0)
    }

    @Test("are sound only within their bounds")
    func bounds() {
        #expect(GroupSettings().isSound)
        let rows: [(inout GroupSettings) -> Void] = [
            { $0.attemptsMax = 0 }, { $0.attemptsMax = 1_001 }, { $0.lease = -1 },
            { $0.backoff = Array(repeating: 1, count: 33) }, { $0.backoff = [-1] },
            { $0.rateThousandths = -1 }, { $0.inFlightMax = .max },
            { $0.filter = Array(repeating: 65, count: 16 << 10 + 1) },
        ]
        for (number, change) in rows.enumerated() {
            var settings = GroupSettings()
            change(&settings)
            #expect(!settings.isSound, "row \(number)")
        }
    }
}
