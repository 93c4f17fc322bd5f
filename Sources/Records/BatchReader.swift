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
        isInflated = view.header.codec == .deflate
        rewind()
    }

    /// Lets go of the batch.
    package mutating func close() {
        view = nil
        batch = []
        isInflated = false
        next = (0, 0)
    }

    /// Goes back to the first record.
    package mutating func rewind() {
        next = (0, Self.payloadStart(view))
    }

    /// The next record; nil behind the last.
    package mutating func nextRecord() throws(RecordsError) -> RecordView? {
        guard let view, next.index < view.count else { return nil }
        let (index, start) = next
        let size = view.recordSize(index, batch.span)
        let record = try record(index, in: start..<start + size, view)
        next = (index + 1, start + size)
        return record
    }

    /// The record with the number `index`; the next one is the one behind it.
    ///
    /// Those who go through a batch step over what they leave out, and never begin again.
    package mutating func record(at index: Int) throws(RecordsError) -> RecordView? {
        guard let view else { return nil }
        precondition(index < view.count)
        if index < next.index { rewind() }
        while next.index < index {
            next.start += view.recordSize(next.index, batch.span)
            next.index += 1
        }
        return try nextRecord()
    }

    /// What the directory says of the record with the number `index`; a batch has to be open.
    package func entry(_ index: Int) -> DirectoryEntry {
        guard let view else { preconditionFailure("no batch is open") }
        return view.entry(index, batch.span)
    }

    private func record(
        _ index: Int, in range: Range<Int>, _ view: BatchView
    ) throws(RecordsError) -> RecordView {
        let flags = view.flags(index, batch.span)
        let baseTime = view.header.baseTime
        var record =
            switch view.header.codec {
            case .none:
                try RecordView(index, batch.span, in: range, flags: flags, baseTime: baseTime)
            case .deflate:
                try RecordView(index, inflated.span, in: range, flags: flags, baseTime: baseTime)
            }
        // What a log has taken was published when it took it: its clock is the same for all.
        if view.header.logTime > 0 { record.time = view.header.logTime }
        return record
    }

    private static func payloadStart(_ view: BatchView?) -> Int {
        guard let view, view.header.codec == .none else { return 0 }
        return view.payload.lowerBound
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
