// The 16 bits that say what a batch is and what its directory has: bits 0 to 3 are the codec.

/// How the payload of a batch is compressed.
package enum Codec: UInt8, CaseIterable, Sendable {
    case none = 0
    /// RFC 1951, without any wrapping: the check sum of the batch is over the same bytes.
    case deflate = 1
}

/// The attributes of a batch; those that are not known are refused when they are read.
package struct BatchAttributes: OptionSet, Equatable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Its records wait for the decision of a transaction.
    package static let transactional = BatchAttributes(rawValue: 1 << 4)
    /// Every record has a delay.
    package static let delayed = BatchAttributes(rawValue: 1 << 5)
    /// A producer numbers its records.
    package static let sequenced = BatchAttributes(rawValue: 1 << 6)
    /// The directory has the column; in the order in which the columns stand.
    package static let keys = BatchAttributes(rawValue: 1 << 8)
    package static let attributeMasks = BatchAttributes(rawValue: 1 << 9)
    package static let idempotency = BatchAttributes(rawValue: 1 << 10)
    package static let ttl = BatchAttributes(rawValue: 1 << 11)
    package static let delay = BatchAttributes(rawValue: 1 << 12)

    private static let codecBits: UInt16 = 15
    private static let knownBits =
        codecBits | transactional.rawValue | delayed.rawValue | sequenced.rawValue
        | keys.rawValue | attributeMasks.rawValue | idempotency.rawValue | ttl.rawValue
        | delay.rawValue

    /// Those that say which columns the directory has beside sizes and flags.
    var columns: BatchAttributes {
        intersection([.keys, .attributeMasks, .idempotency, .ttl, .delay])
    }

    func with(_ codec: Codec) -> BatchAttributes {
        BatchAttributes(rawValue: rawValue & ~Self.codecBits | UInt16(codec.rawValue))
    }

    /// The codec, once `check` has found it known.
    package var codec: Codec { rawValue & Self.codecBits == 0 ? .none : .deflate }

    func check() throws(RecordsError) {
        let unknown = rawValue & ~Self.knownBits
        guard unknown == 0 else { throw .unknownBits(unknown) }
        let codec = UInt8(rawValue & Self.codecBits)
        guard Codec(rawValue: codec) != nil else { throw .unknownCodec(codec) }
    }
}

/// What the directory says of one record.
package struct RecordFlags: OptionSet, Equatable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let hasKey = RecordFlags(rawValue: 1 << 0)
    package static let hasAttributes = RecordFlags(rawValue: 1 << 1)
    package static let hasIdempotency = RecordFlags(rawValue: 1 << 2)
    package static let hasTTL = RecordFlags(rawValue: 1 << 3)
    package static let hasDelay = RecordFlags(rawValue: 1 << 4)
    /// The delay is a date; only together with `hasDelay`.
    package static let delayIsDate = RecordFlags(rawValue: 1 << 5)

    /// The columns that a record with these flags needs: the first five bits, in their order.
    var columns: BatchAttributes { BatchAttributes(rawValue: UInt16(rawValue & 31) << 8) }

    /// Whether the bits are known and make sense beside each other.
    var isValid: Bool { rawValue < 1 << 6 && (contains(.hasDelay) || !contains(.delayIsDate)) }
}
