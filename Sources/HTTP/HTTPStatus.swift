/// The statuses that are answered, each with the line it makes.
package enum HTTPStatus: Int, CaseIterable, Sendable {
    case continues = 100
    case ok = 200
    case created = 201
    case accepted = 202
    case noContent = 204
    case multiStatus = 207
    case notModified = 304
    case permanentRedirect = 308
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case notAcceptable = 406
    case requestTimeout = 408
    case conflict = 409
    case gone = 410
    case lengthRequired = 411
    case preconditionFailed = 412
    case contentTooLarge = 413
    case uriTooLong = 414
    case unsupportedMediaType = 415
    case expectationFailed = 417
    case unprocessableContent = 422
    case tooManyRequests = 429
    case requestHeaderFieldsTooLarge = 431
    case internalServerError = 500
    case notImplemented = 501
    case badGateway = 502
    case serviceUnavailable = 503
    case gatewayTimeout = 504
    case httpVersionNotSupported = 505
    case insufficientStorage = 507
}

extension HTTPStatus {
    package var code: Int { rawValue }

    /// `HTTP/1.1 200 OK`, with its line end.
    package var line: [UInt8] { Self.lines[rawValue - Self.firstCode] }

    /// Whether an answer with this status has a body, even an empty one (RFC 9112, section 6.3).
    package var allowsBody: Bool { rawValue >= 200 && self != .noContent && self != .notModified }

    private static let firstCode = 100

    /// The lines by code; the codes that are not answered have empty ones.
    private static let lines: [[UInt8]] = {
        var lines = [[UInt8]](repeating: [], count: 500)
        for status in allCases {
            lines[status.rawValue - firstCode] = Array(
                "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n".utf8)
        }
        return lines
    }()

    package var reason: String {
        switch self {
        case .continues: "Continue"
        case .ok: "OK"
        case .created: "Created"
        case .accepted: "Accepted"
        case .noContent: "No Content"
        case .multiStatus: "Multi-Status"
        case .notModified: "Not Modified"
        case .permanentRedirect: "Permanent Redirect"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .notAcceptable: "Not Acceptable"
        case .requestTimeout: "Request Timeout"
        case .conflict: "Conflict"
        case .gone: "Gone"
        case .lengthRequired: "Length Required"
        case .preconditionFailed: "Precondition Failed"
        case .contentTooLarge: "Content Too Large"
        case .uriTooLong: "URI Too Long"
        case .unsupportedMediaType: "Unsupported Media Type"
        case .expectationFailed: "Expectation Failed"
        case .unprocessableContent: "Unprocessable Content"
        case .tooManyRequests: "Too Many Requests"
        case .requestHeaderFieldsTooLarge: "Request Header Fields Too Large"
        case .internalServerError: "Internal Server Error"
        case .notImplemented: "Not Implemented"
        case .badGateway: "Bad Gateway"
        case .serviceUnavailable: "Service Unavailable"
        case .gatewayTimeout: "Gateway Timeout"
        case .httpVersionNotSupported: "HTTP Version Not Supported"
        case .insufficientStorage: "Insufficient Storage"
        }
    }
}
