import Bytes
import Records
import Wire

/// One message that somebody wants to publish.
struct MessageOrder {
    let caller: Exchange
    var body: ArraySlice<UInt8>
    var options: PublishOptions

    /// The same in memory of its own, for a message that has to wait.
    func detached() -> MessageOrder {
        var copy = self
        copy.body = own(body)
        copy.options.key = options.key.map(own)
        copy.options.contentType = own(options.contentType)
        copy.options.idempotencyKey = options.idempotencyKey.map(own)
        copy.options.attributes = options.attributes.map { attribute in
            RecordAttribute(name: own(attribute.name), value: own(attribute.value))
        }
        return copy
    }

    private func own(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> { [UInt8](text)[...] }

    func draft(_ known: KnownTopic, _ hashKey: SipKey, at now: TurnTime) -> RecordDraft {
        var draft = RecordDraft(time: now.wall, body: body)
        draft.key = options.key
        draft.contentType = options.contentType
        draft.attributes = options.attributes
        draft.ttl = options.ttl
        draft.delay = options.delay
        if let key = options.idempotencyKey {
            draft.idempotencyHash = idempotencyHash(key: hashKey, name: key.span, index: 0)
        }
        return draft
    }
}

/// What the parts of a message are called where a client says them as options.
enum OptionWords {
    static func error(_ error: RecordsError) -> PublishError {
        switch error {
        case .tooLarge(.body, let limit), .tooLarge(.record, let limit):
            .messageTooLarge(limit: limit)
        case .tooLarge(let part, let limit):
            .refusedOption(RequestFault(name(of: part), "has more than \(limit) bytes"))
        case .tooMany(let part, let limit):
            .refusedOption(RequestFault(name(of: part), "are more than \(limit)"))
        case .notText(let part):
            .unreadable(RequestFault(name(of: part), "is not the text it may be"))
        default: .refusedOption(RequestFault("", RecordWords.detail(of: error)))
        }
    }

    private static func name(of part: RecordPart) -> String {
        switch part {
        case .key: "Posthorn-Key"
        case .contentType: "Content-Type"
        case .attributes, .attributeName: "Posthorn-Attr-"
        case .batch, .record, .body, .frame: "the body"
        }
    }
}
