import CommitLog
import Delivery
import Groups
import Records

/// Folds what a log says of groups, and holds the checkpoints against it.
///
/// What was before a segment that is dropped, or rewritten, is known from the next checkpoint on.
struct GroupCheck {
    private var book: GroupBook?
    private var lastCRC: UInt32?
    /// Records of each topic in the batches just before, in the same frame.
    private var recordsBefore: [UInt32: Int] = [:]

    mutating func lost() { book = nil }

    /// Notes the next frame: it has to follow the one before, or what is between them is not known.
    mutating func follow(_ frame: FrameHeader) {
        if frame.previousCRC == 0 {
            book = GroupBook()
        } else if lastCRC != frame.previousCRC {
            book = nil
        }
        lastCRC = frame.headerCRC
        recordsBefore = [:]
    }

    /// Notes an entry of any kind.
    mutating func pass(_ head: EntryHead) {
        guard head.type == EntryType.batch.rawValue else { return recordsBefore = [:] }
        recordsBefore[head.partition.topic, default: 0] += Int(head.count)
    }

    /// False where the entry has not the shape of its type.
    mutating func take(_ entry: EntryPlace, in payload: [UInt8], at body: Int) -> Bool {
        let range = body..<body + entry.size - LogFormat.entryHeadSize
        guard range.upperBound <= payload.count else { return false }
        do throws(GroupsError) {
            for change in try PlacedChange.all(in: payload.span.extracting(range)) {
                guard hasCopies(change.change) else { return false }
                book?.apply(change)
            }
        } catch {
            return false
        }
        return entry.head.flags == 0 && entry.head.baseOffset == 0 && entry.head.count == 0
    }

    /// Whether the copies that a change speaks of are there.
    private mutating func hasCopies(_ change: GroupChange) -> Bool {
        guard case .copied(let letters, let topic) = change, topic != 0 else { return true }
        recordsBefore[topic, default: 0] -= letters.count
        return recordsBefore[topic, default: 0] >= 0
    }

    mutating func begin(_ partition: PartitionID, at offset: Int) {
        book?.trim(partition, to: offset)
    }

    mutating func forget(topic: UInt32) { book?.forget(topic: topic) }

    /// Whether a checkpoint, which has `said`, says what the log came to; from here on it counts.
    mutating func compare(with said: GroupBook?, at checkpoint: Checkpoint) -> Bool {
        let isNext = lastCRC == checkpoint.previousCRC
        defer { (book, lastCRC) = (said, checkpoint.previousCRC) }
        guard isNext, let book, let said else { return true }
        return book == said
    }
}
