import CommitLog
import Kernel
import Reactor
import Records
import Simulation
import Synchronization
import Testing
import Wire

@testable import Coordination
@testable import Storage

/// Storage of a process with some loops, all of them driven by one thread, on a real disk.
final class Office {
    let place: DiskPlace
    let switchboard: Switchboard
    let opening: StorageOpening<DiskPlace>
    var ports: [LocalStorage<DiskPlace>] = []
    var heard: [[StorageReply]]
    var findings: [LogFinding] = []

    init(_ path: String, shards: Int = 3, loops: Int = 2) throws {
        var random = SystemRandomNumberGenerator()
        place = DiskPlace(path)
        let moment = DiskPlace.now()
        opening = try StorageOpening(
            place, Self.settings(shards: shards), random: &random, at: moment)
        switchboard = try Switchboard(loops: loops, shards: Int(opening.cookie.shardCount))
        heard = Array(repeating: [], count: loops)
        for loop in 0..<loops {
            let opened = try opening.storage(of: loop, switchboard, at: moment)
            ports.append(opened.storage)
            findings += opened.findings
        }
    }

    static func settings(shards: Int) -> StorageSettings {
        var settings = StorageSettings(
            shards: shards,
            topics: TopicRules(defaults: TopicDefaults(partitions: 3), shardCount: shards))
        settings.shardLimits.segmentCapacity = 1 << 20
        settings.shardLimits.reserveSize = 64 << 10
        settings.shardLimits.log.payloadSizeMax = 256 << 10
        settings.coordinatorLimits.segmentCapacity = 64 << 10
        settings.coordinatorLimits.log.payloadSizeMax = 32 << 10
        settings.coordinatorLimits.log.roundSizeTarget = 16 << 10
        return settings
    }

    /// Chores are done here and now, so that no test waits for a thread.
    func turn() {
        for (loop, port) in ports.enumerated() {
            port.hearMail()
            heard[loop] += port.turn(at: 0)
        }
        var work = KeeperWork(place, DiskMarks())
        for order in switchboard.orders.drain() {
            guard let parcel = work.perform(order) else { continue }
            #expect(switchboard.take(parcel, for: Int(order.loop)))
        }
    }

    /// Turns until `loop` has heard the answer to a ticket.
    func answer(to ticket: UInt64, at loop: Int) throws -> StorageReply {
        for _ in 0..<100 {
            turn()
            if let reply = heard[loop].first(where: { $0.ticket == ticket }) { return reply }
        }
        throw NoAnswer(ticket: ticket)
    }

    struct NoAnswer: Error { let ticket: UInt64 }

    func create(_ name: String, at loop: Int, ticket: UInt64) throws -> Topic {
        ports[loop].send(
            StorageCall(ticket: ticket, .coordinator(.find(name: name, mayCreate: true))))
        switch try answer(to: ticket, at: loop) {
        case .coordinator(_, .created(let topic)), .coordinator(_, .found(let topic)):
            return topic
        default: throw NoAnswer(ticket: ticket)
        }
    }
}

extension StorageReply {
    fileprivate var ticket: UInt64? {
        switch self {
        case .shard(let ticket, _), .coordinator(let ticket, _): ticket
        case .news: nil
        }
    }
}

extension Topic {
    func publish(_ partition: Int, ticket: UInt64) -> StorageCall {
        let id = PartitionID(topic: self.id, partition: UInt32(partition))
        let part = Publish.Part(partition: id, batch: ShardBench.batch("hello"))
        return StorageCall(
            ticket: ticket, .shard(shards[partition], .publish(Publish(parts: [part]))))
    }

    fileprivate func fetch(_ partition: Int, ticket: UInt64) -> StorageCall {
        let id = PartitionID(topic: self.id, partition: UInt32(partition))
        let fetch = Fetch(parts: [Fetch.Part(partition: id, offset: 0)], bytesMax: 1 << 20)
        return StorageCall(ticket: ticket, .shard(shards[partition], .fetch(fetch)))
    }
}

@Suite("Storage in the loops of a process")
struct PortTests {
    @Test("takes a publish for any shard at any loop, and has it after a restart")
    func publishes() throws {
        let place = try Place()
        var office = try Office(place.path)
        let topic = try office.create("orders", at: 1, ticket: 1)
        for loop in 0..<2 {
            for partition in 0..<3 {
                let ticket = UInt64(10 + loop * 10 + partition)
                office.ports[loop].send(topic.publish(partition, ticket: ticket))
                guard
                    case .shard(_, .published(let parts)) = try office.answer(
                        to: ticket, at: loop)
                else {
                    Issue.record("not published")
                    continue
                }
                #expect(parts.map(\.place) == [.offset(loop)])
            }
        }
        office = try Office(place.path)
        #expect(office.opening.topics == [topic])
        #expect(office.findings.map(\.log.description).sorted().first == "coordinator")
        #expect(office.findings.count == 4 && office.findings.allSatisfy { $0.report.mayWrite })
        for partition in 0..<3 {
            let ticket = UInt64(50 + partition)
            office.ports[0].send(topic.fetch(partition, ticket: ticket))
            guard
                case .shard(_, .fetched(let parts)) = try office.answer(to: ticket, at: 0)
            else {
                Issue.record("not fetched")
                continue
            }
            #expect(parts[0].end == 2)
        }
    }

