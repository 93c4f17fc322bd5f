/// Recognises field names without regard to case.
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
        case 17, 29, 30: self.init(long: range, in: bytes)
        default: self = .other
        }
    }

    private init(_ first: UInt64, _ last: UInt64) {
        switch (first, last) {
        case (0x7473_6F68, 0x7473_6F68): self = .host
        case (0x6563_6361, 0x7470_6563): self = .accept
        case (0x6570_7865, 0x7463_6570): self = .expect
        case (0x6769_726F, 0x6E69_6769): self = .origin
        default: self = .other
        }
    }

    private init(size: Int, _ first: UInt64, _ last: UInt64) {
        switch (size, first, last) {
        case (10, 0x6974_6365_6E6E_6F63, 0x6E6F_6974_6365_6E6E): self = .connection
        case (10, 0x2D74_7365_7571_6572, 0x6469_2D74_7365_7571): self = .requestID
        case (12, 0x2D74_6E65_746E_6F63, 0x6570_7974_2D74_6E65): self = .contentType
        case (14, 0x2D74_6E65_746E_6F63, 0x6874_676E_656C_2D74): self = .contentLength
        case (15, 0x652D_7470_6563_6361, 0x676E_6964_6F63_6E65): self = .acceptEncoding
        case (16, 0x2D74_6E65_746E_6F63, 0x676E_6964_6F63_6E65): self = .contentEncoding
        default: self = .other
        }
    }

    private init(long range: Range<Int>, in bytes: Span<UInt8>) {
        if bytes.equals(range, ignoringCase: "transfer-encoding") {
            self = .transferEncoding
        } else if bytes.equals(range, ignoringCase: "access-control-request-method") {
            self = .accessControlRequestMethod
        } else if bytes.equals(range, ignoringCase: "access-control-request-headers") {
            self = .accessControlRequestHeaders
        } else {
            self = .other
        }
    }
}
