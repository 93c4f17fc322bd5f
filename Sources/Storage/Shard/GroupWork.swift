// What a shard has to do with groups, but for their state, which is `GroupShelf`: what the coordinator says of
// them, who waits, and which entries are on their way.

import Groups
import Records
import Wire

struct GroupWork {
    /// What follows once all that was decided before it is committed.
    enum Sequel {
        case settled([[SettledRun]])
        case pull(GroupPull, settled: [[SettledRun]], tries: Int)
        case seek(GroupSeek)
        case moved([Int])
        case redriving([Int])
    }

    struct Waiting {
        let caller: Caller
        let ticket: UInt64
        let sequel: Sequel
        /// The number of the last entry that has to be committed.
        var entry = 0
    }

    var shelf: GroupShelf
    var watches = GroupWatches()
    /// As the coordinator says.
    var definitions: [UInt32: GroupDefinition] = [:] { didSet { served = [] } }
    /// Places that were found to be served here, by what the coordinator said last.
    var served: Set<GroupPlace> = []
    /// What was said in the log, or is on its way there.
    var settings: [UInt32: GroupSettings] = [:]
    var begun: Set<GroupPlace> = []
    var filters: [UInt32: Filter] = [:]
    /// Where dead letters are to go back.
    var redriving: Set<GroupPlace> = []
    /// Entries that found no room in the log yet, in order.
    var bodies: [[UInt8]] = []
    /// Entries that were made, and those of them that are committed.
    var made = 0
    var committed = 0
    /// Came since the last entry was made.
    var fresh: [Waiting] = []
    /// Pulls that came before the first frame of the term was committed.
    var early: [Waiting] = []
    /// Wait for their entries, in order.
    var waiting: [Waiting] = []
    /// Their time has come.
    var ripe: [Waiting] = []
    /// Where something may be available by what was committed.
    var rung: Set<GroupPlace> = []
    var grown: Set<PartitionID> = []
    /// When to try again what found no room.
    var retryAt: Int?
    /// The same for copies of dead letters.
    var copyRetryAt: Int?
    /// Where the last ones were made.
    var copiedLast: GroupPlace?

    init(_ shelf: GroupShelf) {
        self.shelf = shelf
        for (id, group) in shelf.groups {
            settings[id] = group.settings
            for (partition, work) in group.partitions {
                let place = GroupPlace(group: id, partition: partition)
                begun.insert(place)
                if work.state.progress.redrive != nil { redriving.insert(place) }
            }
        }
    }

    var waitingCount: Int { early.count + fresh.count + waiting.count + ripe.count }

    /// Whether a pull from the group waits for a commit.
    func isPulled(_ group: UInt32) -> Bool {
        [early, fresh, waiting, ripe].joined().contains { call in
            if case .pull(let pull, _, _) = call.sequel { pull.group == group } else { false }
        }
    }

    /// Decisions are on their way into the log, or have to get there.
    var isUnderWay: Bool { made > committed || shelf.hasDecided }
    /// Something has to be written, or answered, that nothing else would bring about.
    var hasWork: Bool { !bodies.isEmpty || !fresh.isEmpty || shelf.hasDecided }

    /// Takes what was decided into entries; returns who waits for nothing any more.
    mutating func makeEntries() -> [Waiting] {
        let entries = shelf.takeEntries()
        bodies += entries
        made += entries.count
        defer { fresh = [] }
        if made == committed { return fresh }
        for var call in fresh {
            call.entry = made
            waiting.append(call)
        }
        return []
    }

    /// Notes that the next entry is committed.
    mutating func confirm() {
        committed += 1
        let count = waiting.prefix { $0.entry <= committed }.count
        ripe += waiting[..<count]
        waiting.removeFirst(count)
    }

    /// Gives up all who wait, because nothing will be confirmed any more.
    mutating func removeAll() -> [Waiting] {
        defer { (early, fresh, waiting, ripe) = ([], [], [], []) }
        return early + ripe + waiting + fresh
    }

    mutating func forget(_ group: UInt32) {
        settings[group] = nil
        filters[group] = nil
        begun = begun.filter { $0.group != group }
        redriving = redriving.filter { $0.group != group }
    }

    mutating func forget(topic: UInt32) {
        begun = begun.filter { $0.partition.topic != topic }
        redriving = redriving.filter { $0.partition.topic != topic }
    }
}
