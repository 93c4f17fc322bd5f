// Storage as one loop has it: the shards it owns, which it drives in its own turn, and the way to the
// others. It belongs to the loop's thread.

package import CommitLog
import Coordination
package import Reactor
package import Wire

package final class LocalStorage<Place: LogPlace>: StoragePort {
    typealias OwnShard = Driven<Shard<Place.Directory>, Place.Directory>

    package let loop: Int
    private let place: Place
    let switchboard: Switchboard
    var shards: [UInt16: OwnShard]
    /// On one loop only.
    var coordinator: Driven<CoordinatorLog, Place.Directory>?
    /// What waits for the end of the turn, by loop.
    var outbox: [StorageParcel]
    var orders: [KeeperOrder] = []
    /// The ways to the flushers that were started.
    var flushers: [LogName: Mailbox<LogWrite>] = [:]
    let startFlusher: FlusherStart
    var replies: [StorageReply] = []
    private var hasMail = true
    /// How full the disk is, as of the last look; what came since.
    var disk = DiskLevel.roomy
    var lookedAt: Int?
    var isLooking = false
    var wasCalled = false
    /// The disk of a log failed: nothing of it is confirmed any more, and the process has to end once
    /// the answers have left.
    package internal(set) var failure: StorageFailure?
    package var isBroken: Bool { failure != nil }
    package internal(set) var isBusy = false
    /// Rounds that flushers were given.
    var roundsByThread = 0
    package internal(set) var nextDeadline: UInt64?

    /// What this loop starts with: its shards as they were opened, and what the coordinator knows.
    init(
        loop: Int, in place: Place, _ switchboard: Switchboard, shards: [UInt16: OwnShard],
        coordinator: Driven<CoordinatorLog, Place.Directory>?, news: [CoordinatorNews],
        startFlusher: @escaping FlusherStart
    ) {
        self.loop = loop
        self.place = place
        self.switchboard = switchboard
        self.shards = shards
        self.coordinator = coordinator
        self.startFlusher = startFlusher
        outbox = (0..<switchboard.loopCount).map { _ in StorageParcel(from: loop) }
        let moment = place.moment()
        for change in news { hear(change, at: moment) }
        for shard in shards.values { shard.owner.heardAll(at: moment) }
        isBusy = true
    }

    package var counts: StorageCounts {
        var sum = StorageCounts()
        for shard in shards.values {
            let counts = shard.owner.counts
            sum.granted += counts.granted
            sum.settled += counts.settles
            sum.groupEntries += counts.groupEntries
            sum.groupBytes += counts.groupBytes
            sum.copiedLetters += counts.copiedLetters
            sum.uncopiedLetters += counts.uncopiedLetters
            sum.rounds += counts.rounds
        }
        sum.roundsByThread = roundsByThread
        return sum
    }

    /// Whether no flusher has a round of this loop.
    package var isAtRest: Bool {
        coordinator?.driver.isOut != true && !shards.values.contains { $0.driver.isOut }
    }

    package var shardCount: Int { switchboard.shardCount }
    package var nearShard: UInt16? { switchboard.shards(of: loop).first }
    /// What the loop has to listen to; it says so by `hearMail`.
    package var mailbox: Mailbox<StorageParcel> { switchboard.parcels[loop] }

    package func hearMail() { hasMail = true }

    package func send(_ call: StorageCall) {
        // Whoever sends may know by another loop what is in the mail: a topic is gone, and nothing that is
        // published from now on may go where it was.
        if hasMail { takeMail() }
        wasCalled = true
        switch call.content {
        case .shard(let number, let content):
            guard Int(number) < shardCount else {
                return replies.append(.shard(ticket: call.ticket, .refused(.noSuchTopic)))
            }
            if let shard = shards[number] {
                let caller = Caller.loop(UInt16(loop))
                shard.owner.take(content, ticket: call.ticket, from: caller, at: now())
            } else {
                outbox[switchboard.owner(of: number)].calls.append(call)
            }
        case .coordinator(let content):
            if let coordinator {
                coordinator.owner.take(content, ticket: call.ticket, from: UInt16(loop))
            } else {
                outbox[Switchboard.coordinatorLoop].calls.append(call)
            }
        }
    }

    package func turn(at nanoseconds: UInt64) -> [StorageReply] {
        if hasMail { takeMail() }
        let moment = now()
        isBusy = false
        // The coordinator first, so that a shard has heard of a topic before it is used.
        if let coordinator { drive(coordinator, at: moment) }
        spreadNews(at: moment)
        for shard in shards.values { drive(shard, at: moment) }
        carryPosts()
        collect()
        lookAtDisk(at: moment.boot)
        post()
        updateDeadline(at: moment)
        defer { replies = [] }
        return replies
    }

    private func takeMail() {
        hasMail = false
        for parcel in mailbox.drain() { take(parcel, at: now()) }
    }

    private func take(_ parcel: StorageParcel, at moment: Moment) {
        for report in parcel.flushes { hear(report, at: moment) }
        for news in parcel.news { hear(news, at: moment) }
        for call in parcel.calls { take(call, from: parcel.from, at: moment) }
        for post in parcel.posts { take(post, at: moment) }
        replies += parcel.replies
        // Before the reports, whose chores may be followed by others.
        if let level = parcel.disk { hear(level) }
        for (log, report) in parcel.reports { finish(report, of: log, at: moment) }
    }

    private func take(_ call: StorageCall, from loop: UInt16, at moment: Moment) {
        wasCalled = true
        switch call.content {
        case .shard(let number, let content):
            guard let shard = shards[number] else { preconditionFailure("sent to its owner") }
            shard.owner.take(content, ticket: call.ticket, from: .loop(loop), at: moment)
        case .coordinator(let content):
            coordinator?.owner.take(content, ticket: call.ticket, from: loop)
        }
    }

    /// Tells the shards of this loop, and then its gateway.
    func hear(_ news: CoordinatorNews, at moment: Moment) {
        switch news {
        case .topic(let change):
            for shard in shards.values { shard.owner.hear(change, at: moment) }
        case .group(let change):
            for shard in shards.values { shard.owner.hear(change, at: moment) }
        case .secrets: break
        }
        replies.append(.news(news))
    }

    private func finish(_ report: ChoreReport, of log: LogName, at moment: Moment) {
        switch log {
        case .coordinator: coordinator?.owner.finished(report, at: moment)
        case .shard(let number): shards[number]?.owner.finished(report, at: moment)
        }
    }

    func now() -> Moment { place.moment() }
}

/// Why storage cannot go on.
package struct StorageFailure: Equatable, Sendable {
    package let log: LogName
    package let error: LogError
}

/// A log's owner with its driver.
final class Driven<Owner: LogOwner, Directory: LogDirectory> {
    var owner: Owner
    var driver: LogDriver<Directory>

    init(_ owner: Owner, _ driver: LogDriver<Directory>) {
        self.owner = owner
        self.driver = driver
    }
}
