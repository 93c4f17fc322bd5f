import Bytes
import HTTP

/// An RFC 9457 problem.
///
/// `code` is the stable word that programs look at; it is never used again for something else.
package struct Problem: Sendable {
    /// What is wrong with one parameter or one place of a body.
    struct Fault: Equatable, Sendable {
        let place: String
        let detail: String
    }

    /// What became of what was asked.
    package enum Outcome: String, Sendable { case none, done, unknown }

    let status: HTTPStatus
    let code: String
    let title: String
    let detail: String
    var isRetryable = false
    var outcome = Outcome.none
    var faults: [Fault] = []
    /// Further members that a program may use to go on.
    var members: [(name: String, value: String)] = []
    var retryAfterSeconds: Int?
    /// Field lines that explain the refusal, such as `Allow`.
    var fields: [(name: StaticString, value: String)] = []
    /// Whether the connection cannot go on after it.
    var closes = false

    init(_ status: HTTPStatus, _ code: String, _ title: String, _ detail: String) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    static let contentType = "application/problem+json"

    /// The answer that says so; `path` is what the client asked for, if that could be read.
    func response(path: String?, requestID: [UInt8]) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("type", "urn:posthorn:problem:\(code)")
        json.member("title", title)
        json.member("status", status.code)
        json.member("detail", detail)
        if let path { json.member("instance", path) }
        json.member("code", code)
        json.member("retryable", isRetryable)
        json.member("outcome", outcome.rawValue)
        json.member("request_id", String(decoding: requestID, as: UTF8.self))
        for extra in members { json.member(extra.name, extra.value) }
        if !faults.isEmpty { write(faults, to: &json) }
        json.endObject()

        var response = Response(status)
        json.endLine()
        response.setBody(json.finish())
        response.add("Content-Type", Self.contentType)
        response.add("Cache-Control", "no-store")
        if let seconds = retryAfterSeconds { response.add("Retry-After", "\(seconds)") }
        for field in fields { response.add(field.name, field.value) }
        response.closes = closes
        return response
    }

    private func write(_ faults: [Fault], to json: inout JSONWriter) {
        json.key("errors")
        json.beginArray()
        for fault in faults {
            json.beginObject()
            json.member("place", fault.place)
            json.member("detail", fault.detail)
            json.endObject()
        }
        json.endArray()
    }
}

extension Problem {
    /// Gives an error its HTTP status; no other code does.
    ///
    /// There is no `default`, so a new error does not compile until it has a status.
    init(_ error: GatewayError) {
        switch error {
        case .noSuchResource:
            self.init(.notFound, "not_found", "Not found", "Nothing has this path.")
        case .methodNotAllowed(let allow):
            self.init(
                .methodNotAllowed, "method_not_allowed", "Method not allowed",
                "This path serves \(allow).")
            fields = [("Allow", allow)]
        case .invalidTarget:
            self.init(
                .badRequest, "invalid_target", "Invalid target",
                "The path or the query holds an escape that is none, or is not UTF-8.")
        case .unknownParameters(let names):
            self.init(
                .badRequest, "unknown_parameter", "Unknown parameter",
                "This path has no query parameter \(names.joined(separator: ", ")).")
            faults = names.map { Fault(place: $0, detail: "unknown query parameter") }
        case .repeatedParameters(let names):
            self.init(
                .badRequest, "repeated_parameter", "Repeated parameter",
                "A query names \(names.joined(separator: ", ")) once.")
            faults = names.map { Fault(place: $0, detail: "repeated query parameter") }
        case .unknownFields(let names):
            self.init(
                .badRequest, "unknown_header", "Unknown header",
                "This path has no option \(names.joined(separator: ", ")).")
            faults = names.map { Fault(place: $0, detail: "unknown header field") }
        case .repeatedFields(let names):
            self.init(
                .badRequest, "repeated_header", "Repeated header",
                "A request has \(names.joined(separator: ", ")) once.")
            faults = names.map { Fault(place: $0, detail: "repeated header field") }
        case .notAcceptable(let produces):
            self.init(
                .notAcceptable, "not_acceptable", "Not acceptable",
                """
                The answer would be \(produces.joined(separator: " or ")), which the Accept \
                fields exclude.
                """)
        case .unsupportedMediaType(let accepts):
            self.init(
                .unsupportedMediaType, "unsupported_media_type", "Unsupported media type",
                "Send \(accepts.joined(separator: " or ")).")
        case .unsupportedContentCoding:
            self.init(
                .unsupportedMediaType, "unsupported_content_encoding",
                "Unsupported content encoding", "Send the body plain, or as gzip or deflate.")
            fields = [("Accept-Encoding", "gzip, deflate")]
        case .lengthRequired:
            self.init(
                .lengthRequired, "length_required", "Length required",
                "Send a Content-Length, or the body in chunks.")
        case .unsupportedExpectation:
            self.init(
                .expectationFailed, "unsupported_expectation", "Unsupported expectation",
                "The one expectation here is 100-continue.")
        case .slowRequest:
            self.init(
                .requestTimeout, "slow_request", "Slow request",
                "The request did not arrive in the time that /v1/limits allows.")
            isRetryable = true
            closes = true
        case .tooManyConnections(let limit):
            self.init(
                .serviceUnavailable, "too_many_connections", "Too many connections",
                "\(limit) connections are open, and no more are taken.")
            isRetryable = true
            retryAfterSeconds = 1
            closes = true
        case .draining:
            self.init(
                .serviceUnavailable, "draining", "Draining",
                "This process is about to stop; others go on.")
            isRetryable = true
            retryAfterSeconds = 1
        case .body(let error): self.init(error)
        case .topic(let error): self.init(error)
        case .group(let error): self.init(error)
        case .work(let error): self.init(error)
        case .publish(let error): self.init(error)
        case .read(let error): self.init(error)
        case .http(let error): self.init(error)
        }
    }

