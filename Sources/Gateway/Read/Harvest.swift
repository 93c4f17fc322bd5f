// Takes messages out of what shards gave, in the order in which they came to be readable: by log time,
// then by partition, and by offset within a partition. Where a partition has more than was fetched,
// it ends with that partition's last message, so that an order seen once is the order seen always.

import Bytes
import Records
import Wire

/// One walk over the fetched parts of a reading.
struct Harvest {
    enum Stop: Equatable {
        /// There is no more.
        case end
        /// There is more than was fetched.
        case cut
        /// As much as was wanted.
        case full
    }

    private let parts: [FetchedPart]
    private let topic: UInt32
    private(set) var place: ReadPlace
    private(set) var rendition: Rendition
    /// The next batch of each part.
    private var batches: [Int]
    private let filter: Filter?
    /// Bits of a mask that a record has if the filter may match it.
    private let requiredBits: UInt32
    /// Whether records have to be looked into: batches as they rest may go as they are.
    private let needsRecords: Bool
    private var messagesLeft: Int
    private var bytesLeft: Int
    private var takenInBatch: [Int] = []

    init(_ parts: [FetchedPart], _ reading: Reading) {
        self.parts = parts
        topic = reading.known.topic.id
        place = reading.place
        rendition = reading.rendition
        filter = reading.taste.filter
        requiredBits = filter?.requiredBits ?? 0
        needsRecords = filter != nil || reading.rendition.format != .storedFrames
        messagesLeft = reading.taste.key.messagesMax - reading.rendition.count
        bytesLeft = reading.taste.key.bytesMax - reading.rendition.size
        batches = [Int](repeating: 0, count: parts.count)
    }

    /// Takes what is wanted, or what there is before something that cannot be read.
    mutating func run(_ reader: inout BatchReader) throws(RecordsError) -> Stop {
        defer { reader.close() }
        while true {
            // A part that is used up and has more may have what is earlier.
            if isCut { return messagesLeft == 0 ? .full : .cut }
            guard let position = nextPosition else { return .end }
            let batch = parts[position].batches[batches[position]]
            guard try take(batch, position, &reader) else { return .full }
            place.offsets[position] = max(place.offsets[position], batch.endOffset)
            batches[position] += 1
        }
    }

    /// The part whose next batch is the earliest.
    private var nextPosition: Int? {
        var best: (position: Int, logTime: Int)?
        for (position, part) in parts.enumerated() where batches[position] < part.batches.count {
            let logTime = part.batches[batches[position]].logTime
            if best.map({ logTime < $0.logTime }) ?? true { best = (position, logTime) }
        }
        return best?.position
    }

    /// Whether a part has more than was fetched, all of which is used up.
    private var isCut: Bool {
        for (position, part) in parts.enumerated()
        where batches[position] == part.batches.count && place.offsets[position] < part.end {
            return true
        }
        return false
    }

    /// Takes the records of a batch; false if there is no room for the next.
    private mutating func take(
        _ batch: FetchedBatch, _ position: Int, _ reader: inout BatchReader
    ) throws(RecordsError) -> Bool {
        let view = try BatchView(batch.bytes.span, at: batch.start)
        if !isWorthOpening(batch, view, position) { return true }
        if needsRecords { try reader.open(batch.bytes, at: batch.start) }
        if filter == nil {
            rendition.makeRoom(
                for: min(batch.count, messagesLeft), of: min(view.header.rawSize, bytesLeft))
        }
        takenInBatch.removeAll(keepingCapacity: true)
        var hasRoom = true
        for number in 0..<batch.count {
            let offset = batch.baseOffset + number
            guard offset >= place.offsets[position] else { continue }
            hasRoom = try take(number, of: batch, view, position, &reader)
            guard hasRoom else { break }
            place.offsets[position] = offset + 1
        }
        if rendition.format == .storedFrames { try append(batch, view, position, &reader) }
        return hasRoom
    }

