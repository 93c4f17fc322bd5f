import Bytes
import CommitLog
import Kernel
import Reactor
import Simulation
import Synchronization
import Testing
import Wire

@testable import Storage

/// Two loops in threads of their own, as the process has them, and a keeper beside them.
@Suite("Storage in threads")
struct PortThreadTests {
    private static let messages = 200

    /// What the threads of one test share.
    private final class Stage: Sendable {
        let opening: StorageOpening<DiskPlace>
        let switchboard: Switchboard
        let results: Mailbox<String>
        let isOver = Atomic(false)

        init(_ path: String, _ flushes: FlushPlace) throws {
            var random = SystemRandomNumberGenerator()
            var settings = Office.settings(shards: 3)
            settings.flushes = flushes
            opening = try StorageOpening(
                DiskPlace(path), settings, random: &random, at: DiskPlace.now())
            switchboard = try Switchboard(loops: 2, shards: 3)
            results = try Mailbox(limit: 16)
        }

        func tell(_ result: String) {
            do throws(MailboxError) { try results.post(result) } catch {
                preconditionFailure("there are few results")
            }
        }

        func serve(_ number: Int) {
            do { try run(number) } catch { tell("loop \(number): \(error)") }
        }

        private func run(_ number: Int) throws {
            let storage = try opening.storage(
                of: number, switchboard, at: DiskPlace.now()
            ).storage
            var loop = try Loop()
            try loop.register(parcels: storage.mailbox)
            var client = Client()
            var events: [Event] = []
            if number == 1 { client.begin(storage) }
            while !isOver.load(ordering: .relaxed) {
                for reply in storage.turn(at: loop.nanoseconds) where number == 1 {
                    if let result = client.take(reply, storage) { tell(result) }
                }
                if let due = storage.nextDeadline {
                    _ = loop.timers.insert(SlabID(raw: 1 << 40), at: max(due, loop.now + 1))
                }
                try loop.wait(into: &events, isBusy: storage.isBusy)
                for case .parcels in events { storage.hearMail() }
            }
        }
    }

    /// Makes a topic and publishes to all its partitions.
    private struct Client {
        private var answers = 0

        mutating func begin(_ storage: LocalStorage<DiskPlace>) {
            storage.send(
                StorageCall(ticket: 1, .coordinator(.find(name: "a", mayCreate: true))))
        }

        /// Returns the result once all is published.
        mutating func take(_ reply: StorageReply, _ storage: LocalStorage<DiskPlace>) -> String? {
            switch reply {
            case .coordinator(_, .created(let topic)):
                for number in 0..<PortThreadTests.messages {
                    storage.send(topic.publish(number % 3, ticket: UInt64(10 + number)))
                }
                return nil
            case .shard(_, .published):
                answers += 1
                return answers == PortThreadTests.messages ? "published" : nil
            case .news: return nil
            default: return "\(reply)"
            }
        }
    }

    @Test(
        "publishes across threads, whoever flushes, each parcel of a turn in one post",
        arguments: [FlushPlace.inline, .auto, .thread])
    func publishes(_ flushes: FlushPlace) throws {
        let place = try Place()
        let stage = try Stage(place.path, flushes)
        try Thread.start("keeper") {
            do {
                try Keeper.run(stage.opening.place, DiskMarks(), stage.switchboard) { _ in }
            } catch {
                stage.tell("keeper: \(error)")
            }
        }
        for number in 0..<2 { try Thread.start("loop-\(number)") { stage.serve(number) } }
        var poller = try Poller()
        try poller.add(stage.results.bell, tag: 0)
        _ = try poller.wait(milliseconds: 60_000)
        #expect(stage.results.drain() == ["published"])
        stage.isOver.store(true, ordering: .relaxed)
        for loop in 0..<2 { _ = stage.switchboard.take(StorageParcel(from: 0), for: loop) }
    }
}
