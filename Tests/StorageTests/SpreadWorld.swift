import Records
import Simulation
import Wire

@testable import Delivery

/// Ledgers of three shards, each over a list of committed events, and gateways that die at any step.
///
/// What is not committed is lost in a crash; calls get lost and come late.
struct SpreadWorld {
    enum Event: Equatable {
        case prepared(SpreadID, judge: UInt16, position: Int)
        case shown(SpreadID, position: Int)
        case dropped(position: Int)
        case decided(SpreadID, isShown: Bool, others: [UInt16])
        case settled(SpreadID)
    }

    enum Call {
        case prepare(SpreadID, judge: UInt16), decide(SpreadID, [UInt16]), show(SpreadID)
        case drop(SpreadID), ask(SpreadID, from: UInt16), done(SpreadID, from: UInt16)
        case word(SpreadID, isShown: Bool)
        case isPrepared(SpreadID), isShown(SpreadID)

        var spread: SpreadID {
            switch self {
            case .prepare(let spread, _), .decide(let spread, _), .show(let spread),
                .drop(let spread), .ask(let spread, _), .done(let spread, _),
                .word(let spread, _), .isPrepared(let spread), .isShown(let spread):
                spread
            }
        }
    }

    struct Node {
        var log: [Event] = []
        var ledger: SpreadLedger
        /// Appended and not committed, and what is said once it is.
        var pending: [(spread: SpreadID, events: [Event], calls: [(UInt16, Call)])] = []
        var position = 0
    }

    static let gateway: UInt16 = 99
    static let pause = 400
    var nodes: [Node]
    var calls: [(to: UInt16, call: Call)] = []
    /// Batches that a gateway still cares for, and the shards that have prepared them.
    var errands: [SpreadID: Int] = [:]
    var acknowledged: Set<SpreadID> = []
    var spreads: [SpreadID: Int] = [:]
    var now = 0
    var violations: [String] = []
    var refusals = 0
    var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        nodes = (0..<3).map { Node(ledger: SpreadLedger(of: UInt16($0), refusedMax: 1_000)) }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps { step() }
        // Then all is well, and everything has to come to its end.
        errands = [:]
        for _ in 0..<2_000 where violations.isEmpty {
            now += Self.pause
            for shard in nodes.indices { tick(shard) }
            while !calls.isEmpty || nodes.contains(where: { !$0.pending.isEmpty }) {
                for shard in nodes.indices { while !nodes[shard].pending.isEmpty { commit(shard) } }
                if !calls.isEmpty { deliver(0) }
            }
            if nodes.allSatisfy({ $0.ledger.count == 0 }) { break }
        }
        judge(isOver: true)
    }

    private mutating func step() {
        now += random.number(in: 0...10)
        let shard = random.number(in: 0...2)
        switch random.number(in: 0...39) {
        case 0: publish()
        case 1...22: if !calls.isEmpty { deliver(random.number(in: 0...calls.count - 1)) }
        case 23...34: commit(shard)
        case 35, 36: tick(shard)
        case 37: if random.oneIn(2) { crash(shard) }
        case 38: if random.oneIn(3) { loseSomething() }
        default: if random.oneIn(3), let one = open.randomElement(using: &random) { giveUp(one) }
        }
        if random.oneIn(10) { judge(isOver: false) }
    }

    private var open: [SpreadID] { errands.keys.sorted { $0.low < $1.low } }

    private mutating func loseSomething() {
        if random.oneIn(2), let one = open.randomElement(using: &random) {
            errands[one] = nil
        } else if !calls.isEmpty {
            calls.remove(at: random.number(in: 0...calls.count - 1))
        }
    }

    private mutating func publish() {
        let spread = SpreadID(high: 1, low: UInt64(spreads.count))
        let judge = random.number(in: 0...2)
        spreads[spread] = judge
        errands[spread] = 0
        for shard in UInt16(0)..<3 { calls.append((shard, .prepare(spread, judge: UInt16(judge)))) }
    }

    /// A gateway that waits no longer; it never decides after that.
    private mutating func giveUp(_ spread: SpreadID) {
        guard let prepared = errands.removeValue(forKey: spread), prepared < 3 else { return }
        for shard in UInt16(0)..<3 { calls.append((shard, .drop(spread))) }
    }

    private mutating func crash(_ shard: Int) {
        var node = Node(ledger: SpreadLedger(of: UInt16(shard), refusedMax: 1_000))
        node.log = nodes[shard].log
        node.position = nodes[shard].position
        for event in node.log { Self.apply(event, to: &node.ledger) }
        if node.ledger != nodes[shard].ledger {
            violations.append("shard \(shard) is another one after its start")
        }
        node.ledger.hurry(at: now)
        nodes[shard] = node
    }

    private mutating func commit(_ shard: Int) {
        guard !nodes[shard].pending.isEmpty else { return }
        let (_, events, told) = nodes[shard].pending.removeFirst()
        nodes[shard].log += events
        for event in events {
            Self.apply(event, to: &nodes[shard].ledger)
            switch event {
            case .prepared(let spread, _, _), .decided(let spread, true, _):
                nodes[shard].ledger.wait(for: spread, until: now + Self.pause)
            default: break
            }
        }
        calls += told.map { (to: $0.0, call: $0.1) }
    }

    private static func apply(_ event: Event, to ledger: inout SpreadLedger) {
        switch event {
        case .prepared(let spread, let judge, let position):
            let partition = PartitionID(topic: 1, partition: 0)
            let part = SpreadPart(
                position: position, partition: partition, count: 1, keys: [])
            ledger.prepared(spread, judge: judge, part)
        case .shown(_, let position), .dropped(let position): _ = ledger.ended(at: position)
        case .decided(let spread, let isShown, let others):
            ledger.decided(spread, isShown: isShown, others: others, logTime: 0)
        case .settled(let spread): ledger.settled(spread)
        }
    }

    private mutating func tick(_ shard: Int) {
        for duty in nodes[shard].ledger.duties(at: now, pause: Self.pause) {
            switch duty {
            case .ask(let spread, let judge):
                calls.append((judge, .ask(spread, from: UInt16(shard))))
            case .refuse(let spread): calls.append((UInt16(shard), .decide(spread, [])))
            case .tell(let spread, let others):
                for other in others { calls.append((other, .show(spread))) }
            case .settle(let spread): append(shard, spread, [.settled(spread)], [])
            }
        }
    }

    private mutating func deliver(_ index: Int) {
        let (to, call) = calls.remove(at: index)
        if to == Self.gateway { return answer(call) }
        // What is under way is waited for.
        if nodes[Int(to)].pending.contains(where: { $0.spread == call.spread }) {
            commit(Int(to))
            return calls.append((to, call))
        }
        take(call, Int(to))
    }

    private mutating func answer(_ call: Call) {
        switch call {
        case .isPrepared(let spread):
            guard let prepared = errands[spread] else { return }
            errands[spread] = prepared + 1
            guard prepared + 1 == 3, let judge = spreads[spread] else { return }
            let others = (UInt16(0)..<3).filter { $0 != UInt16(judge) }
            calls.append((UInt16(judge), .decide(spread, others)))
        case .isShown(let spread):
            acknowledged.insert(spread)
            for shard in UInt16(0)..<3 where Int(shard) != spreads[spread] {
                calls.append((shard, .show(spread)))
            }
        default: break
        }
    }
}

