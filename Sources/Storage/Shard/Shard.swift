// A shard: a state machine over one log. Calls become entries, committed entries become state, and state
// answers calls. It reads no clock, starts no thread, and asks its driver for everything that takes time.
//
// What must stay true: nothing that is not committed is shown to anybody, and nothing is confirmed that
// was not flushed.

package import CommitLog
import Groups
import Records
package import Wire

/// A turn of its driver: `hear`, `take` and `tick`; then `nextWrite`, and `flushed` once that is on the
/// disk, for as long as there is something to write; then `takeAnswers` and `takeChores`.
package final class Shard<Directory: LogDirectory> {
    package let number: UInt16
    package let limits: ShardLimits
    let directory: Directory
    let cluster: Identity
    var log: ShardLog
    var state: ShardState
    var time: LogTime
    var now: ShardTime
    /// Damage was found that waits for an operator: nothing is written.
    let isReadOnly: Bool

    /// What is served, as the coordinator says.
    var topics: [UInt32: Topic] = [:] { didSet { groups.served = [] } }
    /// Their numbers by their names.
    var topicNumbers: [String: UInt32] = [:]
    /// Gone by the coordinator's word, and still to be said in the log.
    var goneTopics: Set<UInt32> = []
    /// As the log will have it, and nobody has to know any more once it has.
    var leavingTopics: Set<UInt32> = []
    /// What is appended and not committed.
    var appended: [PartitionID: Appended] = [:]
    var publishes = PublishQueue()
    /// What waits for the keeper before it is appended.
    var line = PublishLine()
    /// Of what is appended and not committed.
    var pendingKeys = PendingKeys()
    var repeats: [WaitingRepeat] = []
    /// The most partitions of a topic by which somebody asked for keys from before there were so many.
    var recalledCounts: [UInt32: Int] = [:]
    /// Of spread batches: what is under way, what came meanwhile, and what others have to hear.
    var acts = SpreadActs()
    var lateSpreadCalls: [SpreadActs.Late] = []
    var posts: [SpreadPost] = []
    var watches = WatchList()
    var groups: GroupWork
    var tail: TailCache
    var cold: ColdCache
    var files: OpenFiles<Directory>
    var keeping: Keeping
    var pace: Pace
    var answers: [ShardReply] = []
    /// Dead bytes that partitions keep on the disk, until that changes.
    var pinnedBytes: [PartitionID: Int]?
    package internal(set) var counts = ShardCounts()
    /// How full the disk is.
    var disk = DiskLevel.roomy

    init(
        _ directory: Directory, number: UInt16, cluster: Identity, limits: ShardLimits,
        seed: UInt64,
        log: ShardLog, state: ShardState, isReadOnly: Bool, time: ShardTime
    ) {
        precondition(limits.segmentCapacity >= limits.log.segmentCapacityMin, "frames fit segments")
        self.directory = directory
        self.number = number
        self.cluster = cluster
        self.limits = limits
        self.log = log
        self.state = state
        self.isReadOnly = isReadOnly
        self.time = LogTime(after: state.folded.logTime, wall: time.wall, boot: time.boot)
        now = time
        tail = TailCache(sizeMax: limits.tailCacheSize)
        cold = ColdCache(sizeMax: limits.coldCacheSize)
        files = OpenFiles(directory, countMax: limits.openFilesMax)
        keeping = Keeping(seed: seed)
        pace = Pace(at: state.folded.position, boot: time.boot)
        let times = GroupTime(log: self.time.now, boot: time.boot)
        groups = GroupWork(
            GroupShelf(state.groups ?? GroupBook(limits.groups), epoch: log.epoch, at: times))
        self.state.groups = nil
    }

    /// A flush failed: the driver ends the process once the answers have left.
    package internal(set) var isPoisoned = false

    /// The date by which it decides, as of the last turn.
    package var logTime: Int { time.now }

    /// Notes how full the disk is.
    package func hear(_ level: DiskLevel) {
        if level > disk {
            keeping.forgetNotWorth()
            pace.mayRewrite = true
        }
        disk = level
    }

    /// Answers since the last call, in order.
    package func takeAnswers() -> [ShardReply] {
        defer { answers = [] }
        return answers
    }

    /// Work for the keeper since the last call, in order.
    package func takeChores() -> [Chore] { keeping.takeChores() }

    /// Log time, after these clocks.
    @discardableResult
    func advance(to now: ShardTime) -> Int {
        self.now = now
        return time.advance(wall: now.wall, boot: now.boot)
    }

    func answer(_ caller: Caller, _ ticket: UInt64, _ answer: ShardAnswer) {
        answers.append(ShardReply(caller: caller, ticket: ticket, answer: answer))
    }
}

/// What a partition will have once everything appended is committed.
///
/// It does not stand in the shard: types in a generic one are made anew at every use of them.
struct Appended {
    var end: Int
    /// Of entries that are not committed.
    var bytes = 0
    /// Where it is going to begin.
    var begin = 0
}

/// An answer, and who waits for it.
package struct ShardReply: Sendable {
    package let caller: Caller
    package let ticket: UInt64
    package let answer: ShardAnswer
}

/// What the metrics of a shard tell, counted since its start.
package struct ShardCounts: Equatable, Sendable {
    package var publishes = 0
    package var repeats = 0
    package var rounds = 0
    package var cachedReads = 0
    package var diskReads = 0
    package var damagedReads = 0
    package var failedChores = 0
    package var rewrittenSegments = 0
    /// Messages that groups got, and that were settled.
    package var granted = 0
    package var settles = 0
    package var groupEntries = 0
    package var groupBytes = 0
    /// Dead letters that became messages of their group's dead-letter topic, and those that could not.
    package var copiedLetters = 0
    package var uncopiedLetters = 0
}

extension Shard {
    /// Takes a call; its answer comes out of `takeAnswers`, in this turn or later.
    package func take(_ call: ShardCall, ticket: UInt64, from caller: Caller, at now: ShardTime) {
        advance(to: now)
        if isPoisoned { return answer(caller, ticket, .refused(.failed)) }
        do throws(ShardRefusal) {
            switch call {
            case .publish(let publish): try take(publish, ticket, caller)
            case .recall(let publish): try recall(publish, ticket, caller)
            case .fetch(let fetch): answer(caller, ticket, .fetched(try self.fetch(fetch)))
            case .watch(let watch): try take(watch, ticket, caller)
            case .unwatch(let other):
                watches.remove(WatchList.Key(caller: caller, ticket: other))
                endWatch(WatchList.Key(caller: caller, ticket: other))
            case .locate(let locate): answer(caller, ticket, .located(try self.locate(locate)))
            case .describe(let partitions):
                answer(caller, ticket, .described(try describe(partitions)))
            case .spread(let call): try take(call, ticket, caller)
            case .group(let call): take(call, ticket, caller)
            }
        } catch {
            answer(caller, ticket, .refused(error))
        }
    }

    /// Finds the topic of a partition that this shard has.
    func topic(of partition: PartitionID) throws(ShardRefusal) -> Topic {
        guard let topic = topics[partition.topic], partition.partition < topic.shards.count,
            topic.shards[Int(partition.partition)] == number
        else { throw .noSuchTopic }
        return topic
    }
}
