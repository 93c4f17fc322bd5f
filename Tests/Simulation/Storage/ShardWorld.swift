package import CommitLog
import Records
import Storage
import Wire

/// A shard that publishes, reads, forgets, crashes and starts again, and a model of what must be true.
///
/// `run` returns what was violated, in words; nothing, if all is well.
package final class ShardWorld {
    /// What the seeds came across, so that a test sees that they come across everything.
    package struct Tally {
        package var answered = 0
        package var refused = 0
        package var crashes = 0
        package var poisonings = 0
        package var restarts = 0
        package var begins = 0
        package var deletions = 0
        package var recycled = 0
        package var rewritten = 0
        package var checkpoints = 0
        package var reads = 0
        package var shown = 0
        package var repeats = 0
        package var pendingRepeats = 0
        package var checkedEntries = 0

        package init() {}
    }

    /// A publish whose fate is open, or which is known to be stored.
    private struct Publication {
        let ticket: UInt64
        let parts: [(partition: PartitionID, bodies: [[UInt8]])]
    }

    private struct Delayed {
        let body: [UInt8]
        let due: Int
    }

    /// Has delayed records only, each in a batch of its own.
    private static let later = PartitionID(topic: 1_000_000, partition: 0)

    /// Has records with Idempotency-Keys only.
    private static let keyed = PartitionID(topic: 1_000_001, partition: 0)

    private let bench: ShardBench
    private var keys = KeyLedger()
    private var random: SeededRandom
    /// All that is known to be stored, by partition.
    private var stored: [PartitionID: [[UInt8]]] = [:]
    /// Taken and not answered, in order.
    private var open: [Publication] = []
    private var goneTopics: Set<UInt32> = []
    /// Delayed records that were confirmed: what must be shown once their dates have come.
    private var delayed: [Delayed] = []
    private var openDelays: [UInt64: (body: [UInt8], delay: Int)] = [:]
    private var lastTopic: UInt32 = 0
    private var topics: [UInt32] = []
    private var numbers = 0
    private var tally = Tally()
    private var violations: [String] = []

    package init(seed: UInt64) throws(LogError) {
        random = SeededRandom(seed: seed)
        var limits = ShardBench.smallLimits
        limits.rewriteBelow = 90
        bench = try ShardBench(seed: seed, limits: limits)
        bench.holdsChores = true
        for _ in 0..<2 { addTopic() }
        bench.hear(.put(ShardBench.topic(Self.later.topic)))
        bench.hear(.put(ShardBench.topic(Self.keyed.topic, dedupWindow: KeyLedger.window)))
    }

    package func run(steps: Int) -> (violations: [String], tally: Tally) {
        for _ in 0..<steps where violations.isEmpty {
            do throws(LogError) {
                if random.oneIn(40) { bench.disk.callsLeft = random.number(in: 0...25) }
                try step()
                if bench.disk.isOut { throw .disk(code: SimulatedDisk.powerCode) }
            } catch {
                crash(after: error)
            }
        }
        bench.disk.callsLeft = nil
        if violations.isEmpty { crash(after: .disk(code: SimulatedDisk.powerCode)) }
        if violations.isEmpty { finish() }
        return (violations, tally)
    }

    private func step() throws(LogError) {
        bench.now.wall += random.number(in: 0...40)
        bench.now.boot += random.number(in: 0...40)
        switch random.number(in: 0...32) {
        case 0...8: publish()
        case 30...32: publishKey()
        case 9: delay()
        case 10...18: try turn()
        case 19...21: if random.oneIn(2) { bench.doChores() } else { bench.doChore() }
        case 22, 23: bench.shard.tick(at: bench.now)
        case 24, 25: read()
        case 26:
            bench.now.boot += 35_000
            bench.now.wall += 35_000
            bench.shard.tick(at: bench.now)
        case 27: try changeTopics()
        case 28: if random.oneIn(6) { bench.disk.failsNextFlush = true }
        default: if random.oneIn(3) { throw .poisoned }
        }
        bench.collect()
        judge()
    }

    private func turn() throws(LogError) {
        try bench.turn()
    }

    private func addTopic() {
        lastTopic += 1
        topics.append(lastTopic)
        let retention = random.oneIn(2) ? random.number(in: 1_000...60_000) : nil
        let bytes = random.oneIn(3) ? random.number(in: 10_000...100_000) : nil
        let topic = ShardBench.topic(
            lastTopic, partitions: 2, retention: retention, retentionBytes: bytes)
        bench.hear(.put(topic))
    }

    private func changeTopics() throws(LogError) {
        guard random.oneIn(4) else { return }
        addTopic()
        guard topics.count > 3 else { return }
        let gone = topics.removeFirst()
        goneTopics.insert(gone)
        bench.hear(.deleted(id: gone, name: "topic-\(gone)"))
        tally.deletions += 1
    }

    private func publish() {
        let parts = (0..<random.number(in: 1...3)).map { _ in
            let partition = PartitionID(
                topic: random.pick(topics), partition: UInt32(random.number(in: 0...1)))
            let bodies = (0..<random.number(in: 1...3)).map { _ in body() }
            return (partition: partition, bodies: bodies)
        }
        let ticket = bench.publish(parts.map { ($0.partition, ShardBench.batch($0.bodies)) })
        open.append(Publication(ticket: ticket, parts: parts))
    }

    private func delay() {
        let (body, delay) = (body(), random.number(in: 0...100_000))
        let batch = ShardBench.batch([body], delays: [.duration(UInt64(delay))])
        openDelays[bench.publish([(Self.later, batch)])] = (body, delay)
    }

    /// Publishes a key, a new one or one that came before.
    private func publishKey() {
        let key = keys.pick(&random)
        let ticket = bench.publish([(Self.keyed, ShardBench.batch([key.body], keys: [key.hash]))])
        keys.asked(key.hash, ticket)
    }

    private func judgeKeys() {
        for answered in keys.takeAnswered(bench.answers) {
            switch answered.answer {
            case .published(let places):
                keys.stored(answered.hash, places[0], &violations)
            case .repeated(let records):
                tally.repeats += 1
                if answered.waited { tally.pendingRepeats += 1 }
                keys.repeated(answered.hash, records, &violations)
            case .refused: break
            default: violations.append("an odd answer to a key: \(answered.answer)")
            }
        }
    }

    private func judgeDelays() {
        for (ticket, open) in openDelays {
            guard let answer = bench.answers[ticket] else { continue }
            if case .published(let places) = answer {
                delayed.append(Delayed(body: open.body, due: places[0].logTime + open.delay))
            }
            openDelays[ticket] = nil
        }
    }

    private func body() -> [UInt8] {
        numbers += 1
        let size = random.oneIn(4) ? random.number(in: 0...3_000) : random.number(in: 0...60)
        return Array("\(numbers) ".utf8) + [UInt8](repeating: UInt8(numbers & 0xFF), count: size)
    }

    /// Takes note of the answers that came.
    private func judge() {
        judgeDelays()
        judgeKeys()
        while let first = open.first, let answer = bench.answers[first.ticket] {
            open.removeFirst()
            switch answer {
            case .published(let places):
                tally.answered += 1
                store(first, places)
            case .refused(.failed): return open.insert(first, at: 0)
            case .refused: tally.refused += 1
            default: violations.append("an odd answer to a publish: \(answer)")
            }
        }
        // A refusal overtakes those that wait for their flush.
        open.removeAll { publication in
            guard case .refused(let refusal) = bench.answers[publication.ticket],
                refusal != .failed
            else { return false }
            tally.refused += 1
            return true
        }
    }

    private func store(_ publication: Publication, _ places: [PlacedPart]?) {
        for (index, part) in publication.parts.enumerated() {
            let offset = stored[part.partition]?.count ?? 0
            if let places, places[index].place != .offset(offset) {
                violations.append("\(part.partition) got \(places[index]), not \(offset)")
            }
            stored[part.partition, default: []] += part.bodies
        }
    }
}

