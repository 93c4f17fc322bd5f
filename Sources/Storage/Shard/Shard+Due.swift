// Delayed records: stored without offsets, and shown by a pointer once log time has come to them.

import CommitLog
import Delivery
import Records

extension Shard {
    /// Gives offsets to the records that are due, in the order of their dates.
    func showDue() {
        if isReadOnly { return }
        var left = limits.duePerTurnMax
        while left > 0, let first = state.timers.first, first.due <= time.now {
            guard let batch = state.held.batches[first.position],
                !leavingTopics.contains(batch.partition.topic)
            else {
                // Its topic is gone.
                _ = state.timers.removeFirst()
                continue
            }
            var timers: [DueTimers.Timer] = []
            while let next = state.timers.first, next.position == first.position,
                next.due <= time.now
            {
                timers.append(state.timers.removeFirst())
            }
            left -= timers.count
            guard show(timers, of: batch) else {
                for timer in timers { state.timers.add(timer) }
                pace.dueRetry = now.boot + limits.retryPauseMin
                return
            }
        }
        pace.dueRetry = nil
    }

    private func show(_ timers: [DueTimers.Timer], of batch: HeldBatch) -> Bool {
        let pointer = Pointer(
            position: timers[0].position, records: timers.map { UInt16($0.record) })
        let head = EntryHead(
            type: EntryType.pointer.rawValue, flags: EntryHead.indexed | Pointer.flag,
            partition: batch.partition, baseOffset: end(of: batch.partition),
            count: UInt32(timers.count))
        let entry = EntryDraft(head, body: pointer.body)
        do throws(LogError) {
            try log.append(together: [entry]) { _, _, _ in }
        } catch {
            return false
        }
        note(entry)
        return true
    }

    /// When the next record falls due, by the boot-time clock.
    var nextDue: Int? {
        guard let due = state.timers.first?.due else { return nil }
        return max(now.boot + max(0, due - time.now), pace.dueRetry ?? .min)
    }
}
