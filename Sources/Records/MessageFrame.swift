// A message in a frame: ranges of the bytes it lies in, found in one pass over its fields.

internal import Bytes

/// Where the parts of a message are, and its numbers.
package struct MessageFrame: Equatable, Sendable {
    package private(set) var body: Range<Int>
    package private(set) var key: Range<Int>?
    /// Empty if there is none.
    package private(set) var contentType: Range<Int>
    package private(set) var attributeCount = 0
    package private(set) var partition: UInt32?
    package private(set) var ttl: UInt64?
    package private(set) var delay: RecordDelay?
    package private(set) var offset: UInt64?
    package private(set) var publishedAt: UInt64?
    package private(set) var topic: Range<Int>?
    package private(set) var attempt: UInt32?
    package private(set) var receipt: Range<Int>?
    private let content: Range<Int>

    /// Reads the fields in `content`, as `FrameReader` found it.
    package init(
        _ bytes: Span<UInt8>, in content: Range<Int>, _ direction: FrameDirection
    ) throws(RecordsError) {
        self.content = content
        body = content.lowerBound..<content.lowerBound
        contentType = body
        var cursor = FieldCursor(content)
        var seen: UInt32 = 0
        while let (number, value) = try cursor.next(bytes) {
            guard let field = FrameField(rawValue: number), field.isFor(direction) else {
                if direction == .fromClient { throw .unknownField(number) }
                continue
            }
            let bit: UInt32 = 1 << UInt32(field.rawValue)
            guard field == .attribute || seen & bit == 0 else { throw .repeatedField(number) }
            seen |= bit
            try take(field, value, bytes)
        }
    }

    private mutating func take(
        _ field: FrameField, _ value: Range<Int>, _ bytes: Span<UInt8>
    ) throws(RecordsError) {
        switch field {
        case .body: body = value
        case .key: key = value
        case .contentType: contentType = value
        case .attribute: try takeAttribute(value, bytes)
        case .partition: partition = try bytes.number32(field, value)
        case .ttl: ttl = try bytes.number64(field, value)
        case .delay: try take(.duration(try bytes.number64(field, value)), field)
        case .deliverAt: try take(.date(try bytes.number64(field, value)), field)
        case .offset: offset = try bytes.number64(field, value)
        case .publishedAt: publishedAt = try bytes.number64(field, value)
        case .topic: topic = value
        case .attempt: attempt = try bytes.number32(field, value)
        case .receipt: receipt = value
        }
    }

    private mutating func take(_ delay: RecordDelay, _ field: FrameField) throws(RecordsError) {
        guard self.delay == nil else { throw .repeatedField(field.rawValue) }
        self.delay = delay
    }

    private mutating func takeAttribute(
        _ value: Range<Int>, _ bytes: Span<UInt8>
    ) throws(RecordsError) {
        guard attributeCount < RecordLimits.attributeCountMax else {
            throw .tooMany(.attributes, limit: RecordLimits.attributeCountMax)
        }
        guard bytes.attribute(in: value) != nil else {
            throw .badField(FrameField.attribute.rawValue)
        }
        attributeCount += 1
    }
}

extension MessageFrame {
    /// The attributes, as slices of `bytes`, which are those that the message was read from.
    package func attributes(_ bytes: [UInt8]) throws(RecordsError) -> [RecordAttribute] {
        guard attributeCount > 0 else { return [] }
        var list: [RecordAttribute] = []
        list.reserveCapacity(attributeCount)
        var cursor = FieldCursor(content)
        while let (number, value) = try cursor.next(bytes.span) {
            guard number == FrameField.attribute.rawValue,
                let (name, value) = bytes.span.attribute(in: value)
            else { continue }
            list.append(RecordAttribute(name: bytes[name], value: bytes[value]))
        }
        return list
    }

    /// The record to encode for a message that came at `time`.
    package func draft(_ bytes: [UInt8], time: UInt64) throws(RecordsError) -> RecordDraft {
        var draft = RecordDraft(time: time, body: [])
        try fill(&draft, from: bytes)
        return draft
    }

    /// The same into a draft that has nothing but its time.
    package func fill(_ draft: inout RecordDraft, from bytes: [UInt8]) throws(RecordsError) {
        draft.body = bytes[body]
        if let key { draft.key = bytes[key] }
        if !contentType.isEmpty { draft.contentType = bytes[contentType] }
        if attributeCount > 0 { draft.attributes = try attributes(bytes) }
        draft.ttl = ttl
        draft.delay = delay
    }
}

/// Walks over the fields of a message.
private struct FieldCursor {
    private var place: Int
    private let end: Int

    init(_ content: Range<Int>) {
        place = content.lowerBound
        end = content.upperBound
    }

    mutating func next(
        _ bytes: Span<UInt8>
    ) throws(RecordsError) -> (number: UInt8, value: Range<Int>)? {
        if place == end { return nil }
        guard end - place >= FrameLayout.fieldHeadSize else { throw .truncated }
        let size = Int(bytes.uint32(at: place + 1))
        let start = place + FrameLayout.fieldHeadSize
        guard size <= end - start else { throw .truncated }
        defer { place = start + size }
        return (bytes[place], start..<start + size)
    }
}

extension Span<UInt8> {
    fileprivate func number32(
        _ field: FrameField, _ value: Range<Int>
    ) throws(RecordsError) -> UInt32 {
        guard value.count == 4 else { throw .badField(field.rawValue) }
        return uint32(at: value.lowerBound)
    }

    fileprivate func number64(
        _ field: FrameField, _ value: Range<Int>
    ) throws(RecordsError) -> UInt64 {
        guard value.count == 8 else { throw .badField(field.rawValue) }
        return uint64(at: value.lowerBound)
    }

    /// The name and the value of an attribute; nil if the name does not lie in it.
    fileprivate func attribute(in value: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
        guard value.count >= FrameLayout.attributeNameWidth else { return nil }
        let start = value.lowerBound + FrameLayout.attributeNameWidth
        let end = start + Int(uint16(at: value.lowerBound))
        guard end <= value.upperBound else { return nil }
        return (start..<end, end..<value.upperBound)
    }
}