extension SpreadWorld {
    private mutating func append(
        _ shard: Int, _ spread: SpreadID, _ events: [Event], _ told: [(UInt16, Call)]
    ) {
        nodes[shard].pending.append((spread, events, told))
    }

    private mutating func take(_ call: Call, _ shard: Int) {
        let (own, spread) = (UInt16(shard), call.spread)
        let ledger = nodes[shard].ledger
        let parts = ledger.parts(of: spread)
        let drops = parts.map { Event.dropped(position: $0.position) }
        let shows = parts.map { Event.shown(spread, position: $0.position) }
        switch call {
        case .prepare(_, let judge):
            guard ledger.takes(spread) else { return }
            nodes[shard].position += 1
            append(
                shard, spread,
                [.prepared(spread, judge: judge, position: nodes[shard].position)],
                [(Self.gateway, .isPrepared(spread))])
        case .decide(_, let others):
            // Without others it is the duty of a judge that nobody asked.
            switch others.isEmpty ? .tooLate(isNew: true) : ledger.ruling(on: spread) {
            case .show:
                append(
                    shard, spread, [.decided(spread, isShown: true, others: others)] + shows,
                    [(Self.gateway, .isShown(spread))])
            case .isShown: break
            case .tooLate(let isNew):
                refusals += 1
                if isNew, !ledger.isShown(spread) {
                    append(
                        shard, spread, [.decided(spread, isShown: false, others: [])] + drops, [])
                }
            }
        case .show, .word(_, isShown: true):
            let told = [(UInt16(spreads[spread] ?? 0), Call.done(spread, from: own))]
            append(shard, spread, shows, told)
        case .drop, .word(_, isShown: false):
            if !ledger.isShown(spread), !drops.isEmpty { append(shard, spread, drops, []) }
        case .ask(_, let from):
            switch ledger.word(on: spread) {
            case .shown: calls.append((from, .word(spread, isShown: true)))
            case .refused(let isNew):
                let events = isNew ? [.decided(spread, isShown: false, others: [])] + drops : []
                append(shard, spread, events, [(from, .word(spread, isShown: false))])
            }
        case .done(_, let from):
            if nodes[shard].ledger.done(spread, by: from) {
                append(shard, spread, [.settled(spread)], [])
            }
        case .isPrepared, .isShown: break
        }
    }

    /// What readers see: shown by a shard only after the judge's decision; in the end by all or none.
    private mutating func judge(isOver: Bool) {
        for (spread, judge) in spreads {
            let shards = nodes.indices.filter { shard in
                nodes[shard].log.contains {
                    if case .shown(spread, _) = $0 { true } else { false }
                }
            }
            let decisions = nodes[judge].log.compactMap { event -> Bool? in
                if case .decided(spread, let isShown, _) = event { isShown } else { nil }
            }
            // Who asks after all have shown it hears anything, and has nothing left to drop.
            if decisions.dropFirst().contains(true) {
                violations.append("\(spread) was decided twice")
            }
            if !shards.isEmpty, decisions.first != true {
                violations.append("\(spread) is shown by \(shards), and \(decisions) was decided")
            }
            guard isOver else { continue }
            if !shards.isEmpty, shards.count < 3 {
                violations.append("\(spread) is shown by \(shards) only")
            }
            if acknowledged.contains(spread), shards.count < 3 {
                violations.append("\(spread) was acknowledged, and lost")
            }
        }
        if isOver, nodes.contains(where: { $0.ledger.count > 0 }) {
            violations.append("something waits for ever")
        }
    }
}