    /// The bytes are wrong: mostly, what follows them cannot be trusted to be a request.
    private init(_ error: HTTPError) {
        switch error {
        case .badRequestLine: self.init(malformed: "The request line is not one of HTTP/1.1.")
        case .badTarget:
            self.init(
                .badRequest, "invalid_target", "Invalid target",
                "The target holds a character or an escape that no target may hold.")
        case .targetTooLong(let limit):
            self.init(
                .uriTooLong, "target_too_long", "Target too long",
                "A target has at most \(limit) bytes.")
        case .unsupportedVersion:
            self.init(
                .httpVersionNotSupported, "unsupported_version", "Unsupported version",
                "This service speaks HTTP/1.1 and HTTP/1.0.")
        case .badField: self.init(malformed: "A header field is not `name: value` on one line.")
        case .fieldsTooLarge(let limit):
            self.init(
                .requestHeaderFieldsTooLarge, "headers_too_large", "Headers too large",
                "All header fields together have at most \(limit) bytes.")
        case .tooManyFields(let limit):
            self.init(
                .requestHeaderFieldsTooLarge, "too_many_headers", "Too many headers",
                "A request has at most \(limit) header fields.")
        case .badHost: self.init(malformed: "HTTP/1.1 needs exactly one Host field, well formed.")
        case .badContentLength:
            self.init(malformed: "Content-Length is not one decimal number.")
        case .badTransferEncoding:
            self.init(malformed: "Transfer-Encoding is not `chunked` alone, without a length.")
        case .unsupportedTransferEncoding:
            self.init(
                .notImplemented, "unsupported_transfer_encoding",
                "Unsupported transfer encoding", "The one transfer encoding here is chunked.")
        case .badChunk: self.init(malformed: "The chunks of the body are not well formed.")
        case .bodyTooLarge(let limit):
            self.init(
                .contentTooLarge, "body_too_large", "Body too large",
                "A body has at most \(limit) bytes, before and after decompression.")
        case .badContentCoding:
            self.init(
                .badRequest, "invalid_content_encoding", "Invalid content encoding",
                "The body is not what its Content-Encoding says.")
        case .badStatusLine: self.init(malformed: "This is an answer, not a request.")
        }
        closes = !error.keepsFraming
    }

    private init(malformed detail: String) {
        self.init(.badRequest, "malformed_request", "Malformed request", detail)
    }
}
