import Bytes
import Records
import Wire

/// One message that somebody wants to publish.
struct MessageOrder {
    let caller: Exchange
    var options: PublishOptions

    var bodySize: Int { options.draft.body.count }

    /// The same in memory of its own, for a message that has to wait.
    func detached() -> MessageOrder {
        var copy = self
        copy.options.idempotencyKey = options.idempotencyKey.map(own)
        copy.options.draft.body = own(options.draft.body)
        copy.options.draft.key = options.draft.key.map(own)
        copy.options.draft.contentType = own(options.draft.contentType)
        copy.options.draft.attributes = options.draft.attributes.map { attribute in
            RecordAttribute(name: own(attribute.name), value: own(attribute.value))
        }
        return copy
    }

    private func own(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> { [UInt8](text)[...] }

    /// Makes its draft a whole record, in place: it has slices that cost something to copy.
    mutating func complete(_ hashKey: SipKey, at now: TurnTime) {
        options.draft.time = now.wall
        if let key = options.idempotencyKey {
            options.draft.idempotencyHash = idempotencyHash(key: hashKey, name: key.span, index: 0)
        }
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
