/// A Content-Type taken apart: its type, as a place in the bytes, and its charset.
package struct MediaType: Equatable, Sendable {
    package enum Charset: Equatable, Sendable { case absent, utf8, other }

    /// `type/subtype`, without parameters.
    package private(set) var essence: Range<Int>
    package private(set) var charset = Charset.absent

    /// Reads the value of a Content-Type field.
    package init(_ value: Range<Int>, in bytes: Span<UInt8>) throws(HTTPError) {
        var cursor = ValueCursor(value)
        let main = try cursor.token(bytes)
        guard cursor.take(UInt8(ascii: "/"), bytes) else { throw .badField }
        essence = main.lowerBound..<(try cursor.token(bytes)).upperBound
        while let parameter = try cursor.nextParameter(bytes) {
            guard bytes.equals(parameter.name, ignoringCase: "charset") else { continue }
            note(parameter.value, bytes)
        }
        guard cursor.isAtEnd else { throw .badField }
    }

    // Two charsets that differ are no UTF-8, whichever comes first.
    private mutating func note(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        let isUTF8 =
            bytes.equals(value, ignoringCase: "utf-8") || bytes.equals(value, ignoringCase: "utf8")
        charset = isUTF8 && charset != .other ? .utf8 : .other
    }

    /// Whether this is `type`, which is written in lower case.
    package func isType(_ type: String, in bytes: Span<UInt8>) -> Bool {
        bytes.equals(essence, ignoringCase: type)
    }

    /// Whether the subtype ends with `suffix` (`+json`), which is written in lower case.
    package func hasSuffix(_ suffix: String, in bytes: Span<UInt8>) -> Bool {
        let size = suffix.utf8.count
        guard essence.count > size else { return false }
        let end = essence.upperBound
        return bytes.equals(end - size..<end, ignoringCase: suffix)
    }
}
