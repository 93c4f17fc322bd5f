// Reads the records of batches, one batch after another, with one piece of memory for what has to
// be inflated. Records are ranges of `bytes`, which is the batch itself if it is not compressed.

internal import Bytes
internal import Deflate

/// Opens batches and walks over their records.
package struct BatchReader: ~Copyable {
    private let inflater = Inflater(format: .raw)
    private var inflated: [UInt8] = []
    private var batch: [UInt8] = []
    private var isInflated = false
    /// The batch that is open.
    package private(set) var view: BatchView?
    /// What there is to know for a step from one record to the next.
    private var path = RecordPath()
    /// The next record and where it begins in `bytes`.
    private var next = (index: 0, start: 0)

    package init() {}

    /// What the ranges of records are ranges of.
    package var bytes: [UInt8] { isInflated ? inflated : batch }

    /// Opens the batch at `start` of `batch`, once it is found whole and unharmed.
    ///
    /// After an error nothing is open.
    package mutating func open(_ batch: [UInt8], at start: Int = 0) throws(RecordsError) {
        close()
        let view = try BatchView(batch.span, at: start)
        try view.checkChecksum(batch.span)
        if view.header.codec == .deflate { try inflate(batch[view.payload], view.header.rawSize) }
        self.batch = batch
        self.view = view
        path = RecordPath(view)
        isInflated = view.header.codec == .deflate
        rewind()
    }

    /// Lets go of the batch.
    package mutating func close() {
        view = nil
        path = RecordPath()
        batch = []
        isInflated = false
        next = (0, 0)
    }

    /// Goes back to the first record.
    package mutating func rewind() {
        next = (0, path.start)
    }

    /// The next record; nil behind the last.
    package mutating func nextRecord() throws(RecordsError) -> RecordView? {
        guard next.index < path.count else { return nil }
        let (index, start) = next
        let size = path.size(index, batch.span)
        let record = try record(index, in: start..<start + size)
        next = (index + 1, start + size)
        return record
    }

    /// The record with the number `index`; the next one is the one behind it.
    ///
    /// Those who go through a batch step over what they leave out, and never begin again.
    package mutating func record(at index: Int) throws(RecordsError) -> RecordView? {
        guard path.count > 0 else { return nil }
        precondition(index < path.count)
        if index < next.index { rewind() }
        while next.index < index {
            next.start += path.size(next.index, batch.span)
            next.index += 1
        }
        return try nextRecord()
    }

    /// What the directory says of the record with the number `index`; a batch has to be open.
    package func entry(_ index: Int) -> DirectoryEntry {
        precondition(index < path.count, "a batch is open that has it")
        guard path.hasColumns, let view else {
            return DirectoryEntry(
                size: path.size(index, batch.span), flags: path.flags(index, batch.span))
        }
        return view.entry(index, batch.span)
    }

    private func record(
        _ index: Int, in range: Range<Int>
    ) throws(RecordsError) -> RecordView {
        let flags = path.flags(index, batch.span)
        let time = path.baseTime
        var record =
            isInflated
            ? try RecordView(index, inflated.span, in: range, flags: flags, baseTime: time)
            : try RecordView(index, batch.span, in: range, flags: flags, baseTime: time)
        // What a log has taken was published when it took it: its clock is the same for all.
        if path.logTime > 0 { record.time = path.logTime }
        return record
    }

    private mutating func inflate(
        _ payload: ArraySlice<UInt8>, _ rawSize: Int
    ) throws(RecordsError) {
        inflated.removeAll(keepingCapacity: inflated.capacity <= 2 * RecordLimits.rawSizeMax)
        inflater.reset(format: .raw)
        do throws(DeflateError) {
            try inflater.append(payload, to: &inflated, sizeMax: rawSize)
            try inflater.finish()
        } catch {
            switch error {
            case .badData, .tooLarge, .truncated: throw .badPayload
            }
        }
        guard inflated.count == rawSize else { throw .badPayload }
    }
}

/// The little of a view that each step needs: a view is large, and was copied for each of them.
private struct RecordPath {
    /// Of the records; none where no batch is open.
    private(set) var count = 0
    /// Of the first record, in the raw payload or the batch that it lies in.
    private(set) var start = 0
    private(set) var baseTime: UInt64 = 0
    private(set) var logTime: UInt64 = 0
    /// Whether the directory says more of its records than sizes and flags.
    private(set) var hasColumns = false
    /// In the batch.
    private var sizes = 0
    private var flags = 0

    init() {}

    init(_ view: BatchView) {
        count = view.count
        start = view.header.codec == .none ? view.payload.lowerBound : 0
        baseTime = view.header.baseTime
        logTime = view.header.logTime
        hasColumns = view.hasColumns
        sizes = view.directory.lowerBound
        flags = sizes + count * DirectoryLayout.sizeWidth
    }

    func size(_ index: Int, _ batch: Span<UInt8>) -> Int {
        Int(batch.uint32(at: sizes + index * DirectoryLayout.sizeWidth))
    }

    func flags(_ index: Int, _ batch: Span<UInt8>) -> RecordFlags {
        RecordFlags(rawValue: batch[flags + index])
    }
}
