import CommitLog
import Records
import Storage
import Wire

// What answers say, and what must be true of them.
extension GroupShardWorld {
    func judge() {
        judgePublishes()
        for ticket in openPulls.sorted() {
            guard let answer = bench.answers[ticket] else { continue }
            openPulls.remove(ticket)
            guard case .group(.granted(let grant)) = answer else { continue }
            for lease in grant.leases { take(lease) }
        }
        for (ticket, settles) in openSettles.sorted(by: { $0.key < $1.key }) {
            guard let answer = bench.answers[ticket] else { continue }
            openSettles[ticket] = nil
            guard case .group(.settled(let results)) = answer else { continue }
            for (settle, runs) in zip(settles, results) { judge(settle, runs) }
        }
        // One that had to wait comes about later than it was asked for.
        for ticket in seeks where bench.answers[ticket] != nil {
            seeks.remove(ticket)
            forgetAll()
        }
        for ticket in watches where bench.answers[ticket] != nil {
            if mistake != .losesNews { watches.remove(ticket) }
            tally.told += 1
        }
    }

    private func judgePublishes() {
        while let first = openPublishes.first, let answer = bench.answers[first.ticket] {
            if case .refused(.failed) = answer { return }
            openPublishes.removeFirst()
            guard case .published = answer else { continue }
            store(first)
        }
        openPublishes.removeAll { publish in
            guard case .refused(let refusal) = bench.answers[publish.ticket] else { return false }
            return refusal != .failed
        }
    }

    private func store(
        _ publish: (ticket: UInt64, partition: PartitionID, messages: [Message])
    ) {
        tally.published += publish.messages.count
        messages[publish.partition, default: []] += publish.messages
    }

    private func take(_ lease: GroupGrant.Lease) {
        tally.granted += lease.messages.count
        let bodies = mistake == .losesBatches ? [] : lease.bodies
        guard let bodies, bodies.count == lease.messages.count else {
            return fault("messages come without their batches")
        }
        for (message, body) in zip(lease.messages, bodies) {
            check(message, body, of: lease)
            if mistake == .grantsTwice { check(message, body, of: lease) }
        }
        taken.append(Taken(lease: lease, term: term))
    }

    private func check(
        _ granted: GrantedMessage, _ body: [UInt8], of lease: GroupGrant.Lease
    ) {
        let (partition, offset) = (lease.partition, granted.offset)
        guard offset < messages[partition, default: []].count,
            let message = messages[partition]?[offset]
        else { return fault("\(partition) \(offset) is handed out, and nobody was told of it") }
        if message.body != body { fault("\(partition) \(offset) has another body") }
        if message.isAcked { fault("\(partition) \(offset) is handed out after it was acked") }
        if let held = message.lease, held.term == term, held.until > bench.now.boot {
            fault("\(partition) \(offset) has two holders")
        }
        if granted.attempt > attemptsMax { fault("\(partition) \(offset) should be dead") }
        checkOrder(partition, offset, message)
        if message.lease != nil { tally.expired += 1 }
        let until = bench.now.boot + lease.until - bench.now.wall
        messages[partition]?[offset].lease = Held(
            generation: lease.generation, until: until, term: term)
    }

    private func checkOrder(_ partition: PartitionID, _ offset: Int, _ message: Message) {
        guard isOrdered, let key = message.key else { return }
        for other in messages[partition, default: []][..<offset] where other.key == key {
            if !other.isAcked && !other.mayBeAcked {
                return fault("\(partition) \(offset) comes before one of its key is through")
            }
        }
    }

    private func judge(_ settle: OpenSettle, _ runs: [SettledRun]) {
        let partition = settle.item.partition
        for run in runs {
            for offset in run.offsets {
                switch run.verdict {
                case .acked:
                    tally.acked += 1
                    if !isSeeking { messages[partition]?[offset].isAcked = true }
                case .alreadyAcked: break
                case .extended: extend(partition, offset, settle)
                case .nacked: tally.failed += 1
                case .released: tally.released += 1
                case .lost:
                    tally.lost += 1
                    if settle.isInTime, settle.term == term, !isSeeking {
                        fault("\(partition) \(offset) is lost to who has it")
                    }
                case .unknown: fault("a receipt of \(partition) \(offset) is unknown")
                }
            }
        }
    }
}