extension ShardWorld {
    private func read() {
        guard !bench.shard.isPoisoned else { return }
        let topic = random.pick(topics)
        for partition in 0..<2 {
            _ = check(PartitionID(topic: topic, partition: UInt32(partition)), upTo: nil)
        }
        tally.reads += 1
    }

    /// Compares what a partition has with what is known to be stored, or with `expected`.
    private func check(_ partition: PartitionID, upTo expected: [[UInt8]]?) -> Bool {
        let expected = expected ?? stored[partition] ?? []
        guard let status = status(of: partition),
            let records = bench.readAll(partition, bytesMax: random.number(in: 1...9_000))
        else {
            if !bench.disk.isOut { violations.append("\(partition) cannot be read") }
            return false
        }
        if bench.disk.isOut { return false }
        if status.start > 0 { tally.begins += 1 }
        guard status.end == expected.count, status.start <= status.end,
            records.map(\.offset) == Array(status.start..<status.end),
            records.map(\.body) == Array(expected[status.start...])
        else {
            violations.append(
                "\(partition) has \(status) and \(records.map(\.offset)), not \(expected.count)")
            return false
        }
        return true
    }

    private func status(of partition: PartitionID) -> PartitionStatus? {
        let ticket = bench.call(.describe([partition]))
        guard case .described(let statuses) = bench.answers[ticket] else { return nil }
        return statuses.first
    }

