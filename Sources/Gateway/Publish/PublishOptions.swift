// What a publish says beside its body, in fields or in parameters of the target. Both may say the
// same; if they differ, nobody can know what was meant, and nothing is stored.

import Bytes
import HTTP
import Records
import Wire

/// The options of one publish, as slices of the request wherever that is possible.
struct PublishOptions {
    /// What they say of the record; its body, its time and the hash of its key come later.
    var draft = RecordDraft(time: 0, body: [])
    var partition: UInt32?
    var durability: Durability?
    var idempotencyKey: ArraySlice<UInt8>?

    init() {}

    /// Reads what `request` says about its one message.
    init(_ request: Request, at now: TurnTime) throws(PublishError) {
        if let range = request.value(of: .contentType) { draft.contentType = request.source[range] }
        // Nearly all publishes say nothing else.
        if request.presentFields.isDisjoint(with: Self.fields), request.targetParts.query == nil {
            return
        }
        let reader = OptionReader(request)
        try reader.refuse(.posthornProducer, "Posthorn-Producer")
        try reader.refuse(.posthornTransaction, "Posthorn-Transaction")
        draft.key = try reader.text(.posthornKey, "Posthorn-Key", "key")
        partition = try reader.partition()
        durability = try reader.durability()
        idempotencyKey = try reader.idempotencyKey()
        draft.delay = try reader.delay(at: now)
        draft.ttl = try reader.ttl()
        draft.attributes = try AttributeReader.attributes(of: request)
    }

    /// Reads what `request` says about all of its messages.
    init(ofBatch request: Request) throws(PublishError) {
        let reader = OptionReader(request)
        for (field, name) in Self.single where request.has(field) { throw .notForBatches(name) }
        if let name = request.names(in: FieldSet(.attribute), max: 1).first {
            throw .notForBatches(name)
        }
        try reader.refuse(.posthornProducer, "Posthorn-Producer")
        try reader.refuse(.posthornTransaction, "Posthorn-Transaction")
        durability = try reader.durability()
        idempotencyKey = try reader.idempotencyKey()
    }

    /// The fields that say something about a message beside its content type.
    private static let fields = FieldSet([
        .posthornDelay, .posthornDeliverAt, .posthornDurability, .posthornKey, .posthornPartition,
        .posthornProducer, .posthornTransaction, .posthornTTL, .idempotencyKey, .attribute,
        .cloudEvent, .traceparent,
    ])

    private static let single: [(FieldName, String)] = [
        (.posthornKey, "Posthorn-Key"), (.posthornPartition, "Posthorn-Partition"),
        (.posthornDelay, "Posthorn-Delay"), (.posthornDeliverAt, "Posthorn-Deliver-At"),
        (.posthornTTL, "Posthorn-Ttl"),
    ]
}

/// Finds options in the fields and the parameters of a request.
private struct OptionReader {
    private let request: Request

    init(_ request: Request) { self.request = request }

    func refuse(_ field: FieldName, _ name: String) throws(PublishError) {
        if request.has(field) { throw .notOffered(name) }
    }

    /// The option as the field or the parameter says it.
    func text(
        _ field: FieldName, _ name: String, _ parameter: String
    ) throws(PublishError) -> ArraySlice<UInt8>? {
        let asked = request.parameterBytes(parameter)
        guard let range = request.value(of: field) else { return asked.map { $0[...] } }
        guard let sent = PercentText.decode(request.source[range]) else {
            throw .unreadable(RequestFault(name, "holds a % that begins no escape"))
        }
        if let asked, asked[...] != sent { throw .contradiction(name, parameter) }
        return sent
    }

    func partition() throws(PublishError) -> UInt32? {
        let name = "Posthorn-Partition"
        guard let text = try text(.posthornPartition, name, "partition") else { return nil }
        guard 1...9 ~= text.count, text.allSatisfy(\.isDigit) else {
            throw .unreadable(RequestFault(name, "has to be a number"))
        }
        return text.reduce(0) { $0 * 10 + UInt32($1 & 15) }
    }

    func durability() throws(PublishError) -> Durability? {
        let name = "Posthorn-Durability"
        guard let text = try text(.posthornDurability, name, "durability") else { return nil }
        guard let durability = Durability(rawValue: String(decoding: text, as: UTF8.self)) else {
            let choices = Durability.allCases.map(\.rawValue).joined(separator: ", ")
            throw .unreadable(RequestFault(name, "has to be one of \(choices)"))
        }
        return durability
    }

    func idempotencyKey() throws(PublishError) -> ArraySlice<UInt8>? {
        guard let range = request.value(of: .idempotencyKey) else { return nil }
        let limit = PublishBounds.idempotencyKeySizeMax
        guard 1...limit ~= range.count else {
            throw .unreadable(RequestFault("Idempotency-Key", "has 1 to \(limit) bytes"))
        }
        return request.source[range]
    }

    func delay(at now: TurnTime) throws(PublishError) -> RecordDelay? {
        let (name, other) = ("Posthorn-Delay", "Posthorn-Deliver-At")
        let delay = try text(.posthornDelay, name, "delay")
        let date = try text(.posthornDeliverAt, other, "deliver_at")
        if delay != nil && date != nil { throw .contradiction(name, other) }
        if let delay {
            return try naming(name) { () throws(PublishTime.Refusal) in
                try PublishTime.delay(delay.span)
            }
        }
        guard let date else { return nil }
        return try naming(other) { () throws(PublishTime.Refusal) in
            try PublishTime.deliverAt(date.span, at: now)
        }
    }

    func ttl() throws(PublishError) -> UInt64? {
        guard let text = try text(.posthornTTL, "Posthorn-Ttl", "ttl") else { return nil }
        return try naming("Posthorn-Ttl") { () throws(PublishTime.Refusal) in
            try PublishTime.ttl(text.span)
        }
    }

    private func naming<Value>(
        _ name: String, _ read: () throws(PublishTime.Refusal) -> Value
    ) throws(PublishError) -> Value {
        do throws(PublishTime.Refusal) {
            return try read()
        } catch {
            switch error {
            case .unreadable(let detail): throw .unreadable(RequestFault(name, detail))
            case .outOfBounds(let detail): throw .refusedOption(RequestFault(name, detail))
            }
        }
    }
}