extension GroupShardWorld {
    private func extend(_ partition: PartitionID, _ offset: Int, _ settle: OpenSettle) {
        guard case .extend(let by) = settle.item.kind, settle.term == term,
            let held = messages[partition]?[offset].lease,
            held.generation == settle.item.generation
        else { return }
        messages[partition]?[offset].lease?.until = max(held.until, settle.at + by)
    }
}

// Crashes, and the end.
extension GroupShardWorld {
    func crash(after error: LogError) {
        let isIdle = !bench.shard.hasWaitingRound && !bench.disk.isOut
        let before = bench.shard.picture.groups
        switch error {
        case .poisoned: tally.restarts += 1  // Killed: what was written stays in the page cache.
        case .disk(SimulatedDisk.powerCode):
            tally.crashes += 1
            bench.disk.losePower()
        default: return fault("unexpected: \(error)")
        }
        bench.disk.callsLeft = nil
        term += 1
        openPulls = []
        openSettles = [:]
        (watches, seeks) = ([], [])
        if mistake == .forgetsGroup { bench.groups = [:] }
        check()
        do throws(LogError) {
            try bench.reopen(seed: random.next())
            bench.shard.heardAll(at: bench.now)
        } catch {
            return fault("a start threw \(error)")
        }
        if isIdle, error == .poisoned {
            tally.comparisons += 1
            if bench.shard.picture.groups != before { fault("a start comes to another state") }
        }
        findFates()
    }

    /// `posthorn check` finds nothing wrong.
    private func check() {
        do throws(LogError) {
            var checker = try ShardChecker(
                bench.disk, number: ShardBench.number, cluster: ShardBench.cluster)
            let report = try checker.finish()
            if !report.isWhole { fault("the check finds \(report.log.problems) \(report.entries)") }
        } catch {
            fault("the check threw \(error)")
        }
    }

    /// What was not answered is there, or is not.
    private func findFates() {
        for publish in openPublishes {
            let ticket = bench.call(.describe([publish.partition]))
            guard case .described(let statuses) = bench.answers[ticket] else { continue }
            if statuses[0].end > messages[publish.partition, default: []].count { store(publish) }
        }
        openPublishes = []
    }

    /// All that is left is worked off: each message is acked, or dead.
    func finish() {
        do throws(LogError) {
            bench.holdsChores = false
            try settleAll()
            taken = []
            watches = []
            for _ in 0..<60 where violation == nil {
                let watch = bench.watch(Self.partitions)
                try pass(13_000)
                let ticket = bench.pull(ShardBench.pull(Self.partitions, lease: 5_000))
                openPulls.insert(ticket)
                try settleAll()
                guard let grant = bench.grant(ticket) else {
                    return fault("a pull is not answered: \(bench.answers[ticket] as Any)")
                }
                let wasTold = bench.isNews(watch) && mistake != .losesNews
                if !grant.leases.isEmpty, !wasTold { fault("nobody was told of messages") }
                bench.call(.unwatch(ticket: watch))
                for took in taken { send(took, took.lease.offsets, .ack) }
                taken = []
                try settleAll()
            }
            checkOver()
            check()
        } catch {
            fault("the end threw \(error)")
        }
    }

    private func pass(_ milliseconds: Int) throws(LogError) {
        guard mistake == .forgetsTime else {
            try bench.wait(milliseconds)
            return judge()
        }
        bench.now.wall += milliseconds
        bench.now.boot += milliseconds
        try settleAll()
    }

    private func settleAll() throws(LogError) {
        if mistake == .forgetsTime {
            repeat { bench.doChores() } while try bench.turn()
        } else {
            try bench.settle()
        }
        judge()
    }

    private func checkOver() {
        for partition in Self.partitions where violation == nil {
            guard let status = bench.status(partition) else { return fault("nothing is described") }
            let known = messages[partition, default: []]
            if status.lag != 0 || status.inFlight != 0 || status.retrying != 0 {
                fault("\(partition) is stuck: \(status)")
            }
            if status.committed != known.count { fault("\(partition) ends at \(status)") }
            // What was not acked has died.
            let open = known.count { !$0.isAcked && !$0.mayBeAcked }
            if open > status.dead { fault("\(open) messages of \(partition) are lost") }
        }
    }
}
