// The groups of a shard on its primary. A driver calls, appends what `takeEntry` says at the end of its
// turn, answers when that is committed, and gives what was committed back by `committed`.

package import Records

/// A group in a partition.
package struct GroupPlace: Hashable, Comparable, Sendable {
    package let group: UInt32
    package let partition: PartitionID

    package init(group: UInt32, partition: PartitionID) {
        self.group = group
        self.partition = partition
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.group, left.partition) < (right.group, right.partition)
    }
}

/// One shard has it, and changes it where it is.
package final class GroupShelf {
    let limits: GroupLimits
    let epoch: UInt32
    package internal(set) var groups: [UInt32: Group] = [:]
    /// Where partitions begin, if not at 0.
    var starts: [PartitionID: Int]
    /// Changes of whole groups, on their way into the next entry.
    private var draft: [PlacedChange] = []
    /// Whose draft may have something.
    var touched: Set<GroupPlace> = []
    /// Where dead letters owe copies that are not on their way into the log.
    package internal(set) var owing: Set<GroupPlace> = []
    /// Leases that end, by the machine's clock.
    var deadlines = GroupAlarms()
    /// What falls due, by the clock of the log.
    var dues = GroupAlarms()

    /// Goes on with what is committed, in a term of its own.
    package init(_ book: GroupBook, epoch: UInt32, at now: GroupTime) {
        limits = book.limits
        starts = book.starts
        self.epoch = epoch
        for (id, kept) in book.groups {
            let group = Group(kept.settings, at: now.boot)
            for (partition, progress) in kept.partitions {
                group.partitions[partition] = PartitionWork(
                    GroupPartition(
                        progress, kept.settings, epoch: epoch, limits, of: partition.topic))
            }
            groups[id] = group
            for partition in kept.partitions.keys {
                let place = GroupPlace(group: id, partition: partition)
                if let work = work(at: place) { watch(place, work, at: now) }
                noteDebt(of: place)
            }
        }
    }

    package subscript(place: GroupPlace) -> GroupPartition? { work(at: place)?.state }

    func work(at place: GroupPlace) -> PartitionWork? {
        groups[place.group]?.partitions[place.partition]
    }

    /// What was committed, as it would be after a start.
    package var book: GroupBook {
        var book = GroupBook(limits)
        book.starts = starts
        for (id, group) in groups {
            var kept = GroupBook.Kept(settings: group.settings)
            for (partition, work) in group.partitions {
                kept.partitions[partition] = work.state.progress
            }
            book.groups[id] = kept
        }
        return book
    }
}

// MARK: Into the log, and back
extension GroupShelf {
    /// Has a group be there, or change.
    package func set(_ settings: GroupSettings, of group: UInt32) {
        precondition(settings.isSound, "settings are checked where they come in")
        draft.append(PlacedChange(group: group, partition: nil, .set(settings)))
    }

    /// Has a group begin in a partition.
    package func begin(_ place: GroupPlace, at offset: Int) {
        let fence = LeaseGeneration(epoch: epoch).raw
        draft.append(
            PlacedChange(
                group: place.group, partition: place.partition, .moved(to: offset, fence: fence)))
    }

    package func end(_ group: UInt32) {
        guard let ending = groups[group], !ending.isEnding else { return }
        ending.isEnding = true
        draft.append(PlacedChange(group: group, partition: nil, .gone))
    }

    /// Whether there is something for the next entry.
    package var hasDecided: Bool {
        !draft.isEmpty || touched.contains { !(work(at: $0)?.state.draft.isEmpty ?? true) }
    }

    /// The body of one entry with all that was decided since the last one; empty if nothing was.
    package func takeEntry() -> [UInt8] { takeEntries(sizeTarget: .max).first ?? [] }

    /// The same in several entries, of which each is ended by the change that reaches `sizeTarget`.
    package func takeEntries(
        sizeTarget: Int = GroupLimits.entrySizeTarget
    ) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var bytes: [UInt8] = []
        func add(_ change: PlacedChange) {
            change.append(to: &bytes)
            guard bytes.count >= sizeTarget else { return }
            entries.append(bytes)
            bytes = []
        }
        for change in draft { add(change) }
        draft = []
        for place in touched.sorted() {
            let changes = work(at: place)?.state.takeChanges() ?? []
            for change in changes {
                add(PlacedChange(group: place.group, partition: place.partition, change))
            }
        }
        touched = []
        if !bytes.isEmpty { entries.append(bytes) }
        return entries
    }

    /// An entry is committed; returns where something may be available by it.
    ///
    /// `end` tells what of a partition is committed and visible: of one in which a group begins nobody has
    /// said so before.
    package func committed(
        _ entry: Span<UInt8>, at now: GroupTime, end: (PartitionID) -> Int = { _ in 0 }
    ) throws(GroupsError) -> Set<GroupPlace> {
        var places: Set<GroupPlace> = []
        for change in try PlacedChange.all(in: entry) {
            if let place = committed(change, at: now) { places.insert(place) }
        }
        return places.filter { place in
            guard let work = work(at: place) else { return false }
            work.state.grew(to: end(place.partition))
            watch(place, work, at: now)
            return work.look { $0.hasAvailable(at: now) }
        }
    }

    private func committed(_ placed: PlacedChange, at now: GroupTime) -> GroupPlace? {
        let id = placed.group
        switch (placed.change, placed.partition) {
        case (.set(let settings), _):
            if groups[id] == nil { groups[id] = Group(settings, at: now.boot) }
            groups[id]?.set(settings)
            groups[id]?.lastUse = now.boot
            return nil
        case (.gone, _):
            groups[id] = nil
            owing = owing.filter { $0.group != id }
            return nil
        case (let change, let partition?):
            guard let group = groups[id] else { return nil }
            if case .moved = change, group.partitions[partition] == nil {
                begin(partition, of: group)
            }
            let place = GroupPlace(group: id, partition: partition)
            guard let work = group.partitions[partition] else { return place }
            work.state.committed(change)
            group.takeFreed(work)
            noteDebt(of: place)
            return place
        case (_, nil): return nil
        }
    }

    private func begin(_ partition: PartitionID, of group: Group) {
        group.partitions[partition] = PartitionWork(
            GroupPartition(
                Progress(limits, from: starts[partition] ?? 0), group.settings, epoch: epoch,
                limits, of: partition.topic))
    }
}
