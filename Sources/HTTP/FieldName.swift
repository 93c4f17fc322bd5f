/// The field names that the product looks for; every other name is `other`.
package enum FieldName: UInt8, CaseIterable, Sendable {
    case other
    case accept, acceptEncoding, authorization, connection, contentEncoding, contentLength
    case contentType, expect, host, idempotencyKey, ifNoneMatch, lastEventID, origin, prefer
    case requestID, traceparent, tracestate, transferEncoding
    case accessControlRequestHeaders, accessControlRequestMethod
    case posthornDelay, posthornDeliverAt, posthornDurability, posthornKey, posthornPartition
    case posthornProducer, posthornTransaction, posthornTTL
    /// `Posthorn-Attr-` and any name.
    case attribute
    /// `ce-` and any name: an attribute of an event in the binary mode of CloudEvents.
    case cloudEvent
    /// `Posthorn-` and what nobody here knows.
    case unknownOption
}

/// Names of fields as a set.
package struct FieldSet: OptionSet, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The set of that one name.
    @inline(__always)
    package init(_ name: FieldName) { rawValue = 1 << UInt64(name.rawValue) }

    package init(_ names: [FieldName]) {
        self = names.reduce([]) { $0.union(FieldSet($1)) }
    }

    @inline(__always)
    package func contains(_ name: FieldName) -> Bool { rawValue >> UInt64(name.rawValue) & 1 != 0 }

    /// The options of this product that are fields.
    package static let options = FieldSet([
        .posthornDelay, .posthornDeliverAt, .posthornDurability, .posthornKey, .posthornPartition,
        .posthornProducer, .posthornTransaction, .posthornTTL, .attribute, .unknownOption,
    ])

    /// The fields that say one thing, so that a second one leaves open what was meant.
    ///
    /// Those that framing rests on are refused by the parser.
    package static let singular = FieldSet([
        .authorization, .contentType, .idempotencyKey, .lastEventID, .posthornDelay,
        .posthornDeliverAt, .posthornDurability, .posthornKey, .posthornPartition,
        .posthornProducer, .posthornTransaction, .posthornTTL,
    ])
}

extension FieldName {
    /// The size of the beginning that all names of this kind have; 0 for a name of its own.
    var prefixSize: Int {
        switch self {
        case .attribute: Self.attributePrefix.utf8.count
        case .cloudEvent: Self.cloudEventPrefix.utf8.count
        case .unknownOption: Self.optionPrefix.utf8.count
        default: 0
        }
    }

    static let attributePrefix = "posthorn-attr-"
    static let cloudEventPrefix = "ce-"
    static let optionPrefix = "posthorn-"
}
