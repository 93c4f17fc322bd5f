// A record on its way into a batch. Its parts are slices of what the client sent, wherever that
// lies, so that the batch is the first place they are copied to.

internal import Bytes

/// A name and its value; both are UTF-8.
package struct RecordAttribute: Equatable, Sendable {
    package var name: ArraySlice<UInt8>
    package var value: ArraySlice<UInt8>

    package init(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        self.name = name
        self.value = value
    }
}

/// When a record is to be seen.
package enum RecordDelay: Equatable, Sendable {
    /// Milliseconds from when it is appended.
    case duration(UInt64)
    /// Milliseconds since 1970.
    case date(UInt64)
}

/// A record that is to be encoded.
package struct RecordDraft: Equatable, Sendable {
    /// The publish time, in milliseconds since 1970.
    package var time: UInt64
    package var key: ArraySlice<UInt8>?
    /// Empty if there is none.
    package var contentType: ArraySlice<UInt8> = []
    package var attributes: [RecordAttribute] = []
    package var body: ArraySlice<UInt8>
    /// Milliseconds from when it is appended.
    package var ttl: UInt64?
    package var delay: RecordDelay?
    /// The keyed hash of its Idempotency-Key.
    package var idempotencyHash: UInt64?

    package init(time: UInt64, body: ArraySlice<UInt8>) {
        self.time = time
        self.body = body
    }
}

extension RecordDraft {
    /// What the parts may be in size and letters, whatever batch they go into.
    func check() throws(RecordsError) {
        guard body.count <= RecordLimits.bodySizeMax else {
            throw .tooLarge(.body, limit: RecordLimits.bodySizeMax)
        }
        if let key { try Self.check(key, .key, sizeMax: RecordLimits.keySizeMax) }
        if !contentType.isEmpty { try checkContentType() }
        if !attributes.isEmpty { try checkAttributes() }
    }

    private static func check(
        _ text: ArraySlice<UInt8>, _ part: RecordPart, sizeMax: Int
    ) throws(RecordsError) {
        guard text.count <= sizeMax else { throw .tooLarge(part, limit: sizeMax) }
        guard isUTF8(text.span) else { throw .notText(part) }
    }

    /// It becomes a field of a response's head again, so nothing may be in it that ends a field.
    private func checkContentType() throws(RecordsError) {
        let limit = RecordLimits.contentTypeSizeMax
        guard contentType.count <= limit else { throw .tooLarge(.contentType, limit: limit) }
        guard isFieldText(contentType.span) else { throw .notText(.contentType) }
    }

    private func checkAttributes() throws(RecordsError) {
        guard attributes.count <= RecordLimits.attributeCountMax else {
            throw .tooMany(.attributes, limit: RecordLimits.attributeCountMax)
        }
        var size = 0
        for attribute in attributes {
            guard !attribute.name.isEmpty else { throw .notText(.attributeName) }
            try Self.check(
                attribute.name, .attributeName, sizeMax: RecordLimits.attributeNameSizeMax)
            try Self.check(
                attribute.value, .attributes, sizeMax: RecordLimits.attributesSizeMax)
            size += attribute.name.count + attribute.value.count
        }
        guard size <= RecordLimits.attributesSizeMax else {
            throw .tooLarge(.attributes, limit: RecordLimits.attributesSizeMax)
        }
    }

    var flags: RecordFlags {
        var flags: RecordFlags = []
        if key != nil { flags.insert(.hasKey) }
        if !attributes.isEmpty { flags.insert(.hasAttributes) }
        if idempotencyHash != nil { flags.insert(.hasIdempotency) }
        if ttl != nil { flags.insert(.hasTTL) }
        switch delay {
        case nil: break
        case .duration: flags.insert(.hasDelay)
        case .date: flags.formUnion([.hasDelay, .delayIsDate])
        }
        return flags
    }

    /// What the directory says about the record.
    func entry(size: Int) -> DirectoryEntry {
        var entry = DirectoryEntry(size: size, flags: flags)
        if let key { entry.keyHash = CRC32C.of(key.span) }
        for attribute in attributes {
            entry.attributeMask |= attributeBits(attribute.name.span, attribute.value.span)
        }
        if let idempotencyHash {
            entry.idempotencyHash = idempotencyHash
            entry.fingerprint = fingerprint
        }
        entry.ttl = ttl ?? 0
        switch delay {
        case nil: break
        case .duration(let delay), .date(let delay): entry.delay = delay
        }
        return entry
    }

    private var fingerprint: UInt32 {
        var sum = CRC32C()
        if let key { sum.update(key.span) }
        sum.update(contentType.span)
        sum.update(body.span)
        return sum.value
    }
}

func isUTF8(_ text: Span<UInt8>) -> Bool {
    do throws(UTF8.ValidationError) {
        _ = try UTF8Span(validating: text)
        return true
    } catch {
        return false
    }
}

/// Whether the bytes are ASCII without control characters other than a tab.
func isFieldText(_ text: Span<UInt8>) -> Bool {
    var index = 0
    while index < text.count {
        let byte = text[index]
        guard byte &- 0x20 < 0x5F || byte == 0x09 else { return false }
        index &+= 1
    }
    return true
}

private let equals: [UInt8] = [UInt8(ascii: "=")]

/// The bits of a mask that stand for an attribute: a record without all of them has not got it.
package func attributeBits(_ name: Span<UInt8>, _ value: Span<UInt8>) -> UInt32 {
    var sum = CRC32C()
    sum.update(name)
    sum.update(equals.span)
    sum.update(value)
    return 1 << (sum.value & 31) | 1 << (sum.value >> 5 & 31)
}