    @Test(
        "hears what is in the mail before it takes a call: what is deleted gets no message any more"
    )
    func hearsMailFirst() throws {
        let place = try Place()
        let office = try Office(place.path)
        let topic = try office.create("orders", at: 1, ticket: 1)
        office.turn()
        office.ports[0].send(StorageCall(ticket: 2, .coordinator(.delete(name: "orders"))))
        var isDeleted = false
        for _ in 0..<10 where !isDeleted {
            let replies = office.ports[0].turn(at: 0)
            isDeleted = replies.contains { $0.ticket == 2 }
        }
        try #require(isDeleted)
        let own = try #require(office.switchboard.shards(of: 1).first)
        let partition = try #require(topic.shards.firstIndex(of: own))
        office.ports[1].hearMail()
        office.ports[1].send(topic.publish(partition, ticket: 3))
        guard case .shard(_, .refused(.noSuchTopic)) = try office.answer(to: 3, at: 1) else {
            Issue.record("it is stored where nobody looks any more")
            return
        }
    }

    @Test("tells every loop of every topic, and who made it before the answer")
    func tellsTheNews() throws {
        let place = try Place()
        let office = try Office(place.path)
        office.turn()
        for replies in office.heard {
            guard case .news(.secrets(let secrets)) = replies.first else {
                Issue.record("no secrets")
                continue
            }
            #expect(secrets.count == 1)
        }
        office.heard = office.heard.map { _ in [] }
        let topic = try office.create("orders", at: 1, ticket: 1)
        office.turn()
        for replies in office.heard {
            guard case .news(.topic(let news)) = replies.first else {
                Issue.record("no news")
                continue
            }
            #expect(news == .put(topic))
        }
        #expect(office.heard[1].count == 2)
    }

    @Test("keeps the secret of its cluster")
    func keepsTheSecret() throws {
        let place = try Place()
        let first = try Office(place.path).opening
        let second = try Office(place.path).opening
        #expect(first.hashKey == second.hashKey && first.coordinator.hashKey != nil)
        #expect(first.cookie == second.cookie)
    }

    @Test("adds shards, and takes none away")
    func addsShards() throws {
        let place = try Place()
        _ = try Office(place.path, shards: 2)
        let grown = try Office(place.path, shards: 5)
        #expect(grown.opening.cookie.shardCount == 5)
        #expect(grown.findings.count == 6)
        #expect(throws: StorageFault.fewerShards(asked: 2, kept: 5)) {
            try Office(place.path, shards: 2)
        }
    }

    @Test("does not start with less than it had")
    func missesWhatIsLost() throws {
        let place = try Place()
        _ = try Office(place.path)
        _ = try run("/bin/rm", ["-rf", place.path + "/shard-0001"])
        #expect(throws: StorageFault.lost(.shard(1))) { try Office(place.path) }
        #expect(StorageFault.lost(.shard(1)).isDamage)
    }

    @Test("does not take somebody's data for its own")
    func knowsStrangers() throws {
        let place = try Place()
        let office = try Office(place.path)
        for _ in 0..<5 { office.turn() }
        _ = try run("/bin/rm", [place.path + "/cookie"])
        #expect(throws: StorageFault.stranger(.shard(0))) { try Office(place.path) }
    }

    @Test("goes on after a first start that did not come to its end")
    func finishesTheFirstStart() throws {
        let place = try Place()
        var random = SystemRandomNumberGenerator()
        let directory = try DiskPlace(place.path).directory(of: .shard(0))
        try Shard.make(
            in: directory, number: 0, cluster: Identity(high: 1, low: 1),
            limits: Office.settings(shards: 1).shardLimits, seed: random.next(),
            at: DiskPlace.now())
        #expect(try Office(place.path).findings.count == 4)
    }

    @Test("says what is wrong with a cookie that is not whole")
    func refusesADamagedCookie() throws {
        let place = try Place()
        _ = try Office(place.path)
        let root = try DiskPlace(place.path).root()
        var bytes = try root.readFile(Cookie.name)
        bytes[20] ^= 1
        try root.makeFile(Cookie.name, bytes)
        #expect(throws: StorageFault.badCookie(.damaged(.cookie))) { try Office(place.path) }
    }

    @Test("confirms nothing after a write that failed, and says that the process has to end")
    func failsForGood() throws {
        let place = try Place()
        let office = try Office(place.path, shards: 2)
        let topic = try office.create("orders", at: 0, ticket: 1)
        let partition = try #require(topic.shards.firstIndex(of: 1))
        // Nothing was opened yet: the segment of the second shard is gone before its first round.
        let fresh = try Office(place.path, shards: 2)
        _ = try run("/bin/rm", [place.path + "/shard-0001/" + FileName.segment(at: 0)])
        for ticket in UInt64(5)...6 {
            fresh.ports[0].send(topic.publish(partition, ticket: ticket))
            guard case .shard(_, .refused(.failed)) = try fresh.answer(to: ticket, at: 0) else {
                Issue.record("not refused")
                continue
            }
        }
        #expect(fresh.ports[1].failure?.log == .shard(1))
        #expect(fresh.ports[0].failure == nil)
    }
}
