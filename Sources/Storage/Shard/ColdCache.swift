import CommitLog
import Records
import Wire

/// What was read from the disk last, and found whole: consumers that take a few messages at a time, and
/// groups that follow each other, read the same batches again and again.
struct ColdCache {
    /// Bytes of one read, and the batches in them that were checked.
    private struct Kept {
        let segment: Int
        let size: Int
        /// By the positions of their entries, in order.
        let batches: [(position: Int, batch: FetchedBatch)]
    }

    private var kept: [Kept] = []
    private var places: [PartitionID: [EntryLocation]] = [:]
    private var size = 0
    private let sizeMax: Int
    /// Partitions of which it is known where some entries are.
    static let placesMax = 256

    init(sizeMax: Int) {
        self.sizeMax = sizeMax
    }

    // MARK: Batches

    /// Keeps the batches of a read of `size` bytes, and gives up what was read first.
    mutating func add(
        _ batches: [(position: Int, batch: FetchedBatch)], of segment: Int, size: Int
    ) {
        guard size <= sizeMax else { return }
        kept.append(Kept(segment: segment, size: size, batches: batches))
        self.size += size
        var goneCount = 0
        while self.size > sizeMax {
            self.size -= kept[goneCount].size
            goneCount += 1
        }
        kept.removeFirst(goneCount)
    }

    func batch(at position: Int) -> FetchedBatch? {
        for read in kept.reversed() {
            guard let first = read.batches.first, let last = read.batches.last,
                first.position...last.position ~= position
            else { continue }
            let place = read.batches.firstPlace { $0.position >= position }
            if read.batches[place].position == position { return read.batches[place].batch }
        }
        return nil
    }

    // MARK: Places

    /// Notes where entries of a partition that follow each other are, in one segment.
    mutating func note(_ locations: [EntryLocation], of partition: PartitionID) {
        if places.count >= Self.placesMax, places[partition] == nil { places = [:] }
        places[partition] = locations
    }

    /// Entries in a row, from the one that holds `offset` on.
    func locations(of partition: PartitionID, from offset: Int) -> [EntryLocation]? {
        guard let known = places[partition], let first = known.first,
            first.entry.baseOffset <= offset
        else { return nil }
        let place = known.firstPlace { $0.entry.endOffset > offset }
        return place < known.count ? Array(known[place...]) : nil
    }

    /// A segment is about to be another, or gone.
    mutating func forget(_ segment: Int) {
        kept.removeAll { $0.segment == segment }
        size = kept.reduce(0) { $0 + $1.size }
        places = places.filter { $0.value.first?.segment != segment }
    }
}
