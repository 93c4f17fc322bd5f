/// Recognises field names without regard to case.
///
/// The length of a name leaves few guesses, so no table is searched and nothing is allocated.
extension FieldName {
    init(recognising range: Range<Int>, in bytes: Span<UInt8>) {
        self = .other
        switch range.count {
        case 4: take(.host, "host", range, bytes)
        case 6:
            take(.accept, "accept", range, bytes)
            take(.expect, "expect", range, bytes)
            take(.origin, "origin", range, bytes)
        case 10:
            take(.connection, "connection", range, bytes)
            take(.requestID, "request-id", range, bytes)
        case 12: take(.contentType, "content-type", range, bytes)
        case 14: take(.contentLength, "content-length", range, bytes)
        case 15: take(.acceptEncoding, "accept-encoding", range, bytes)
        case 16: take(.contentEncoding, "content-encoding", range, bytes)
        case 17: take(.transferEncoding, "transfer-encoding", range, bytes)
        case 29: take(.accessControlRequestMethod, "access-control-request-method", range, bytes)
        case 30: take(.accessControlRequestHeaders, "access-control-request-headers", range, bytes)
        default: break
        }
    }

    @inline(__always)
    private mutating func take(
        _ name: FieldName, _ spelling: String, _ range: Range<Int>, _ bytes: Span<UInt8>
    ) {
        if bytes.equals(range, ignoringCase: spelling) { self = name }
    }
}
