// The batch of type application/vnd.posthorn.batch, as docs/binary-batches.md has it: messages in
// frames, and batches as they rest, which are believed in nothing.

import Bytes
import Records

/// Reads the frames of a body.
struct MessageFrameReader: ~Copyable, MessageSource {
    static let root = ""

    private let body: [UInt8]
    private var frames: FrameReader
    private var batches = BatchReader()
    private var index = 0
    /// The record of a batch that is whole, and says what it may not.
    private var wrongRecord: MessageFault?

    init(_ body: [UInt8]) {
        self.body = body
        frames = FrameReader(in: 0..<body.count, .fromClient)
    }

    mutating func next(
        _ input: Span<UInt8>, at now: TurnTime, into message: inout BatchMessage
    ) throws(BodyError) -> BatchStep {
        let step: BatchStep
        do throws(RecordsError) {
            guard let (kind, content) = try frames.nextPlace(input) else { return .end }
            switch kind {
            case .message:
                let frame = try MessageFrame(input, in: content, .fromClient)
                step = try take(frame, at: now, into: &message)
            case .batch: step = try stored(try BatchFrame(input, in: content), at: now)
            case .summary: throw .unknownKind(kind.rawValue)
            }
        } catch {
            // A batch as it rests is taken whole or not at all, however lenient the client is.
            if let fault = wrongRecord { throw .invalid([fault.fault(under: Self.root)]) }
            throw .invalid([RequestFault("/\(index)", RecordWords.detail(of: error))])
        }
        return step
    }

    private mutating func take(
        _ frame: MessageFrame, at now: TurnTime, into message: inout BatchMessage
    ) throws(RecordsError) -> BatchStep {
        defer { index += 1 }
        message.draft.time = now.wall
        try frame.fill(&message.draft, from: body)
        if frame.attributeCount > 0, let detail = wrong(message.draft.attributes) {
            return .fault(MessageFault(index, "attributes", detail))
        }
        do throws(PublishTime.Refusal) {
            if let ttl = frame.ttl { message.draft.ttl = try PublishTime.ttl(milliseconds: ttl) }
            if frame.delay != nil { message.draft.delay = try delay(frame.delay, at: now) }
        } catch {
            switch error {
            case .unreadable(let detail), .outOfBounds(let detail):
                return .fault(MessageFault(index, "delay or ttl", detail))
            }
        }
        message.partition = frame.partition
        return .message
    }

    private func delay(
        _ delay: RecordDelay?, at now: TurnTime
    ) throws(PublishTime.Refusal) -> RecordDelay? {
        switch delay {
        case nil: nil
        case .duration(let time): try PublishTime.delay(milliseconds: time)
        case .date(let time): try PublishTime.deliverAt(milliseconds: time, at: now)
        }
    }

    private func wrong(_ attributes: [RecordAttribute]) -> String? {
        let isValid = attributes.allSatisfy { Name.isValid($0.name.span) }
        return isValid ? nil : "have names of \(Name.rule)"
    }

    /// Reads a batch that the client encoded, whose records then count like messages of their own.
    private mutating func stored(
        _ frame: BatchFrame, at now: TurnTime
    ) throws(RecordsError) -> BatchStep {
        guard frame.first == 0 else { throw .notForClients }
        let bytes = Array(body[frame.batch])
        try batches.open(bytes)
        defer { batches.close() }
        try batches.auditFromClient()
        var found = StoredBatch(bytes: bytes, count: 0, keys: [], bodySizeMax: 0)
        let raw = batches.bytes
        while let record = try batches.nextRecord() {
            let entry = batches.entry(record.index)
            if let detail = wrong(record.draft(raw, entry).attributes) ?? wrong(entry, at: now) {
                wrongRecord = MessageFault(index + record.index, "", detail)
                throw .badRecord(record.index)
            }
            found.count += 1
            found.bodySizeMax = max(found.bodySizeMax, record.body.count)
            if let key = record.key, found.keys.last != raw[key] { found.keys.append(raw[key]) }
        }
        guard found.count == frame.count else { throw .badSizes }
        BatchHeader.stamp(batchAt: 0, in: &found.bytes, baseTime: now.wall)
        index += found.count
        return .stored(found)
    }

    private func wrong(_ entry: DirectoryEntry, at now: TurnTime) -> String? {
        let most = UInt64(PublishBounds.delayMax)
        if entry.flags.contains(.hasTTL), !(1...UInt64(PublishBounds.ttlMax) ~= entry.ttl) {
            return "has a ttl that is out of bounds"
        }
        guard entry.flags.contains(.hasDelay) else { return nil }
        let due = entry.due(appendedAt: now.wall) ?? 0
        return due > now.wall + most ? "has a delay that is out of bounds" : nil
    }
}

/// What records are refused for, in words for whoever sent them.
enum RecordWords {
    static func detail(of error: RecordsError) -> String {
        switch error {
        case .truncated: "ends too early"
        case .unknownKind(let kind): "is of the kind \(kind), which is not known"
        case .unknownVersion(let version): "is of the version \(version), which is not known"
        case .unknownCodec(let codec): "has the codec \(codec), which is not known"
        case .unknownBits(let bits): "has bits that are not known: \(bits)"
        case .unknownField(let field): "has the field \(field), which is not for publishing"
        case .numberTooLarge: "has a number that is too large"
        case .badSizes: "has sizes that contradict each other"
        case .badDirectory(let record): "has a wrong directory at its record \(record)"
        case .badChecksum: "has another check sum than its bytes"
        case .badPayload: "does not inflate to what its header says"
        case .badRecord(let record): "has a record \(record) that is not as its directory says"
        case .badHash(let record): "has a wrong hash for its record \(record)"
        case .notForClients: "says what only the server may say"
        case .tooLarge(let part, let limit): "has more than \(limit) bytes of \(name(of: part))"
        case .tooMany(let part, let limit): "has more than \(limit) of \(name(of: part))"
        case .notText(let part): "has a \(name(of: part)) that is not the text it may be"
        case .badField(let field): "has a field \(field) of the wrong size"
        case .repeatedField(let field): "has the field \(field) twice"
        }
    }

    static func name(of part: RecordPart) -> String {
        switch part {
        case .batch: "batch"
        case .record: "record"
        case .body: "body"
        case .key: "key"
        case .contentType: "content type"
        case .attributes: "attributes"
        case .attributeName: "attribute name"
        case .frame: "frame"
        }
    }
}
