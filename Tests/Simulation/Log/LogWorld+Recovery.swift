import CommitLog

// What a start has to find.
extension LogWorld {
    private var checks: FrameChecks {
        switch mistake {
        case .skipPayloadCRC: .all.subtracting(.payload)
        case .ignoreChain: .all.subtracting(.chain)
        default: .all
        }
    }

    /// Starts again, at times with another crash in the middle of it.
    func recover(expectingDamageAt place: Int?) {
        while violations.isEmpty {
            disk.callsLeft = random.oneIn(4) ? random.number(in: 0...30) : nil
            do throws(LogError) {
                try recoverOnce(expectingDamageAt: place)
                disk.callsLeft = nil
                return
            } catch {
                if error == .disk(code: 5), place == nil {
                    // The flush before the first read failed: start once more, from the disk alone.
                    tally.flushFailures += 1
                    disk.dropCache()
                    continue
                }
                guard disk.isOut else {
                    if place != nil { return tally.damaged += 1 }
                    return violations.append("recovery threw \(error)")
                }
                tally.secondCrashes += 1
                losePower()
            }
        }
    }

    private func recoverOnce(expectingDamageAt place: Int?) throws(LogError) {
        var recovery = try LogRecovery(
            disk, shard: Self.shard, cluster: Self.cluster, checks: checks)
        var found: [FoundFrame] = []
        while let frame = try recovery.next() { found.append(frame) }
        let report = recovery.report()
        // A read that failed for want of power is no damage.
        if disk.isOut { throw .disk(code: SimulatedDisk.powerCode) }
        try check(found, from: recovery.start, report)
        if let place {
            try checkDamage(at: place, seenFrom: recovery.start, report)
            return
        }
        guard violations.isEmpty else { return }
        if !report.damage.isEmpty {
            return violations.append("damage that nobody did: \(report.damage)")
        }
        try checkSoundness(report)
        try goOn(found, recovery.summaries, report)
    }

    /// Everything acknowledged is there, unchanged and in order, and behind it nothing but what was
    /// appended next.
    private func check(
        _ found: [FoundFrame], from start: Int, _ report: RecoveryReport
    ) throws(LogError) {
        var expected = history[..<acknowledged].filter { entry in
            guard let position = entry.position, position >= start else { return false }
            return !report.damage.contains { $0.range.contains(position) }
        }[...]
        var unacknowledged = history[acknowledged...]
        let intact = found.filter { frame in
            !report.damage.contains { $0.range.contains(frame.header.position) }
        }
        for frame in intact {
            for place in frame.entries {
                let entry = expected.popFirst() ?? unacknowledged.popFirst()
                guard let entry, entry.head == place.head,
                    Array(frame.body(of: place)) == entry.body
                else { return violations.append("another entry at \(place.position)") }
                if let position = entry.position, position != place.position {
                    return violations.append("entry moved to \(place.position)")
                }
            }
        }
        if let entry = expected.first {
            violations.append("lost entry \(entry.number) at \(entry.position ?? -1)")
        }
    }

    private func checkDamage(
        at place: Int, seenFrom start: Int, _ report: RecoveryReport
    ) throws(LogError) {
        tally.damaged += 1
        if place >= start, report.mayWrite {
            violations.append("rot at \(place) passed in silence")
        }
        disk.callsLeft = nil
        var checker = try LogChecker(disk, shard: Self.shard, cluster: Self.cluster)
        if try checker.finish().isSound {
            violations.append("the check finds nothing at \(place)")
        }
    }

    private func checkSoundness(_ report: RecoveryReport) throws(LogError) {
        disk.callsLeft = nil
        var checker = try LogChecker(disk, shard: Self.shard, cluster: Self.cluster)
        let checked = try checker.finish()
        if !checked.isSound { violations.append("the check finds \(checked.problems)") }
        if checked.end != report.end.position { violations.append("two ends of one log") }
    }

    private func goOn(
        _ found: [FoundFrame], _ summaries: [SegmentSummary], _ report: RecoveryReport
    ) throws(LogError) {
        var (end, found) = (report.end, found)
        if report.isTorn { tally.tornTails += 1 }
        if random.oneIn(2) { try cut(&found, &end) }
        restore(found, summaries, report)
        epoch += 1
        log = ShardLog(resuming: end, next: report.next, epoch: epoch, limits: Self.limits)
        _ = log.commit(upTo: log.durable)
    }

