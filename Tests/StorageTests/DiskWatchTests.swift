import CommitLog
import Kernel
import Reactor
import Records
import Simulation
import Testing
import Wire

@testable import Coordination
@testable import Storage

@Suite("A disk that fills")
struct DiskWatchTests {
    @Test("has a level that begins above its mark, and ends a little below it")
    func levels() {
        let rows: [(used: Int, level: DiskLevel)] = [
            (0, .roomy), (850, .roomy), (851, .filling), (845, .filling), (841, .filling),
            (840, .roomy), (845, .roomy), (920, .filling), (921, .full), (915, .full),
            (910, .filling), (1_000, .scarce), (961, .scarce), (960, .full), (100, .roomy),
            (990, .scarce), (900, .filling),
        ]
        var watch = DiskWatch(DiskMarks())
        var before = DiskLevel.roomy
        for (number, row) in rows.enumerated() {
            let changed = watch.note(DiskSpace(total: 1_000, free: 1_000 - row.used))
            #expect(watch.level == row.level, "row \(number)")
            #expect(changed == (row.level != before), "row \(number)")
            before = row.level
        }
    }

    @Test("is never full where the marks are 100")
    func never() {
        var marks = DiskMarks()
        (marks.filling, marks.full, marks.scarce) = (100, 100, 100)
        var watch = DiskWatch(marks)
        for (total, free) in [(1_000, 1_000), (1_000, 1), (1_000, 0), (0, 0)] {
            let changed = watch.note(DiskSpace(total: total, free: free))
            #expect(!changed && watch.level == .roomy)
        }
    }

    private static let orders = PartitionID(topic: 1, partition: 0)

    @Test("refuses publishes at its second level, and goes on with all else")
    func refusal() throws {
        let bench = try ShardTests.bench()
        func isTaken() throws -> Bool {
            let ticket = bench.publish([(Self.orders, ShardBench.batch("one"))])
            try bench.settle()
            if case .published = bench.answers[ticket] { return true }
            guard case .refused(.noSpace) = bench.answers[ticket] else {
                Issue.record("an odd answer: \(String(describing: bench.answers[ticket]))")
                return false
            }
            return false
        }
        var stored = 0
        for level in [DiskLevel.roomy, .filling, .full, .scarce, .roomy] {
            bench.shard.hear(level)
            let isTaken = try isTaken()
            #expect(isTaken == (level < .full), "\(level)")
            if isTaken { stored += 1 }
            #expect(bench.readAll(Self.orders)?.count == stored, "\(level)")
        }
        // Deleting is what an operator does then.
        bench.shard.hear(.full)
        bench.hear(.deleted(id: 1, name: "topic-1"))
        try bench.settle()
        #expect(bench.shard.picture.partitions.isEmpty)
    }

    @Test("is looked at while somebody calls, and at a bounded pace")
    func pace() throws {
        let office = try DiskOffice()
        office.pass(60_000)
        #expect(office.looks == 1, "the topic was asked for, and then nobody called")
        office.pass(20_000) { office.publish() }
        #expect(office.looks <= 6 && office.looks >= 4)
        #expect(office.refused == 0)
        office.place.room.fill(toPercent: 93)
        office.pass(10_000) { office.publish() }
        #expect(office.refused > 20)
        let looks = office.looks
        office.pass(10_000) { office.publish() }
        #expect(office.looks - looks <= 10, "a second apart while publishes are refused")
        office.place.room.capacity = .max
        let refused = office.refused
        office.pass(5_000) { office.publish() }
        #expect(office.refused - refused <= 12, "publishes go on soon")
        let idle = office.looks
        office.pass(600_000)
        #expect(office.looks <= idle + 1, "nobody calls")
    }
}

/// One loop on simulated disks, and its keeper.
private final class DiskOffice {
    let place = SimulatedPlace(seed: 1)
    let storage: LocalStorage<SimulatedPlace>
    let switchboard: Switchboard
    var keeper: KeeperWork<SimulatedPlace>
    var topic: Topic?
    var looks = 0
    var refused = 0
    private var ticket: UInt64 = 1

    init() throws {
        var random = SeededRandom(seed: 1)
        let settings = Office.settings(shards: 1)
        let opening = try StorageOpening(place, settings, random: &random, at: place.now)
        switchboard = try Switchboard(loops: 1, shards: 1)
        storage = try opening.storage(
            of: 0, switchboard, random: &random, at: place.now, startFlusher: { _, _ in false }
        ).storage
        keeper = KeeperWork(place, settings.diskMarks)
        storage.send(StorageCall(ticket: 1, .coordinator(.find(name: "a", mayCreate: true))))
        pass(100)
    }

    func publish() {
        ticket += 1
        if let topic { storage.send(topic.publish(0, ticket: ticket)) }
    }

    /// Lets time go by, with `call` each tenth of a second.
    func pass(_ milliseconds: Int, _ call: () -> Void = {}) {
        let end = place.now.boot + milliseconds
        while place.now.boot < end {
            place.now.boot += 100
            place.now.wall += 100
            call()
            for _ in 0..<3 { turn() }
        }
    }

    private func turn() {
        storage.hearMail()
        for reply in storage.turn(at: 0) {
            switch reply {
            case .news(.topic(.put(let topic))): self.topic = topic
            case .shard(_, .refused(.noSpace)): refused += 1
            default: continue
            }
        }
        for order in switchboard.orders.drain() {
            if case .look = order.task { looks += 1 }
            guard let parcel = keeper.perform(order) else { continue }
            #expect(switchboard.take(parcel, for: 0))
        }
    }
}
