package import CommitLog
import Records
import Storage
import Wire

/// What can be done wrong on purpose in a world of groups on a shard, to see that somebody notices.
package enum GroupShardMistake: CaseIterable, Sendable {
    /// A client takes an ack for done before it is answered.
    case trustsBeforeAnswer
    /// Nobody lets time do its work.
    case forgetsTime
    /// What is granted comes without its batches.
    case losesBatches
    /// What one client got is given to another one, too.
    case grantsTwice
    /// A start does not hear of the group.
    case forgetsGroup
    /// News gets lost.
    case losesNews
    /// A dead letter is copied into its topic once more.
    case copiesTwice
    /// A copy is not there.
    case losesCopy
}

/// A group on a real shard, over a disk that loses power: producers, consumers that die or come late, kills.
///
/// `run` returns what was violated, in words; nothing, if all is well.
package final class GroupShardWorld {
    package struct Tally {
        package var published = 0
        package var granted = 0
        package var acked = 0
        package var failed = 0
        package var lost = 0
        package var expired = 0
        package var released = 0
        package var told = 0
        package var seeks = 0
        package var redrives = 0
        package var settledInPulls = 0
        package var crashes = 0
        package var restarts = 0
        package var comparisons = 0
        package var copied = 0

        package init() {}
    }

    struct Message {
        let body: [UInt8]
        let key: Int?
        /// Somebody was told that it is acked.
        var isAcked = false
        /// An ack was sent, and its fate is not known.
        var mayBeAcked = false
        /// It failed, or may have, so often.
        var failures = 0
        var lease: Held?
    }

    struct Held {
        let generation: UInt64
        var until: Int
        let term: Int
    }

    struct Taken {
        let lease: GroupGrant.Lease
        let term: Int
    }

    struct OpenSettle {
        let item: GroupSettle.Item
        let isInTime: Bool
        let term: Int
        let at: Int
    }

    static let topic: UInt32 = 1
    static let partitions = (0...1).map { PartitionID(topic: topic, partition: UInt32($0)) }

    let mistake: GroupShardMistake?
    let bench: ShardBench
    var random: SeededRandom
    let isOrdered: Bool
    let attemptsMax: Int
    /// Dead letters are copied into a topic of their own.
    let hasLetters: Bool
    var messages: [PartitionID: [Message]] = [:]
    /// Published, and not answered yet, in order.
    var openPublishes: [(ticket: UInt64, partition: PartitionID, messages: [Message])] = []
    var openPulls: Set<UInt64> = []
    var openSettles: [UInt64: [OpenSettle]] = [:]
    var watches: Set<UInt64> = []
    var seeks: Set<UInt64> = []
    var taken: [Taken] = []
    /// Where seeks began since which nothing before it is judged.
    var isSeeking = false
    var term = 0
    var number = 0
    var pulls: UInt64 = 0
    package var tally = Tally()
    var violation: String?

    package init(seed: UInt64, mistake: GroupShardMistake? = nil) throws(LogError) {
        self.mistake = mistake
        random = SeededRandom(seed: seed)
        isOrdered = random.oneIn(2)
        // Where order counts nothing dies.
        hasLetters = isOrdered ? false : random.oneIn(2)
        attemptsMax = isOrdered ? 1_000 : random.number(in: hasLetters ? 1...3 : 2...20)
        bench = try ShardBench(seed: seed)
        bench.holdsChores = true
        bench.hear(.put(ShardBench.topic(Self.topic, partitions: 2)))
        bench.hear(.put(Self.letterTopic))
        let (isOrdered, attemptsMax, hasLetters) = (isOrdered, attemptsMax, hasLetters)
        bench.hear(
            group: .put(
                ShardBench.group(topics: [Self.topic]) {
                    $0.ordering = isOrdered ? .key : .none
                    $0.attemptsMax = attemptsMax
                    $0.deadLetterTopic = hasLetters ? Self.letterTopic.name : nil
                    $0.backoff = [200, 2_000]
                    $0.lease = 5_000
                }))
    }

    func fault(_ what: String) { if violation == nil { violation = what } }

    package func run(steps: Int = 300) -> String? {
        for _ in 0..<steps where violation == nil {
            do throws(LogError) {
                if random.oneIn(40) { bench.disk.callsLeft = random.number(in: 0...25) }
                try step()
                if bench.disk.isOut { throw .disk(code: SimulatedDisk.powerCode) }
            } catch {
                crash(after: error)
            }
        }
        bench.disk.callsLeft = nil
        if violation == nil { finish() }
        return violation
    }

    private func step() throws(LogError) {
        pass(random.number(in: 0...60))
        switch random.number(in: 0...40) {
        case 0...6: publish()
        case 7...13: pull()
        case 14...19: settle()
        case 20: if !taken.isEmpty { taken.remove(at: random.number(in: 0...taken.count - 1)) }
        case 21: watch()
        case 22...31: try bench.turn()
        case 32...34: if random.oneIn(2) { bench.doChores() } else { bench.doChore() }
        case 35...37: tick()
        case 38:
            pass(random.number(in: 0...9_000))
            tick()
        case 39: if random.oneIn(3) { throw .poisoned }
        default: if random.oneIn(8) { seek() } else { redrive() }
        }
        bench.collect()
        judge()
    }
}
