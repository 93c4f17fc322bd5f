package import CommitLog
import Records
package import Storage
package import Wire

/// One shard on a simulated disk, and a driver that does what a storage loop and its keeper do.
package final class ShardBench {
    package typealias TestShard = Shard<SimulatedDisk>

    package static let number: UInt16 = 3
    package static let cluster = Identity(high: 5, low: 6)

    package let disk: SimulatedDisk
    package private(set) var shard: TestShard
    package var limits: ShardLimits
    package var now = ShardTime(wall: 1_700_000_000_000, boot: 1_000)
    /// Every answer so far, by ticket.
    package private(set) var answers: [UInt64: ShardAnswer] = [:]
    /// Tickets in the order of their answers.
    package private(set) var order: [UInt64] = []
    package private(set) var chores: [Chore] = []
    /// What the shard had to say to others, in order, since somebody emptied it.
    package var posts: [SpreadPost] = []
    package private(set) var report: RecoveryReport
    /// Chores wait until `doChores` is called.
    package var holdsChores = false
    private var lastTicket: UInt64 = 0
    private var topics: [UInt32: Topic] = [:]
    /// As the coordinator has them; a shard that starts hears of all of them.
    package var groups: [UInt32: GroupDefinition] = [:]

    /// Limits that make everything happen within a few hundred kilobytes.
    package static var smallLimits: ShardLimits {
        var limits = ShardLimits()
        limits.log.payloadSizeMax = 16 << 10
        limits.log.roundSizeTarget = 8 << 10
        limits.log.waitingSizeMax = 48 << 10
        limits.segmentCapacity = 64 << 10
        limits.reserveSize = 12 << 10
        limits.tailCacheSize = 24 << 10
        limits.coldCacheSize = 24 << 10
        limits.openFilesMax = 2
        limits.checkpointBytes = 100 << 10
        return limits
    }

    package init(
        seed: UInt64 = 1, limits: ShardLimits = ShardBench.smallLimits
    ) throws(LogError) {
        disk = SimulatedDisk(seed: seed)
        self.limits = limits
        try TestShard.make(
            in: disk, number: Self.number, cluster: Self.cluster, limits: limits, seed: seed,
            at: now)
        let opened = try TestShard.open(
            disk, number: Self.number, cluster: Self.cluster, limits: limits, seed: seed, at: now)
        (shard, report) = (opened.shard, opened.report)
    }

    /// Reads the shard from the disk again, as a new process does.
    package func reopen(seed: UInt64 = 2) throws(LogError) {
        let opened = try TestShard.open(
            disk, number: Self.number, cluster: Self.cluster, limits: limits, seed: seed, at: now)
        (shard, report) = (opened.shard, opened.report)
        (chores, posts) = ([], [])
        for topic in topics.values.sorted(by: { $0.id < $1.id }) {
            shard.hear(.put(topic), at: now)
        }
        for group in groups.values.sorted(by: { $0.id < $1.id }) {
            shard.hear(.put(group), at: now)
        }
    }

    package func hear(group news: GroupNews) {
        switch news {
        case .put(let group): groups[group.id] = group
        case .deleted(let id, _): groups[id] = nil
        }
        shard.hear(news, at: now)
    }

    package func hear(_ news: TopicNews) {
        switch news {
        case .put(let topic): topics[topic.id] = topic
        case .deleted(let id, _): topics[id] = nil
        }
        shard.hear(news, at: now)
    }

    /// Leaves a topic out when the shard is opened the next time, as if it was deleted meanwhile.
    package func forgetTopic(_ id: UInt32) { topics[id] = nil }

    /// Makes a call; its answer is in `answers` by the ticket that this returns, then or later.
    @discardableResult
    package func call(_ call: ShardCall, from caller: Caller = .loop(0)) -> UInt64 {
        lastTicket += 1
        shard.take(call, ticket: lastTicket, from: caller, at: now)
        collect()
        return lastTicket
    }

    /// Writes and flushes one round, if there is one; returns whether there was.
    @discardableResult
    package func turn() throws(LogError) -> Bool {
        let step = try shard.nextWrite(at: now)
        collect()
        guard case .write(let write) = step else { return false }
        do throws(LogError) {
            let file = try disk.open(FileName.segment(at: write.segment))
            try file.write(write.bytes, at: write.place)
            try file.flush()
        } catch {
            shard.failed()
            collect()
            throw error
        }
        shard.flushed(at: now)
        collect()
        return true
    }

    /// Does all that can be done without time going by.
    package func settle() throws(LogError) {
        repeat {
            shard.tick(at: now)
            collect()
            if !holdsChores { doChores() }
        } while try turn() || !holdsChores && !chores.isEmpty
    }

    /// Lets time go by, in steps, and the shard do what falls due.
    package func wait(_ milliseconds: Int) throws(LogError) {
        let end = now.boot + milliseconds
        try settle()
        while now.boot < end {
            let next = min(max(shard.nextDeadline ?? end, now.boot + 1), end)
            now.wall += next - now.boot
            now.boot = next
            try settle()
        }
    }

    /// Does the chores that wait.
    package func doChores() {
        while !chores.isEmpty { doChore() }
    }

    /// Does the first chore that waits.
    package func doChore() {
        guard !chores.isEmpty else { return }
        shard.finished(disk.perform(chores.removeFirst()), at: now)
        collect()
    }

    package func collect() {
        for reply in shard.takeAnswers() {
            // Shards expect no answers.
            if case .shard = reply.caller { continue }
            precondition(answers[reply.ticket] == nil, "a call is answered once")
            answers[reply.ticket] = reply.answer
            order.append(reply.ticket)
        }
        chores += shard.takeChores()
        posts += shard.takePosts()
    }
}
