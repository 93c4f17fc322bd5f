import Groups
import Records

/// A group in a partition of a shard, whose entries are committed when the test says so.
final class PartitionBench {
    static let place = GroupPlace(group: 1, partition: PartitionID(topic: 2, partition: 3))

    var shelf: GroupShelf
    var records: [RecordFacts] = []
    var now = GroupTime(log: 1_000_000, boot: 1_000)
    /// Everything that was committed.
    var journal: [[UInt8]] = []
    let limits: GroupLimits
    private var epoch: UInt32 = 1

    init(_ limits: GroupLimits = GroupLimits(), settings: (inout GroupSettings) -> Void = { _ in })
    {
        self.limits = limits
        shelf = GroupShelf(GroupBook(limits), epoch: 1, at: GroupTime(log: 0, boot: 0))
        set(settings)
        shelf.begin(Self.place, at: 0)
        commit()
    }

    var partition: GroupPartition {
        guard let partition = shelf[Self.place] else { preconditionFailure("it was begun") }
        return partition
    }

    func set(_ settings: (inout GroupSettings) -> Void) {
        var changed = shelf.groups[1]?.settings ?? GroupSettings()
        settings(&changed)
        shelf.set(changed, of: 1)
    }

    /// Publishes records, each with the key that is given for it.
    func publish(_ keys: [UInt32?], size: UInt32 = 100) {
        for key in keys { records.append(RecordFacts(offset: records.count, size: size, key: key)) }
        _ = shelf.grew(Self.place.partition, to: records.count)
    }

    func publish(_ facts: RecordFacts) {
        records.append(facts)
        _ = shelf.grew(Self.place.partition, to: records.count)
    }

    func pull(
        _ count: Int = 100, bytes: Int = .max, lease: Int = 30_000, by consumer: String = "a",
        pull: UInt64? = nil
    ) -> Grant? {
        outcome(count, bytes: bytes, lease: lease, by: consumer, pull: pull).grant
    }

    func outcome(
        _ count: Int = 100, bytes: Int = .max, lease: Int = 30_000, by consumer: String = "a",
        pull: UInt64? = nil
    ) -> GrantOutcome {
        let terms = PullTerms(
            messagesMax: count, bytesMax: bytes, lease: lease,
            holder: Holder(consumer: consumer, address: "10.0.0.1"), pull: pull)
        let outcome = shelf.pull(Self.place, terms, from: supply, at: now)
        guard outcome == .nothing(.log) else { return outcome }
        // A horizon has to be in the log first.
        commit()
        return shelf.pull(Self.place, terms, from: supply, at: now)
    }

    var supply: RecordSupply {
        let cursor = partition.cursor
        return RecordSupply(cursor..<records.count, Array(records[cursor...]))
    }

    @discardableResult
    func settle(
        _ grant: Grant, _ settling: Settling = .ack, only offsets: [Int]? = nil
    ) -> [SettleStatus] {
        let offsets = offsets.map { OffsetRanges($0) } ?? grant.offsets
        return shelf.settle(Self.place, offsets, of: grant.generation, settling, at: now)
    }

    /// What was decided is committed; returns its bytes.
    @discardableResult
    func commit() -> [UInt8] {
        let entry = shelf.takeEntry()
        guard !entry.isEmpty else { return [] }
        journal.append(entry)
        Self.commit(entry, to: &shelf, at: now)
        return entry
    }

    /// An entry that somebody else made is committed.
    func commit(_ entry: [UInt8]) {
        journal.append(entry)
        Self.commit(entry, to: &shelf, at: now)
    }

    private static func commit(_ entry: [UInt8], to shelf: inout GroupShelf, at now: GroupTime) {
        do throws(GroupsError) {
            _ = try shelf.committed(entry.span, at: now)
        } catch {
            preconditionFailure("an entry is damaged")
        }
    }

    /// A client vanished.
    func release(_ grant: Grant) -> Int {
        shelf.release(Self.place, grant.generation, at: now)
    }

    func tick() -> Set<GroupPlace> { shelf.tick(at: now) }

    func pass(_ milliseconds: Int) {
        now.log += milliseconds
        now.boot += milliseconds
        _ = shelf.tick(at: now)
        commit()
    }

    /// The process dies, and starts again with what was committed.
    func restart() {
        var book = GroupBook(limits)
        let journal = journal
        do throws(GroupsError) {
            for entry in journal { try book.apply(entry.span) }
        } catch {
            preconditionFailure("an entry is damaged")
        }
        epoch += 1
        shelf = GroupShelf(book, epoch: epoch, at: now)
        _ = shelf.grew(Self.place.partition, to: records.count)
    }
}

extension Grant {
    var numbers: [Int] { messages.map(\.offset) }
}
