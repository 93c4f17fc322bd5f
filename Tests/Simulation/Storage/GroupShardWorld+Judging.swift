import CommitLog
import Records
import Storage
import Wire

// What answers say, and what must be true of them.
extension GroupShardWorld {
    func judge() {
        judgePublishes()
        // One that had to wait comes about later than it was asked for; what pulls get then comes after it.
        for ticket in seeks where bench.answers[ticket] != nil {
            seeks.remove(ticket)
            forgetAll()
        }
        for ticket in openPulls.sorted() {
            guard let answer = bench.answers[ticket] else { continue }
            openPulls.remove(ticket)
            guard case .group(.granted(let grant)) = answer else { continue }
            for lease in grant.leases { take(lease) }
        }
        for (ticket, settles) in openSettles.sorted(by: { $0.key < $1.key }) {
            guard let answer = bench.answers[ticket] else { continue }
            openSettles[ticket] = nil
            switch answer {
            case .group(.settled(let results)):
                for (settle, runs) in zip(settles, results) { judge(settle, runs) }
            case .group(.granted(let grant)):
                tally.settledInPulls += 1
                for (settle, runs) in zip(settles, grant.settled) { judge(settle, runs) }
            default: continue
            }
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

    func store(
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
