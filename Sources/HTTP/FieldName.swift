/// The field names that the product looks for; every other name is `other`.
package enum FieldName: UInt8, Sendable {
    case other
    case accept, acceptEncoding, connection, contentEncoding, contentLength, contentType, expect
    case host, origin, requestID, transferEncoding
    case accessControlRequestHeaders, accessControlRequestMethod
}
