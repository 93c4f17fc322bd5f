// What clients say about the messages that they have.

import CommitLog
import Groups
import Records
import Wire

extension Shard {
    /// Refuses settles that the log has no room for, the reserve included, before anything is decided.
    func checkRoom(for items: [GroupSettle.Item]) throws(GroupTrouble) {
        var messages = 0
        for item in items {
            for run in item.runs { messages = min(messages, 1 << 40) + min(run.count, 1 << 40) }
        }
        guard messages <= limits.settleMessagesMax, items.count <= limits.settleMessagesMax,
            groups.waitingCount < limits.groupCallsMax
        else { throw .shard(.overloaded) }
        let reasons = items.reduce(0) { size, item in
            guard case .nack(_, let reason) = item.kind else { return size }
            return size + min(reason.utf8.count, GroupLimits.labelSizeMax)
        }
        let size = LogFormat.entryHeadSize + Self.settleSize * items.count + reasons
        guard log.waitingBytes + size <= limits.log.waitingSizeMax else {
            throw .shard(.overloaded)
        }
        // Where a segment is on its way, what is decided waits for it.
        guard log.hasRoom(for: size, reserve: 0) || !keeping.isOutOfSpace else {
            keeping.noteDemand(limits)
            throw .shard(.noSpace)
        }
    }

    /// About what one takes in the log.
    private static var settleSize: Int { 32 }

    /// Decides about messages; each item's fate, to be told once that is committed.
    func settle(_ items: [GroupSettle.Item]) -> [[SettledRun]] {
        var results: [[SettledRun]] = []
        results.reserveCapacity(items.count)
        var touched: Set<GroupPlace> = []
        for item in items {
            let place = GroupPlace(group: item.group, partition: item.partition)
            let offsets = OffsetRanges(joining: item.runs)
            counts.settles += offsets.count
            guard groups.definitions.index(forKey: item.group) != nil, groups.shelf.hasBegun(place)
            else {
                results.append(offsets.runs.map { SettledRun($0, .unknown) })
                continue
            }
            groups.shelf.grew(place, to: state.partitions[item.partition]?.end ?? 0)
            groups.shelf.use(item.group, at: groupTime)
            let statuses = groups.shelf.settle(
                place, offsets, of: LeaseGeneration(raw: item.generation), Settling(item.kind),
                at: groupTime)
            results.append(SettledRun.all(of: offsets, statuses))
            touched.insert(place)
        }
        for place in touched { ringAfterReturn(to: place) }
        return results
    }
}

extension OffsetRanges {
    fileprivate init(joining runs: [Range<Int>]) {
        self.init()
        for run in runs { insert(run) }
    }
}

extension Settling {
    fileprivate init(_ kind: GroupSettle.Kind) {
        switch kind {
        case .ack: self = .ack
        case .nack(let delay, let reason): self = .nack(delay: delay, reason: reason)
        case .extend(let by): self = .extend(by: by)
        case .release: self = .release
        }
    }
}

extension SettledRun {
    /// The same fate in a row is one.
    fileprivate static func all(of offsets: OffsetRanges, _ statuses: [SettleStatus])
        -> [SettledRun]
    {
        var runs: [SettledRun] = []
        var place = 0
        for run in offsets.runs {
            var start = run.lowerBound
            for offset in run {
                let isLast = offset + 1 == run.upperBound
                if isLast || statuses[place + 1] != statuses[place] {
                    runs.append(SettledRun(start..<offset + 1, Verdict(statuses[place])))
                    start = offset + 1
                }
                place += 1
            }
        }
        return runs
    }
}

extension SettledRun.Verdict {
    fileprivate init(_ status: SettleStatus) {
        switch status {
        case .acked: self = .acked
        case .alreadyAcked: self = .alreadyAcked
        case .nacked: self = .nacked
        case .extended: self = .extended
        case .released: self = .released
        case .lost: self = .lost
        case .unknown: self = .unknown
        }
    }
}
