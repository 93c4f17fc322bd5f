/// Recognises field names without regard to case.
///
/// Names that begin alike (`Posthorn-Attr-…`, `ce-…`) are one name by their beginning.
///
/// A name up to 16 bytes is compared as two words: its first and its last bytes, which overlap in
/// shorter ones. The words are in lower case with the first byte lowest, as they lie in memory.
extension FieldName {
    /// Recognises the name in `range`, which is a token.
    @inline(__always)
    init(recognising range: Range<Int>, in bytes: Span<UInt8>) {
        switch range.count {
        case 4, 6:
            let first = bytes.fourBytes(at: range.lowerBound) | 0x2020_2020
            let last = bytes.fourBytes(at: range.upperBound &- 4) | 0x2020_2020
            self.init(first, last)
        case 10...16:
            let first = bytes.eightBytes(at: range.lowerBound) | 0x2020_2020_2020_2020
            let last = bytes.eightBytes(at: range.upperBound &- 8) | 0x2020_2020_2020_2020
            self.init(size: range.count, first, last)
        case 17...20, 29, 30: self.init(long: range, in: bytes)
        default: self = .other
        }
        // Only names that begin with the first letter of a prefix are looked at again.
        if self == .other, let place = range.first {
            let first = bytes[place] | 0x20
            if first == UInt8(ascii: "p") || first == UInt8(ascii: "c") {
                self.init(byPrefixOf: range, in: bytes)
            }
        }
    }

    private init(_ first: UInt64, _ last: UInt64) {
        switch (first, last) {
        case (0x7473_6F68, 0x7473_6F68): self = .host
        case (0x6563_6361, 0x7470_6563): self = .accept
        case (0x6570_7865, 0x7463_6570): self = .expect
        case (0x6769_726F, 0x6E69_6769): self = .origin
        case (0x6665_7270, 0x7265_6665): self = .prefer
        default: self = .other
        }
    }

    private init(size: Int, _ first: UInt64, _ last: UInt64) {
        switch (size, first, last) {
        case (10, 0x6974_6365_6E6E_6F63, 0x6E6F_6974_6365_6E6E): self = .connection
        case (10, 0x2D74_7365_7571_6572, 0x6469_2D74_7365_7571): self = .requestID
        case (10, 0x6174_7365_6361_7274, 0x6574_6174_7365_6361): self = .tracestate
        case (11, 0x7261_7065_6361_7274, 0x746E_6572_6170_6563): self = .traceparent
        case (12, 0x2D74_6E65_746E_6F63, 0x6570_7974_2D74_6E65): self = .contentType
        case (12, 0x6E72_6F68_7473_6F70, 0x7965_6B2D_6E72_6F68): self = .posthornKey
        case (12, 0x6E72_6F68_7473_6F70, 0x6C74_742D_6E72_6F68): self = .posthornTTL
        case (13, 0x2D65_6E6F_6E2D_6669, 0x6863_7461_6D2D_656E): self = .ifNoneMatch
        case (13, 0x6576_652D_7473_616C, 0x6469_2D74_6E65_7665): self = .lastEventID
        case (13, 0x7A69_726F_6874_7561, 0x6E6F_6974_617A_6972): self = .authorization
        case (14, 0x2D74_6E65_746E_6F63, 0x6874_676E_656C_2D74): self = .contentLength
        case (14, 0x6E72_6F68_7473_6F70, 0x7961_6C65_642D_6E72): self = .posthornDelay
        case (15, 0x652D_7470_6563_6361, 0x676E_6964_6F63_6E65): self = .acceptEncoding
        case (15, 0x6574_6F70_6D65_6469, 0x7965_6B2D_7963_6E65): self = .idempotencyKey
        case (16, 0x2D74_6E65_746E_6F63, 0x676E_6964_6F63_6E65): self = .contentEncoding
        default: self = .other
        }
    }

    private init(long range: Range<Int>, in bytes: Span<UInt8>) {
        if bytes.equals(range, ignoringCase: "transfer-encoding") {
            self = .transferEncoding
        } else if bytes.equals(range, ignoringCase: "posthorn-producer") {
            self = .posthornProducer
        } else if bytes.equals(range, ignoringCase: "posthorn-partition") {
            self = .posthornPartition
        } else if bytes.equals(range, ignoringCase: "posthorn-deliver-at") {
            self = .posthornDeliverAt
        } else if bytes.equals(range, ignoringCase: "posthorn-durability") {
            self = .posthornDurability
        } else if bytes.equals(range, ignoringCase: "posthorn-transaction") {
            self = .posthornTransaction
        } else if bytes.equals(range, ignoringCase: "access-control-request-method") {
            self = .accessControlRequestMethod
        } else if bytes.equals(range, ignoringCase: "access-control-request-headers") {
            self = .accessControlRequestHeaders
        } else {
            self = .other
        }
    }

    private init(byPrefixOf range: Range<Int>, in bytes: Span<UInt8>) {
        if Self.starts(range, with: Self.attributePrefix, in: bytes) {
            self = .attribute
        } else if Self.starts(range, with: Self.optionPrefix, in: bytes) {
            self = .unknownOption
        } else if Self.starts(range, with: Self.cloudEventPrefix, in: bytes) {
            self = .cloudEvent
        } else {
            self = .other
        }
    }

    private static func starts(
        _ range: Range<Int>, with prefix: String, in bytes: Span<UInt8>
    ) -> Bool {
        let size = prefix.utf8.count
        guard range.count >= size else { return false }
        return bytes.equals(range.prefix(size), ignoringCase: prefix)
    }
}
