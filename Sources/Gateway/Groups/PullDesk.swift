// Working as a group, on one loop. A pull becomes calls to the shards of its partitions, and what they
// grant becomes its answer; one that finds nothing and may wait is parked where its socket is. Settles
// of all clients of a turn leave as one call a shard. No clock, no socket: requests and times come in,
// calls and answers go out.
//
// A message that was granted for somebody who has gone is given back at once, and its attempt does not
// count: whatever is granted here is answered with, or released.

import Bytes
import HTTP
import Reactor
import Records
import Wire

/// The side of a gateway loop that is about groups' messages.
package struct PullDesk: ~Copyable {
    /// Pulls and settles at once, and calls that wait for their answers.
    package static let pullsMax = 65_536
    /// Calls for messages of one pull, where shards have much to look at and nothing to give.
    package static let roundsMax = 64
    /// How often shards are asked again that have not heard of a group or a topic yet, and the first
    /// pause before, which doubles.
    package static let retriesMax = 10
    package static let retryPause: UInt64 = 5

    /// What waits for an answer of storage.
    enum Pending {
        case pull(Pull, UInt16)
        case watch(Pull, UInt16)
        case settle([SettleReference], [GroupSettle.Item], UInt16)
        /// A topic, or the group, is looked for.
        case inquiry(Pull)
        /// The group of a settle is looked for.
        case lookup(SettleErrand, SettleOrder, String)
    }

    enum Timed {
        case pull(Pull)
        case settlement(SettleErrand)
        /// Shards are asked again.
        case retry(Pull)
    }

    /// What is to be settled in a shard at the end of the turn.
    struct Outgoing {
        var items: [GroupSettle.Item] = []
        var references: [SettleReference] = []
    }

    package var settings: PullSettings
    var batches = OpenBatches()
    var receipts = ReceiptBook()
    var pending = Slab<Pending>()
    var pulls: [Exchange: Pull] = [:]
    var settlements: [Exchange: SettleErrand] = [:]
    var timers: TimerWheel<Timed>
    var outgoing: [UInt16: Outgoing] = [:]
    /// What was answered with, until it is known that the answer has left whole.
    var deliveries: [Exchange: [GroupSettle.Item]] = [:]
    var waitingByGroup: [UInt32: Int] = [:]
    /// Pulls so far: each begins with another topic, partition and shard.
    var turn = 0
    var spread: Spread
    var drainEnd: UInt64?

    var calls: [DeskCall] = []
    var answers: [DeskAnswer] = []
    package internal(set) var counts = PullCounts()
    var reported = PullCounts()

    package init(_ settings: PullSettings, at now: TurnTime) {
        self.settings = settings
        timers = TimerWheel(now: now.tick)
        spread = Spread(seed: settings.seed)
    }

    /// Whether `takeCalls` has something.
    var hasCalls: Bool { !calls.isEmpty || !outgoing.isEmpty }

    /// What is to be sent to storage: what is settled before what is taken.
    package mutating func takeCalls() -> [DeskCall] {
        takeSettles() + calls.takeAll()
    }

    /// What is to be said to clients.
    package mutating func takeAnswers() -> [DeskAnswer] {
        answers.takeAll()
    }

    /// Whether nothing is left of anybody, but for calls whose answers have not come.
    package var isQuiet: Bool {
        pulls.isEmpty && settlements.isEmpty && timers.count == 0 && outgoing.isEmpty
            && waitingByGroup.isEmpty && counts.parked == 0 && deliveries.isEmpty
    }

    /// Whether somebody pulls from a group here.
    func isPulled(_ name: String) -> Bool { pulls.values.contains { $0.name == name } }

    /// Takes the secrets that receipts are signed with.
    mutating func hear(_ secrets: [ReceiptSecret], at now: TurnTime) {
        receipts.hear(secrets, at: Int(clamping: now.wall))
    }
}

// MARK: Requests

extension PullDesk {
    /// `POST /v1/groups/{group}/pull`.
    mutating func pull(
        _ order: PullOrder, of name: String, for caller: Exchange, from address: String,
        in topics: borrowing TopicMap, _ groups: borrowing GroupMap, at now: TurnTime
    ) throws(GatewayError) {
        try GroupDesk.check(name)
        guard pulls.count < Self.pullsMax, pending.count < Self.pullsMax else {
            throw .work(.overloaded)
        }
        guard receipts.keys(at: Int(clamping: now.wall)) != nil else { throw .work(.noSecret) }
        let pull = Pull(order, of: name, for: caller, from: address, at: now.tick)
        pull.due = now.tick + wait(of: order)
        pull.timer = timers.insert(
            .pull(pull), at: order.wait > 0 ? pull.due : now.tick + settings.timeout)
        pulls[caller] = pull
        begin(pull, topics, groups, at: now)
    }

    /// A little less than what was asked for, and not the same for all who came together.
    private mutating func wait(of order: PullOrder) -> UInt64 {
        let margin = order.wait / 100
        return order.wait - margin - spread.next(below: margin * 4 + 1)
    }

    /// Lets go of a pull; what it has and could not give away goes back.
    mutating func release(_ pull: Pull) {
        if pull.isGone { return }
        pull.isGone = true
        pulls[pull.caller] = nil
        if let timer = pull.timer { timers.cancel(timer) }
        pull.timer = nil
        leavePlace(pull)
        withdraw(pull)
        pull.settlement?.isGone = true
        giveBack(pull.leases, of: pull.group, in: pull.topics)
        pull.leases = []
    }

    mutating func refuse(_ pull: Pull, _ error: GatewayError) {
        if pull.isGone { return }
        answers.append(DeskAnswer(pull.caller, .problem(error)))
        release(pull)
    }
}
