import CommitLog
import Records

/// A log on a simulated disk: appends, flushes, crashes and goes on, and knows what must be true.
///
/// `run` returns what was violated, in words; nothing, if all is well.
package final class LogWorld {
    /// What a careless writer or reader of a log would do.
    package enum Mistake: CaseIterable, Sendable {
        case acknowledgeBeforeFlush
        case skipPayloadCRC
        case ignoreChain
        case rewriteBlocks
    }

    /// What the seeds came across, so that a test sees that they come across everything.
    package struct Tally {
        package var acknowledged = 0
        package var powerLosses = 0
        package var kills = 0
        package var flushFailures = 0
        package var tornTails = 0
        package var cuts = 0
        package var sealed = 0
        package var recycled = 0
        package var checkpoints = 0
        package var damaged = 0
        package var secondCrashes = 0
        package var noSpace = 0

        package init() {}
    }

    struct Entry {
        let number: Int
        let head: EntryHead
        let body: [UInt8]
        var position: Int?
    }

    struct Written {
        let header: FrameHeader
        let segment: Int
    }

    static let shard: UInt32 = 7
    static let cluster = Identity(high: 1, low: 2)
    static let partitions = (0..<3).map {
        PartitionID(topic: UInt32($0 / 2), partition: UInt32($0))
    }

    let mistake: Mistake?
    let disk: SimulatedDisk
    var random: SeededRandom
    var log: ShardLog
    var clock = 1_000_000
    var epoch: UInt32 = 1
    /// All entries that may be in the log, in order; the first `acknowledged` of them must be.
    var history: [Entry] = []
    var acknowledged = 0
    var frames: [Written] = []
    var indexes: [Int: SegmentIndex] = [:]
    var headers: [Int: SegmentHeader] = [:]
    var retention = Retention()
    /// Segments that were dropped, and the checkpoints since.
    var dropped: [Int: Int] = [:]
    var tally = Tally()
    var violations: [String] = []
    private var numbers = 0

    package init(seed: UInt64, mistake: Mistake? = nil) {
        random = SeededRandom(seed: seed)
        self.mistake = mistake
        disk = SimulatedDisk(seed: seed &* 31)
        let first = SegmentHeader(
            shard: Self.shard, start: 0, capacity: 48 << 10, salt: 1, epoch: 0, createdTime: clock,
            cluster: Self.cluster)
        log = ShardLog(
            resuming: LogEnd(fresh: first), next: nil, epoch: 1, limits: Self.limits)
        headers[0] = first
    }

    static var limits: LogLimits {
        var limits = LogLimits()
        limits.payloadSizeMax = 16 << 10
        limits.roundSizeTarget = 8 << 10
        limits.waitingSizeMax = 48 << 10
        return limits
    }

    package func run(steps: Int) -> (violations: [String], tally: Tally) {
        do throws(LogError) {
            for header in headers.values { _ = try disk.makeSegment(header) }
        } catch {
            violations.append("a sound disk refused: \(error)")
        }
        for _ in 0..<steps where violations.isEmpty {
            do throws(LogError) {
                if random.oneIn(12) { disk.callsLeft = random.number(in: 0...12) }
                try step()
            } catch {
                crash(after: error)
            }
        }
        end()
        return (violations, tally)
    }

    /// One power loss more, some of them with rot, and a last look.
    private func end() {
        guard violations.isEmpty else { return }
        disk.callsLeft = nil
        let place = random.oneIn(2) ? harm() : nil
        if place == nil { losePower() }
        recover(expectingDamageAt: place)
    }

    private func step() throws(LogError) {
        clock += random.number(in: 0...30)
        switch random.number(in: 0...19) {
        case 0...6: append()
        case 7...14: try pump()
        case 15: if log.wantsCommitMark { log.append(.commitMark) }
        case 16: log.append(.time)
        case 17:
            if random.oneIn(2) { retire() }
            try checkpoint()
        case 18: if !log.hasPreparedSegment { try prepare() }
        default: try trouble()
        }
    }

    private func trouble() throws(LogError) {
        switch random.number(in: 0...4) {
        case 0: disk.failsNextFlush = true
        case 1: throw .poisoned  // Killed: what was written stays in the page cache.
        case 2: disk.space = disk.space == 0 ? Int.max : 0
        default: acknowledge(log.commitEntries(upTo: log.durable))
        }
    }

    private func crash(after error: LogError) {
        switch error {
        case .noSpace:
            tally.noSpace += 1
            disk.space = Int.max
            return
        case .poisoned: tally.kills += 1
        case .disk(SimulatedDisk.powerCode): losePower()
        case .disk:
            tally.flushFailures += 1
            disk.dropCache()
        default: violations.append("unexpected: \(error)")
        }
        recover(expectingDamageAt: nil)
    }

    func losePower() {
        tally.powerLosses += 1
        disk.losePower()
    }

    private func append() {
        var together: [Entry] = []
        for _ in 0..<random.number(in: 1...4) { together.append(makeEntry()) }
        do throws(LogError) {
            try log.append(together: together.map { ($0.head, $0.body) })
            history += together
            numbers += together.count
        } catch {
            if case .overloaded = error { return }
            violations.append("append refused: \(error)")
        }
    }

    private func makeEntry() -> Entry {
        let partition = random.pick(Self.partitions)
        let count = random.number(in: 1...5)
        // Offsets are the numbers of all appends so far: they grow, and need no memory.
        let head = EntryHead(
            type: 1, flags: EntryHead.indexed, partition: partition, baseOffset: numbers * 100,
            count: UInt32(count))
        let size = random.oneIn(4) ? random.number(in: 0...3_500) : random.number(in: 8...64)
        numbers += 1
        let body = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        return Entry(number: numbers, head: head, body: body)
    }
}