    /// Leaves out the last frame, as if another copy of the log had gone on without it.
    private func cut(_ found: inout [FoundFrame], _ end: inout LogEnd) throws(LogError) {
        let survivors = found.reduce(0) { $0 + $1.entries.count }
        guard let last = found.last, last.header.kind == .data, found.count > 1,
            last.header.position > end.committed, last.header.position >= end.segment.firstFrame,
            survivors > 0, isUnacknowledged(last)
        else { return }
        try disk.erase(frames: [last.header.position, end.position], in: end.segment)
        found.removeLast()
        end = end.cut(before: last.header, epoch: found.last?.header.epoch ?? 0)
        tally.cuts += 1
    }

    private func isUnacknowledged(_ frame: FoundFrame) -> Bool {
        guard let last = history[..<acknowledged].last?.position else { return true }
        return frame.header.position > last
    }

    /// Takes what was found for what is: it is durable, and from here on visible.
    private func restore(
        _ found: [FoundFrame], _ summaries: [SegmentSummary], _ report: RecoveryReport
    ) {
        let places = found.flatMap(\.entries)
        let known = history[..<acknowledged].filter {
            ($0.position ?? 0) < (places.first?.position ?? .max)
        }
        var next = known.count
        for place in places where next < history.count {
            history[next].position = place.position
            next += 1
        }
        acknowledged = max(acknowledged, next)
        history.removeSubrange(acknowledged...)
        frames.removeAll { frame in !found.contains { $0.header == frame.header } }
        frames = found.map { frame in
            let start = headers.keys.filter { $0 < frame.header.position }.max() ?? 0
            return Written(header: frame.header, segment: start)
        }
        restoreIndexes(found, summaries)
        if let header = report.next { headers[header.start] = header }
        dropped = [:]
        for start in report.leftovers { dropped[start] = 0 }
    }

    private func restoreIndexes(_ found: [FoundFrame], _ summaries: [SegmentSummary]) {
        let begins = retention.starts
        retention = Retention(segments: summaries)
        for (partition, offset) in begins { retention.begin(partition, at: offset) }
        for frame in found {
            let start = headers.keys.filter { $0 < frame.header.position }.max() ?? 0
            if frame.header.position == start + LogFormat.blockSize { indexes[start] = nil }
            var index = indexes[start] ?? SegmentIndex(start: start)
            for entry in frame.entries { index.note(entry, logTime: frame.header.logTime) }
            indexes[start] = index
            guard frame.header.kind == .seal, let header = headers[start],
                !summaries.contains(where: { $0.start == start })
            else { continue }
            retention.sealed(index.summary(of: header, end: frame.header.end))
        }
    }
}

extension LogWorld {
    /// Damages a frame that is known to be committed, and returns where; or does nothing.
    func harm() -> Int? {
        losePower()
        let told = frames.map(\.header.committed).max() ?? 0
        // What was dropped may rot for as long as its file is still there.
        let whole = frames.filter {
            $0.header.end <= told && headers[$0.segment] != nil && dropped[$0.segment] == nil
        }
        guard !whole.isEmpty else { return nil }
        let victim = random.pick(whole)
        let place = victim.header.position - victim.segment
        do throws(LogError) {
            let file = try disk.open(FileName.segment(at: victim.segment))
            switch random.number(in: 0...3) {
            case 0:
                let size = LogFormat.frameHeaderSize + victim.header.payloadSize
                file.rot(at: place + random.number(in: 0...size - 1), bit: random.number(in: 0...7))
            case 1: file.spoil(blockAt: place)
            default:
                // Frames that stand where others stood before are few, and the best of victims.
                for frame in whole where frame.segment == victim.segment {
                    let place = frame.header.position - frame.segment
                    if file.revert(blockAt: place, toZeros: false) { return frame.header.position }
                }
                return file.revert(blockAt: place, toZeros: true) ? victim.header.position : nil
            }
        } catch {
            return nil
        }
        return victim.header.position
    }
}
