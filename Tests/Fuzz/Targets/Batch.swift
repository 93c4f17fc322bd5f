import Bytes
import Records

/// What is taken as a batch, with the check sum it has or with the right one, or as frames, is the
/// same when it is encoded again.
func checkBatch(_ input: [UInt8]) -> FuzzVerdict {
    var isAccepted = false
    for direction in [FrameDirection.fromClient, .toClient] {
        switch walkFrames(input, direction) {
        case .refused: continue
        case .accepted: isAccepted = isAccepted || !input.isEmpty
        case .failed(let reason): return .failed(reason)
        }
    }
    for batch in [input, summed(input)] {
        switch walkBatch(batch) {
        case .refused: continue
        case .accepted: isAccepted = true
        case .failed(let reason): return .failed(reason)
        }
    }
    return isAccepted ? .accepted : .refused
}

private func summed(_ input: [UInt8]) -> [UInt8] {
    var batch = input
    let covered = BatchHeader.Place.attributes
    guard batch.count >= BatchHeader.size else { return batch }
    let size = min(batch.count, max(covered, Int(batch.span.uint32(at: BatchHeader.Place.size))))
    let sum = CRC32C.of(batch.span.extracting(covered..<size))
    batch.set(littleEndian: sum, at: BatchHeader.Place.checksum)
    return batch
}

private func walkBatch(_ batch: [UInt8]) -> FuzzVerdict {
    do throws(RecordsError) {
        var reader = BatchReader()
        try reader.open(batch)
        guard let view = reader.view else { return .failed("a batch that was opened is not open") }
        if let fault = try faultInWalk(&reader, view) { return .failed(fault) }
        return try faultInEncoding(&reader, view).map { .failed($0) } ?? .accepted
    } catch {
        return .refused
    }
}

/// The records are as many as stated, and their parts lie in the payload one behind the other.
private func faultInWalk(
    _ reader: inout BatchReader, _ view: BatchView
) throws(RecordsError) -> String? {
    let size = reader.bytes.count
    var (count, end) = (0, 0)
    while let record = try reader.nextRecord() {
        guard record.index == count, record.body.lowerBound >= end, record.body.upperBound <= size
        else { return "records overlap" }
        (count, end) = (count + 1, record.body.upperBound)
        var (attributes, left) = (record.attributes, record.attributes.count)
        while let (name, value) = attributes.next(in: reader.bytes.span) {
            guard value.upperBound <= record.body.lowerBound, name.upperBound <= value.lowerBound
            else { return "an attribute lies outside" }
            left -= 1
        }
        guard left == 0 else { return "attributes are missing" }
    }
    return count == view.count ? nil : "records are missing"
}

/// A batch whose content is in order is the same when its records are encoded again.
private func faultInEncoding(
    _ reader: inout BatchReader, _ view: BatchView
) throws(RecordsError) -> String? {
    try reader.audit()
    let header = view.header
    let isSequenced = header.attributes.contains(.sequenced)
    var builder = BatchBuilder(
        producer: isSequenced ? header.producer : nil,
        isTransactional: header.attributes.contains(.transactional))
    while let record = try reader.nextRecord() {
        // Times may go back or begin later than a builder has them.
        var draft = record.draft(reader.bytes, reader.entry(record.index))
        draft.time = header.baseTime
        guard try builder.append(draft) else { return "a batch is larger than a batch" }
    }
    var compressor = BatchCompressor()
    var again = BatchReader()
    try again.open(builder.encode(.none, with: &compressor))
    try again.audit()
    guard again.view?.count == view.count else { return "encoding changes the count" }
    for index in 0..<view.count {
        let (one, other) = (try reader.record(at: index), try again.record(at: index))
        guard let one, let other, reader.bytes[one.body] == again.bytes[other.body] else {
            return "encoding changes a body"
        }
        var entry = reader.entry(index)
        entry.size = again.entry(index).size
        guard entry == again.entry(index) else { return "encoding changes the directory" }
    }
    return nil
}

private func walkFrames(_ input: [UInt8], _ direction: FrameDirection) -> FuzzVerdict {
    var reader = FrameReader(in: input.indices, direction)
    do throws(RecordsError) {
        while let frame = try reader.next(input.span) {
            guard case .message(let message) = frame, direction == .fromClient else { continue }
            let draft = try message.draft(input, time: 1)
            var written: [UInt8] = []
            written.appendFrame(draft, partition: message.partition)
            var again = FrameReader(in: written.indices, direction)
            guard case .message(let copy) = try again.next(written.span),
                try copy.draft(written, time: 1) == draft, copy.partition == message.partition
            else { return .failed("a message is another one when it is written again") }
        }
    } catch {
        return .refused
    }
    return .accepted
}