    /// Takes a record if it is wanted; false if there is no room for it.
    private mutating func take(
        _ number: Int, of batch: FetchedBatch, _ view: BatchView, _ position: Int,
        _ reader: inout BatchReader
    ) throws(RecordsError) -> Bool {
        let index = batch.record(number)
        guard index < view.count else { throw .badSizes }
        guard isWanted(index, view, batch, parts[position].logTime) else { return true }
        let record = needsRecords ? try reader.record(at: index) : nil
        if let record, !matches(record, reader) { return true }
        guard has(roomFor: view.recordSize(index, batch.bytes.span)) else { return false }
        let offset = batch.baseOffset + number
        place.offsets[position] = offset + 1
        append(record, index, offset, position, reader)
        return true
    }

    /// Whether one of its records may be wanted, as far as its directory says.
    private func isWorthOpening(
        _ batch: FetchedBatch, _ view: BatchView, _ position: Int
    ) -> Bool {
        for number in 0..<batch.count
        where batch.baseOffset + number >= place.offsets[position] {
            let index = batch.record(number)
            if index >= view.count { return true }
            if isWanted(index, view, batch, parts[position].logTime) { return true }
        }
        return false
    }

    private func isWanted(
        _ index: Int, _ view: BatchView, _ batch: FetchedBatch, _ logTime: Int
    ) -> Bool {
        let mayExpire = view.header.attributes.contains(.ttl)
        if requiredBits == 0 && !mayExpire { return true }
        let bytes = batch.bytes
        if requiredBits & ~view.attributeMask(index, bytes.span) != 0 { return false }
        guard mayExpire, view.flags(index, bytes.span).contains(.hasTTL) else { return true }
        let expiry = view.entry(index, bytes.span).expiry(appendedAt: view.header.logTime)
        return expiry.map { $0 > UInt64(max(logTime, 0)) } ?? true
    }

    private func matches(_ record: RecordView, _ reader: borrowing BatchReader) -> Bool {
        guard let filter else { return true }
        let bytes = reader.bytes
        return filter.matches(record, in: bytes.span)
    }

    /// The first message always has room.
    private mutating func has(roomFor size: Int) -> Bool {
        let isFirst = rendition.isEmpty && takenInBatch.isEmpty
        guard messagesLeft > 0, isFirst || size <= bytesLeft else { return false }
        messagesLeft -= 1
        bytesLeft -= size
        rendition.size += size
        return true
    }

    private mutating func append(
        _ record: RecordView?, _ index: Int, _ offset: Int, _ position: Int,
        _ reader: borrowing BatchReader
    ) {
        guard rendition.format != .storedFrames, let record else {
            return takenInBatch.append(index)
        }
        let place = place
        rendition.append(
            record, reader.entry(index), in: reader.bytes,
            partition: place.partition(at: position), offset: offset,
            next: place.cursor(of: topic))
    }

    /// Appends what was taken of a batch: as it rests, where most of it was taken in a row.
    private mutating func append(
        _ batch: FetchedBatch, _ view: BatchView, _ position: Int, _ reader: inout BatchReader
    ) throws(RecordsError) {
        guard let first = takenInBatch.first, let last = takenInBatch.last else { return }
        let isRow = last - first + 1 == takenInBatch.count
        if isRow, batch.picks == nil, takenInBatch.count * 2 >= view.count {
            return rendition.append(
                first: first, count: takenInBatch.count, of: batch.bytes[view.range],
                hasExpiry: view.header.attributes.contains(.ttl))
        }
        let place = place
        if !needsRecords { try reader.open(batch.bytes, at: batch.start) }
        for index in takenInBatch {
            guard let record = try reader.record(at: index) else { continue }
            rendition.append(
                record, reader.entry(index), in: reader.bytes,
                partition: place.partition(at: position), offset: batch.offset(of: index),
                next: place.cursor(of: topic))
        }
    }
}

extension FetchedBatch {
    /// The number in the batch of the record that is the `number`th of those that are meant.
    fileprivate func record(_ number: Int) -> Int {
        guard let picks else { return number }
        return number < picks.count ? Int(picks[number]) : .max
    }

    fileprivate func offset(of record: Int) -> Int {
        guard let picks else { return baseOffset + record }
        return baseOffset + (picks.firstIndex(of: UInt16(clamping: record)) ?? 0)
    }
}
