import Bytes
import Groups
import Records
import Wire

/// The copies of dead letters that one turn makes, and the letters that get none.
struct CopyTray: ~Copyable {
    /// What became of a letter.
    struct Fate {
        /// The topic that has its copy; 0 for none.
        let topic: UInt32
        var letters: OffsetRanges
    }

    private let countMax: Int
    private let sizeMax: Int
    private let readMax: Int
    private var batches: [PartitionID: BatchBuilder] = [:]
    private(set) var fates: [GroupPlace: [Fate]] = [:]
    /// Letters, and those of them that get no copy.
    private(set) var count = 0
    private(set) var leftOff = 0
    private var size = 0
    private var bytesRead = 0
    private var reader = BatchReader()
    /// The batch that is open.
    private var opened: (partition: PartitionID, batch: FetchedBatch)?
    private(set) var isFull = false

    init(countMax: Int, sizeMax: Int, readMax: Int) {
        self.countMax = countMax
        self.sizeMax = sizeMax
        self.readMax = readMax
    }

    var isEmpty: Bool { count == 0 }
    var hasCopies: Bool { !batches.isEmpty }
    var countLeft: Int { countMax - count }

    /// Bytes of the copies for a partition.
    func size(of partition: PartitionID) -> Int { batches[partition]?.rawSize ?? 0 }

    /// Whether the message at `offset` is in the batch that was read last.
    func holds(_ offset: Int, of partition: PartitionID) -> Bool {
        guard let opened, opened.partition == partition else { return false }
        return opened.batch.holds(offset)
    }

    mutating func open(_ batch: FetchedBatch, of partition: PartitionID) throws(RecordsError) {
        opened = nil
        bytesRead += Int(batch.bytes.span.uint32(at: batch.start + BatchHeader.Place.size))
        try reader.open(batch.bytes, at: batch.start)
        opened = (partition, batch)
    }

    /// The message at `offset` as its copy, out of the batch that holds it.
    mutating func draft(
        _ offset: Int, from origin: LetterOrigin, at time: Int
    ) throws(RecordsError) -> RecordDraft? {
        guard let batch = opened?.batch else { return nil }
        let number = offset - batch.baseOffset
        let index = batch.picks.map { Int($0[number]) } ?? number
        guard let record = try reader.record(at: index) else { return nil }
        return RecordDraft(copying: record, in: reader.bytes, from: origin, at: time)
    }

    /// Takes a copy, unless it has to wait for the next turn.
    mutating func add(
        _ draft: RecordDraft, to partition: PartitionID, of letter: Int, in place: GroupPlace
    ) throws(RecordsError) {
        if count > 0, size + draft.body.count > sizeMax { return isFull = true }
        guard try batches[partition, default: BatchBuilder()].append(draft) else {
            return isFull = true
        }
        size += draft.body.count + Self.overhead
        note(letter, of: place, in: partition.topic)
    }

    mutating func leaveOff(_ letter: Int, of place: GroupPlace) {
        leftOff += 1
        note(letter, of: place, in: 0)
    }

    /// About what a message takes beside its body.
    private static var overhead: Int { 512 }

    private mutating func note(_ letter: Int, of place: GroupPlace, in topic: UInt32) {
        count += 1
        if count >= countMax || size >= sizeMax || bytesRead >= readMax { isFull = true }
        if let known = fates[place]?.firstIndex(where: { $0.topic == topic }) {
            fates[place]?[known].letters.insert(letter..<letter + 1)
        } else {
            let letters = OffsetRanges(letter..<letter + 1)
            fates[place, default: []].append(Fate(topic: topic, letters: letters))
        }
    }

    /// Whole batches, with how many messages each has.
    mutating func takeBatches(
        _ compression: (UInt32) -> Compression
    ) -> [(partition: PartitionID, count: Int, bytes: [UInt8])] {
        var compressor = BatchCompressor()
        var taken: [(PartitionID, Int, [UInt8])] = []
        for partition in batches.keys.sorted() {
            guard var builder = batches.removeValue(forKey: partition), !builder.isEmpty else {
                continue
            }
            let count = builder.count
            taken.append(
                (partition, count, builder.encode(compression(partition.topic), with: &compressor)))
        }
        return taken
    }

    /// The changes that say what became of the letters, as the body of an entry.
    var body: [UInt8] {
        var bytes: [UInt8] = []
        for (place, fates) in fates.sorted(by: { $0.key < $1.key }) {
            for fate in fates {
                PlacedChange(
                    group: place.group, partition: place.partition,
                    .copied(fate.letters, topic: fate.topic)
                ).append(to: &bytes)
            }
        }
        return bytes
    }
}
