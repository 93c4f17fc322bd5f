import Bytes

/// What the fields of a head say about where the body ends and whether the connection lives on.
///
/// A message whose end two readers could see at two places is refused (RFC 9112, sections 6 and 9.3).
struct MessageFraming {
    private var contentLength: Int?
    private var isChunked = false
    private var asksToClose = false
    private var asksToKeepAlive = false

    /// Takes a field line into account, if it is one of the three that matter here.
    mutating func note(
        _ line: FieldLine, in bytes: Span<UInt8>, version: HTTPVersion
    ) throws(HTTPError) {
        switch line.name {
        case .contentLength: try noteLength(line.value, bytes)
        case .transferEncoding: try noteCodings(line.value, bytes, version)
        case .connection: noteConnection(line.value, bytes)
        default: break
        }
    }

    /// The framing that the fields ask for, or nil if they do not say.
    var declared: BodyFraming? {
        if isChunked { return .chunked }
        return contentLength.map(BodyFraming.length)
    }

    func keepsAlive(version: HTTPVersion) -> Bool {
        !asksToClose && (version == .http11 || asksToKeepAlive)
    }

    // A second length is refused even if it is the same: RFC 9112 lets us, and no client needs it.
    private mutating func noteLength(
        _ value: Range<Int>, _ bytes: Span<UInt8>
    ) throws(HTTPError) {
        guard contentLength == nil, !value.isEmpty else { throw .badContentLength }
        guard !isChunked else { throw .badTransferEncoding }
        var length = 0
        for index in value {
            guard bytes[index].isDigit else { throw .badContentLength }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[index] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw .badContentLength }
            length = sum
        }
        contentLength = length
    }

    // `chunked` alone is accepted. A length beside it, a second field, HTTP/1.0, or `chunked`
    // anywhere but once at the end is an attack or a fault; other codings are only unknown here.
    private mutating func noteCodings(
        _ value: Range<Int>, _ bytes: Span<UInt8>, _ version: HTTPVersion
    ) throws(HTTPError) {
        guard !isChunked, contentLength == nil, version == .http11 else {
            throw .badTransferEncoding
        }
        var knowsAll = true
        var list = ListCursor(value)
        while let element = list.next(in: bytes) {
            guard !isChunked else { throw .badTransferEncoding }
            let end = bytes.tokenEnd(from: element.lowerBound, to: element.upperBound)
            guard end > element.lowerBound else { throw .badTransferEncoding }
            isChunked = bytes.equals(element.lowerBound..<end, ignoringCase: "chunked")
            if end == element.upperBound {
                if !isChunked { knowsAll = false }
            } else {
                // Only an unknown coding may go on with parameters.
                let next = bytes[end]
                let hasParameters = next.isBlank || next == UInt8(ascii: ";")
                guard !isChunked, hasParameters else { throw .badTransferEncoding }
                knowsAll = false
            }
        }
        guard knowsAll else { throw .unsupportedTransferEncoding }
    }

    private mutating func noteConnection(_ value: Range<Int>, _ bytes: Span<UInt8>) {
        var list = ListCursor(value)
        while let option = list.next(in: bytes) {
            if bytes.equals(option, ignoringCase: "close") { asksToClose = true }
            if bytes.equals(option, ignoringCase: "keep-alive") { asksToKeepAlive = true }
        }
    }
}

extension FieldLine {
    /// The place of the name as most callers want it.
    package var fieldName: Range<Int> { Int(nameRange.lowerBound)..<Int(nameRange.upperBound) }

    /// The place of the value as most callers want it.
    package var value: Range<Int> { Int(valueRange.lowerBound)..<Int(valueRange.upperBound) }
}
