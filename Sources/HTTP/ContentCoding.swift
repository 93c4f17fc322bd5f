/// The content codings that are understood; a body without one is plain.
package enum ContentCoding: UInt8, CaseIterable, Sendable {
    case gzip, deflate

    /// The name in a field.
    package var name: String {
        switch self {
        case .gzip: "gzip"
        case .deflate: "deflate"
        }
    }

    /// Recognises a name in any case; `x-gzip` is gzip's old one (RFC 9110, section 8.4.1.3).
    init?(recognising range: Range<Int>, in bytes: Span<UInt8>) {
        if bytes.equals(range, ignoringCase: "gzip")
            || bytes.equals(range, ignoringCase: "x-gzip")
        {
            self = .gzip
        } else if bytes.equals(range, ignoringCase: "deflate") {
            self = .deflate
        } else {
            return nil
        }
    }
}

/// What the Content-Encoding fields of a message say.
package enum ContentEncoding: Equatable, Sendable {
    case plain
    case coded(ContentCoding)
    /// A coding that is not known, or more than one.
    case unsupported

    package init(_ head: RequestHead, in bytes: Span<UInt8>) {
        self = .plain
        for field in head.fields where field.name == .contentEncoding {
            var list = ListCursor(field.value)
            while let name = list.next(in: bytes) { add(name, bytes) }
        }
    }

    private mutating func add(_ name: Range<Int>, _ bytes: Span<UInt8>) {
        if name.isEmpty || bytes.equals(name, ignoringCase: "identity") { return }
        if self == .plain, let coding = ContentCoding(recognising: name, in: bytes) {
            self = .coded(coding)
        } else {
            self = .unsupported
        }
    }
}
