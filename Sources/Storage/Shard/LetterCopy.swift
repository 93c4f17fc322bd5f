// A dead letter as a message of its group's dead-letter topic: the message as it was, and attributes that say
// where it died and why.

import Bytes
import Groups
import Records

/// What is told of a message that died, beside the message itself.
struct LetterOrigin {
    let group: String
    let topic: String
    let partition: UInt32
    let letter: FailedMessage

    /// Names and values, those first that are missed most; docs/groups.md lists them.
    func attributes(publishedAt: UInt64) -> [(name: String, value: String)] {
        let reason = letter.reasons.split(separator: "\n").last.map(String.init) ?? ""
        return [
            ("dead-group", group), ("dead-topic", topic),
            ("dead-id", "\(partition)-\(letter.offset)"), ("dead-reason", reason),
            ("dead-attempts", "\(letter.attempts)"), ("dead-at", Self.text(UInt64(letter.due))),
            ("dead-consumer", letter.consumer), ("dead-address", letter.address),
            ("dead-published-at", Self.text(publishedAt)),
        ].filter { !$0.1.isEmpty }
    }

    private static func text(_ milliseconds: UInt64) -> String {
        var text: [UInt8] = []
        Timestamp.append(Int64(clamping: milliseconds), to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension RecordDraft {
    /// The copy of `record`, which lies in `bytes`; it neither waits nor expires.
    ///
    /// What is told of an earlier death gives way. The message's own attributes stay, and of the others those
    /// that have no room beside them are left off.
    init(copying record: RecordView, in bytes: [UInt8], from origin: LetterOrigin, at time: Int) {
        self.init(time: UInt64(time), body: bytes[record.body])
        key = record.key.map { bytes[$0] }
        contentType = bytes[record.contentType]
        let told = origin.attributes(publishedAt: record.time).map {
            RecordAttribute(name: Array($0.name.utf8)[...], value: Array($0.value.utf8)[...])
        }
        let names = Set(told.map(\.name))
        var cursor = record.attributes
        while let (name, value) = cursor.next(in: bytes.span) {
            guard !names.contains(bytes[name]) else { continue }
            attributes.append(RecordAttribute(name: bytes[name], value: bytes[value]))
        }
        add(told)
    }

    private mutating func add(_ more: [RecordAttribute]) {
        var size = attributes.reduce(0) { $0 + $1.name.count + $1.value.count }
        for attribute in more where attributes.count < RecordLimits.attributeCountMax {
            let more = attribute.name.count + attribute.value.count
            guard size + more <= RecordLimits.attributesSizeMax else { continue }
            size += more
            attributes.append(attribute)
        }
    }
}
