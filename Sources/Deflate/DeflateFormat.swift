/// How compressed bytes are wrapped.
package enum DeflateFormat: Equatable, Sendable {
    /// RFC 1952.
    case gzip
    /// RFC 1950, which HTTP calls `deflate`.
    case zlib
    /// RFC 1951, without any wrapping.
    case raw

    /// zlib's word for the format, with its largest window.
    var windowBits: Int32 {
        switch self {
        case .gzip: 15 + 16
        case .zlib: 15
        case .raw: -15
        }
    }
}
