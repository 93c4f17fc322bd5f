import Bytes
import HTTP
import Receipts
import Records
import Wire

/// What a pull is answered with: its messages in the form that it wants, and what settles them.
struct PullAnswer {
    private let pull: Pull
    private let ending: ReadEnding
    /// Nothing where nothing was given out.
    private var receipt: ReceiptWriter?
    private(set) var response: Response
    private var body: [UInt8] = []

    init(
        _ pull: Pull, _ ending: ReadEnding, _ keys: ReceiptKeys, _ batches: inout OpenBatches
    ) throws(RecordsError) {
        self.pull = pull
        self.ending = ending
        let parts = pull.leases.map {
            Receipt.Part(partition: $0.partition, generation: $0.generation, runs: $0.runs)
        }
        receipt =
            parts.isEmpty ? nil : ReceiptWriter(Receipt(group: pull.group, parts: parts), keys)
        let isEmpty = receipt == nil && pull.order.format == .raw
        response = Response(isEmpty ? .noContent : .ok)
        addFields()
        try write(&batches)
    }

    private var receiptText: [UInt8] { receipt?.text ?? [] }

    /// When the first of its leases ends.
    private var until: Int? { pull.leases.map(\.until).min() }

    private mutating func addFields() {
        response.add("Cache-Control", "no-store")
        // Which of the forms came depends on what was asked for.
        response.add("Vary", "Accept")
        response.add("Posthorn-Wait", Duration.milliseconds(pull.order.wait).human)
        response.add("Posthorn-Ended", ending.rawValue)
        response.add("Posthorn-Lag", "\(pull.lag)")
        if ending == .drain { response.closes = true }
        guard receipt != nil, pull.order.format != .json, pull.order.format != .frames else {
            return
        }
        if pull.order.format == .lines {
            response.add("Posthorn-Receipt", String(decoding: receiptText, as: UTF8.self))
        }
        if let until { response.add("Posthorn-Lease-Until", Self.date(until)) }
    }

    // MARK: Messages

    private mutating func write(_ batches: inout OpenBatches) throws(RecordsError) {
        let around = Self.frameSize + (receipt?.text.count ?? 0)
        body.reserveCapacity(pull.size + pull.count * around)
        begin()
        var count = 0
        for (index, lease) in pull.leases.enumerated() {
            guard let known = pull.known(lease.partition.topic) else { throw .badSizes }
            var sheet = Sheet(known: known, partition: lease.partition.partition, part: index)
            var walk = LeaseWalk(lease)
            while let found = try walk.next() {
                let open = try batches.open(found.batch, of: lease.partition)
                for message in found.messages {
                    let number = try found.index(of: message)
                    guard let view = open.reader.view, number < view.count,
                        let record = try open.reader.record(at: number)
                    else { throw .badSizes }
                    if count > 0, pull.order.format == .json { body.append(UInt8(ascii: ",")) }
                    append(record, of: open, message, &sheet)
                    count += 1
                }
            }
        }
        end(count)
    }

    /// About what stands around a message, without its receipt.
    private static let frameSize = 256

    /// What the messages of a lease have in common.
    private struct Sheet {
        let known: KnownTopic
        let partition: UInt32
        let part: Int
        var json: MessageJSON

        init(known: KnownTopic, partition: UInt32, part: Int) {
            self.known = known
            self.partition = partition
            self.part = part
            json = MessageJSON(topic: known.name, partition: partition)
        }
    }

    private mutating func append(
        _ record: RecordView, of open: OpenBatches.Open, _ message: GrantedMessage,
        _ sheet: inout Sheet
    ) {
        let bytes = open.reader.bytes
        let own = receipt?.text(of: message.offset, inPart: sheet.part) ?? []
        switch pull.order.format {
        case .json, .lines:
            let lease = MessageJSON.Lease(attempt: message.attempt, receipt: own)
            sheet.json.append(record, at: message.offset, lease, in: bytes, to: &body)
            if pull.order.format == .lines { body.append(.lf) }
        case .frames:
            var delivery = Delivery(partition: sheet.partition, offset: UInt64(message.offset))
            if pull.topics.count > 1 { delivery.topic = sheet.known.name[...] }
            delivery.attempt = UInt32(clamping: message.attempt)
            delivery.receipt = own[...]
            body.appendFrame(record, open.reader.entry(record.index), in: bytes, delivery)
        case .raw: takeRaw(record, in: bytes, message, sheet, own)
        }
    }

    private mutating func takeRaw(
        _ record: RecordView, in bytes: [UInt8], _ message: GrantedMessage, _ sheet: Sheet,
        _ own: [UInt8]
    ) {
        body = Array(bytes[record.body])
        let id = MessageID(partition: sheet.partition, offset: message.offset)
        response.addMessageFields(of: record, in: bytes, id)
        response.add("Posthorn-Topic", sheet.known.topic.name)
        response.add("Posthorn-Attempt", "\(message.attempt)")
        response.add("Posthorn-Receipt", String(decoding: own, as: UTF8.self))
        if !record.contentType.isEmpty {
            response.add(
                "Posthorn-Content-Type", String(decoding: bytes[record.contentType], as: UTF8.self))
        }
    }

    // MARK: Around them

    private mutating func begin() {
        if pull.order.format == .json { body.append("{\"messages\":[") }
    }

    private mutating func end(_ count: Int) {
        switch pull.order.format {
        case .json:
            body.append("],")
            body += summary
            body.append("}\n")
        case .frames: body.appendFrame(summary: (Array("{".utf8) + summary + Array("}".utf8))[...])
        case .lines: break
        case .raw:
            guard count > 0 else { return }
        }
        response.add("Content-Type", pull.order.format.contentType)
        response.setBody(body)
    }

    /// What the answer has beside its messages, without the braces.
    private var summary: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(2 * receiptText.count + Self.frameSize)
        if receipt != nil {
            text.append("\"receipt\":\"")
            text += receiptText
            text.append("\",")
        }
        if let until {
            text.append("\"lease_until\":\"")
            Timestamp.append(Int64(until), to: &text)
            text.append("\",")
        }
        text.append("\"ended\":\"")
        text.append(ending.rawValue)
        text.append("\",\"lag\":")
        text.append(decimal: UInt64(max(pull.lag, 0)))
        if let settlement = pull.settlement {
            text.append(",\"settled\":")
            var json = JSONWriter()
            json.beginObject()
            SettleAnswer.writeResults(of: settlement, to: &json)
            json.endObject()
            text += json.finish()
        }
        return text
    }

    private static func date(_ milliseconds: Int) -> String {
        var text: [UInt8] = []
        Timestamp.append(Int64(milliseconds), to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
