import Bytes
import HTTP
import Receipts
import Records
import Wire

/// How pulls end.
extension PullDesk {
    /// Answers with what there is, once what the pull settles is done, too.
    mutating func finish(_ pull: Pull, _ ending: ReadEnding, at now: TurnTime) {
        if pull.isGone { return }
        pull.isParked = false
        pull.ending = ending
        withdraw(pull)
        if let settlement = pull.settlement, settlement.left > 0 {
            return setTimer(of: pull, at: now.tick + settings.timeout)
        }
        guard let keys = receipts.keys(at: Int(clamping: now.wall)) else {
            return refuse(pull, .work(.noSecret))
        }
        trim(pull)
        // Shards are asked in another order each time; a pull that is repeated gets the same receipts.
        if pull.order.id != nil { pull.leases.sort { $0.partition < $1.partition } }
        let answer: PullAnswer
        do throws(RecordsError) {
            answer = try PullAnswer(pull, ending, keys, &batches)
        } catch {
            return refuse(pull, .work(.storage(.damaged, mayHaveChanged: false)))
        }
        counts.messages += UInt64(pull.count)
        counts.bytes += UInt64(pull.size)
        if !pull.leases.isEmpty {
            deliveries[pull.caller] = pull.leases.map { $0.release(of: pull.group) }
        }
        answers.append(
            DeskAnswer(pull.caller, .response(answer.response), isDelivery: !pull.leases.isEmpty))
        pull.leases = []
        release(pull)
    }

    /// Gives back what is beyond what was wanted, as the first message of a further shard may be, and
    /// what has no place in a receipt.
    private mutating func trim(_ pull: Pull) {
        while pull.leases.count > 1,
            pull.size > pull.order.bytesMax || pull.leases.count > Receipt.partsMax
                || isTooLong(pull.leases)
        {
            let last = pull.leases.removeLast()
            pull.size -= last.size
            giveBack([last], of: pull.group, in: pull.topics)
        }
        pull.count = pull.leases.reduce(0) { $0 + $1.messages.count }
    }

    /// Whether the text of a receipt of these might be too long, by the most that its numbers take.
    private func isTooLong(_ leases: [GroupGrant.Lease]) -> Bool {
        let plain = leases.reduce(32) { $0 + 24 + 14 * $1.runs.count }
        return plain / 3 * 4 > Receipt.textSizeMax
    }

    // MARK: Delivery

    /// The answers of a client have left whole.
    mutating func delivered(_ caller: Exchange) { deliveries[caller] = nil }

    /// The answer of a client did not leave whole: what it got is for others, at once.
    mutating func undelivered(_ caller: Exchange, in topics: borrowing TopicMap) {
        guard let items = deliveries.removeValue(forKey: caller) else { return }
        for item in items {
            guard let known = topics.find(id: item.partition.topic) else { continue }
            giveBack(item, in: [known])
        }
    }
}
