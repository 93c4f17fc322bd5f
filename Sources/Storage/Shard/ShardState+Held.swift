// What held entries and pointers do to the state.

import CommitLog
import Delivery
import Wire

extension ShardState {
    mutating func hold(_ entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        guard let batch = HeldBatch(entry, in: bytes, at: place) else { return }
        held.add(batch, at: entry.position)
        if let prefix = SpreadPrefix(of: entry, in: bytes, at: place) {
            return prepare(entry, prefix, in: bytes, at: place)
        }
        noteKeys(of: entry, in: bytes, at: place, prefix: HeldBatch.prefixSize) { _ in
            .held(position: entry.position)
        }
        setTimers(of: batch, at: entry.position)
    }

    /// Sets the timers of all records that wait, once the whole log is folded.
    mutating func setTimers() {
        timers = DueTimers()
        for (position, batch) in held.batches where !spreads.isWaiting(at: position) {
            setTimers(of: batch, at: position)
        }
    }

    mutating func setTimers(of batch: HeldBatch, at position: Int) {
        for (record, due) in batch.dues.enumerated() {
            guard let due else { continue }
            timers.add(DueTimers.Timer(due: due, position: position, record: record))
        }
    }

    mutating func show(_ entry: EntryPlace, in bytes: [UInt8], at place: Int) {
        let pointer = Pointer(
            in: bytes, at: place, size: entry.size, count: Int(entry.head.count))
        guard let pointer, let segment = segment(at: pointer.position) else { return }
        held.show(
            pointer.records.map(Int.init), of: pointer.position, in: segment.start,
            partition: entry.head.partition, upTo: entry.head.endOffset)
        if let part = spreads.ended(at: pointer.position) {
            let base = entry.head.baseOffset
            noteKeys(of: part) { .offset(base + $0.record) }
        }
    }

    /// Segments with bodies that are, or will be, pointed to from elsewhere.
    mutating func pins() -> Set<Int> {
        let partitions = partitions
        held.release { partitions[$0]?.start ?? .max }
        var pins = Set(held.pointed.keys)
        for position in held.batches.keys {
            if let segment = segment(at: position) { pins.insert(segment.start) }
        }
        return pins
    }
}
