/// What can be wrong with compressed bytes.
package enum DeflateError: Error, Equatable, Sendable {
    /// Not of the format, a wrong check sum, or something behind the end.
    case badData
    /// The bytes would become more than the limit.
    case tooLarge(limit: Int)
    /// The end is missing.
    case truncated
}
