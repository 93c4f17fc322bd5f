import Bytes

/// Whether a client has the representation already, by its If-None-Match (RFC 9110, section 13.1.2).
///
/// The comparison is the weak one: a tag that was weakened on its way, as by compression, matches. A
/// list that nobody can read matches nothing, so that the client gets the whole.
enum IfNoneMatch {
    /// `opaque` is the tag with its quotes.
    static func matches(
        _ value: Range<Int>, _ opaque: Span<UInt8>, in bytes: Span<UInt8>
    ) -> Bool {
        var cursor = TagCursor(value)
        if cursor.isStar(bytes) { return true }
        var isFound = false
        do throws(HTTPError) {
            while let tag = try cursor.next(bytes) {
                isFound = isFound || bytes.equals(tag, opaque)
            }
        } catch {
            return false
        }
        return isFound
    }

    /// Walks a list of entity tags, each without its `W/`; a comma may stand inside one.
    private struct TagCursor {
        private var cursor: ValueCursor
        private let value: Range<Int>

        init(_ value: Range<Int>) {
            self.value = value
            cursor = ValueCursor(value)
        }

        func isStar(_ bytes: Span<UInt8>) -> Bool {
            value.count == 1 && bytes[value.lowerBound] == UInt8(ascii: "*")
        }

        mutating func next(_ bytes: Span<UInt8>) throws(HTTPError) -> Range<Int>? {
            guard cursor.nextElement(bytes) else { return nil }
            if cursor.take(UInt8(ascii: "W"), bytes) {
                guard cursor.take(UInt8(ascii: "/"), bytes) else { throw .badField }
            }
            let start = cursor.position
            guard cursor.take(.quote, bytes) else { throw .badField }
            while cursor.position < value.upperBound, isTagByte(bytes[cursor.position]) {
                _ = cursor.take(bytes[cursor.position], bytes)
            }
            guard cursor.take(.quote, bytes) else { throw .badField }
            let tag = start..<cursor.position
            try cursor.endElement(bytes)
            return tag
        }

        private func isTagByte(_ byte: UInt8) -> Bool {
            byte > 0x20 && byte != .quote && byte != 0x7F
        }
    }
}

extension Request {
    /// Whether the client has the representation with that tag, which stands in its quotes.
    package func matches(etag: String) -> Bool {
        guard has(.ifNoneMatch) else { return false }
        let bytes = source
        for field in fields(.ifNoneMatch)
        where IfNoneMatch.matches(field.value, etag.utf8.span, in: bytes.span) {
            return true
        }
        return false
    }
}