    private func crash(after error: LogError) {
        tally.rewritten += bench.shard.counts.rewrittenSegments
        switch error {
        case .poisoned: tally.restarts += 1  // Killed: what was written stays in the page cache.
        case .disk(SimulatedDisk.powerCode):
            tally.crashes += 1
            bench.disk.losePower()
        case .disk:
            tally.poisonings += 1
            if !bench.shard.isPoisoned { violations.append("a failed flush passed") }
            bench.disk.dropCache()
        default: return violations.append("unexpected: \(error)")
        }
        bench.disk.callsLeft = nil
        check()
        while true {
            if random.oneIn(3) { bench.disk.callsLeft = random.number(in: 0...60) }
            do throws(LogError) {
                try bench.reopen(seed: random.next())
                bench.disk.callsLeft = nil
                break
            } catch {
                guard bench.disk.isOut || error == .disk(code: 5) else {
                    return violations.append("a start threw \(error)")
                }
                bench.disk.losePower()
            }
        }
        check()
        openDelays = [:]
        keys.forgetOpen()
        settleFates()
        if violations.isEmpty { checkDelays() }
        if violations.isEmpty { checkKeys() }
    }

    /// `posthorn check` finds nothing wrong.
    private func check() {
        do throws(LogError) {
            var checker = try ShardChecker(
                bench.disk, number: ShardBench.number, cluster: ShardBench.cluster)
            let report = try checker.finish()
            if !report.isWhole {
                violations.append("the check finds \(report.log.problems) \(report.entries)")
            }
            tally.checkedEntries += report.batches + report.pointers
        } catch {
            violations.append("the check threw \(error)")
        }
    }

    /// What is shown of the delayed records is due, was published, and is shown once.
    private func checkDelays() {
        guard let records = bench.readAll(Self.later) else {
            if !bench.disk.isOut { violations.append("delayed records cannot be read") }
            return
        }
        let shown = Set(records.map(\.body))
        if shown.count < records.count { violations.append("a delayed record is shown twice") }
        tally.shown += shown.count
        for record in delayed where shown.contains(record.body) && record.due > bench.shard.logTime
        {
            violations.append("a record is shown before its time")
        }
    }

    /// What was acknowledged is there once, at its place; what was not is there once at most.
    private func checkKeys() {
        guard let records = bench.readAll(Self.keyed) else {
            if !bench.disk.isOut { violations.append("records with keys cannot be read") }
            return
        }
        keys.check(records, &violations)
    }

    /// All that is confirmed shows once its time has come.
    private func finish() {
        do throws(LogError) {
            bench.holdsChores = false
            bench.now.wall += 200_000
            bench.now.boot += 200_000
            try bench.settle()
            checkDelays()
            checkKeys()
            let shown = Set(bench.readAll(Self.later)?.map(\.body) ?? [])
            if delayed.contains(where: { !shown.contains($0.body) }) {
                violations.append("a delayed record was lost")
            }
            check()
        } catch {
            violations.append("the end threw \(error)")
        }
    }

    /// What was not answered is stored as a whole or not at all, and in order.
    private func settleFates() {
        if !bench.report.mayWrite {
            return violations.append("damage that nobody did: \(bench.report.damage)")
        }
        for gone in goneTopics { bench.hear(.deleted(id: gone, name: "topic-\(gone)")) }
        for publication in open {
            let isThere = publication.parts.allSatisfy { part in
                goneTopics.contains(part.partition.topic)
                    || status(of: part.partition)?.end ?? 0 > stored[part.partition]?.count ?? 0
            }
            if isThere { store(publication, nil) } else { break }
        }
        open = []
        for topic in topics {
            for partition in 0..<2 {
                _ = check(PartitionID(topic: topic, partition: UInt32(partition)), upTo: nil)
            }
        }
        for partition in stored.keys where goneTopics.contains(partition.topic) {
            stored[partition] = nil
        }
    }
}
