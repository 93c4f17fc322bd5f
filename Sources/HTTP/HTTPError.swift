/// What is wrong with the bytes of a message, with the limit in it where one was passed.
package enum HTTPError: Error, Equatable, Sendable {
    case badRequestLine
    case badTarget
    case targetTooLong(limit: Int)
    case unsupportedVersion
    case badField
    case fieldsTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case badHost
    case badContentLength
    /// Also a length and a transfer coding in one message.
    case badTransferEncoding
    case unsupportedTransferEncoding
    case badChunk
    case bodyTooLarge(limit: Int)
    case badContentCoding
    case badStatusLine

    /// Whether the message was read to its end, so that another may follow it.
    package var keepsFraming: Bool { self == .badContentCoding }
}
