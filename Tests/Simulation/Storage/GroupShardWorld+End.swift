import CommitLog
import Records
import Storage
import Wire

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
                try wait(13_000)
                let ticket = bench.pull(ShardBench.pull(Self.partitions, lease: 5_000))
                openPulls.insert(ticket)
                try settleAll()
                guard let grant = bench.grant(ticket) else {
                    return fault("a pull is not answered: \(bench.answers[ticket] as Any)")
                }
                let wasTold = bench.isNews(watch) && mistake != .losesNews
                if !grant.leases.isEmpty, !wasTold { fault("nobody was told of messages") }
                bench.call(.unwatch(ticket: watch))
                for took in taken {
                    let settle = decide(took, took.lease.offsets, .ack)
                    let ticket = bench.call(.group(.settle(GroupSettle([settle.item]))))
                    openSettles[ticket] = [settle]
                }
                taken = []
                try settleAll()
            }
            checkOver()
            checkLetters()
            check()
        } catch {
            fault("the end threw \(error)")
        }
    }

    private func wait(_ milliseconds: Int) throws(LogError) {
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
