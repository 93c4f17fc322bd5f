import HTTP
import Testing

/// A head that has only these fields, and its bytes.
private func head(_ fields: [String]) throws(HTTPError) -> (RequestHead, [UInt8]) {
    let lines = fields.map { $0 + "\r\n" }.joined()
    let wire = bytes("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n")
    var parser = RequestParser(limits: HTTPLimits())
    _ = try parser.advance(over: wire.span)
    return (parser.head, wire)
}

private func weight(of type: String, _ fields: [String]) throws(HTTPError) -> Int {
    let (head, wire) = try head(fields)
    return try AcceptHeader.weight(of: type, head, in: wire.span)
}

private func chooseCoding(_ fields: [String]) throws(HTTPError) -> String {
    let (head, wire) = try head(fields)
    switch try AcceptEncoding.choose(head, in: wire.span) {
    case .plain: return "identity"
    case .coded(let coding): return coding.name
    case nil: return "none"
    }
}

@Suite("Negotiation")
struct NegotiationTests {
    @Test(
        "finds how much a client wants JSON",
        arguments: [
            ([], 1000), (["Accept:"], 1000), (["Accept: */*"], 1000), (["Accept: *"], 1000),
            (["Accept: application/json"], 1000), (["Accept: APPLICATION/Json"], 1000),
            (["Accept: application/*"], 1000), (["Accept: text/html"], 0),
            (["Accept: application/jsonx"], 0), (["Accept: application/jso"], 0),
            (["Accept: applicatio/*"], 0), (["Accept: application/json;q=0"], 0),
            (["Accept: */*;q=0.001"], 1), (["Accept: */*;q=1.000"], 1000),
            (["Accept: */*;q=0."], 0), (["Accept: text/html, *; q=.2, */*; q=.2"], 200),
            (["Accept: application/json;q=0.1, */*"], 100),
            (["Accept: application/*;q=0.3,*/*;q=0.9"], 300),
            (["Accept: text/html", "accept: application/json;q=0.5"], 500),
            (["Accept: application/json;version=\"1;,\\\"\" ; Q=0.5 ,"], 500),
            (["Accept: application/json;;q=0.5;"], 500),
            (["Accept: , application/json;a=b, application/json;q=0.1"], 1000),
        ] as [([String], Int)])
    func weighsTypes(_ fields: [String], _ expected: Int) throws {
        #expect(try weight(of: "application/json", fields) == expected)
        let (head, wire) = try head(fields)
        let accepts = try AcceptHeader.accepts(type: "application/json", head, in: wire.span)
        #expect(accepts == (expected > 0))
    }

    @Test(
        "refuses an Accept that is none",
        arguments: [
            "text", "text/", "/html", "text/html;q", "text/html;q=", "text/html;q=2",
            "text/html;q=1.001", "text/html;q=0.1234", "text/html;q=x", "text/html;q=-1",
            "text/html text/plain", "text/html;a=\"", "text/html;a=\"\\", "text/html;=a", "a/b/c",
            "text/html;q=0.5 x",
        ])
    func refusesTypes(_ value: String) {
        #expect(throws: HTTPError.badField) { try weight(of: "text/html", ["Accept: " + value]) }
    }

    @Test("prefers the type with the greatest weight, then the first")
    func prefers() throws {
        let types = ["application/json", "text/event-stream", "application/x-ndjson"]
        func best(_ fields: [String]) throws(HTTPError) -> Int? {
            let (head, wire) = try head(fields)
            return try AcceptHeader.best(of: types, head, in: wire.span)
        }
        #expect(try best([]) == 0)
        #expect(try best(["Accept: */*;q=0.1, text/event-stream"]) == 1)
        #expect(try best(["Accept: application/*"]) == 0)
        #expect(try best(["Accept: application/json;q=0.2, application/*"]) == 2)
        #expect(try best(["Accept: image/png"]) == nil)
    }

    @Test(
        "picks the coding of an answer",
        arguments: [
            ([], "identity"), (["Accept-Encoding:"], "identity"),
            (["Accept-Encoding: gzip"], "gzip"),
            (["Accept-Encoding: deflate, GZIP, br"], "gzip"), (["Accept-Encoding: x-gzip"], "gzip"),
            (["Accept-Encoding: gzip;q=0.5, deflate"], "deflate"), (["Accept-Encoding: *"], "gzip"),
            (["Accept-Encoding: gzip;q=0, *"], "deflate"), (["Accept-Encoding: br"], "identity"),
            (["Accept-Encoding: gzip;q=0.5, identity"], "identity"),
            (["Accept-Encoding: gzip, identity"], "gzip"),
            (["Accept-Encoding: gzip;q=0"], "identity"),
            (["Accept-Encoding: gzip;q=0.001"], "gzip"),
            (["Accept-Encoding: identity;q=0"], "none"), (["Accept-Encoding: *;q=0"], "none"),
            (["Accept-Encoding: br, identity;q=0"], "none"),
            (["Accept-Encoding: *;q=0, deflate"], "deflate"),
            (["Accept-Encoding: *;q=0, identity;q=0.1"], "identity"),
            (["Accept-Encoding: identity;q=0", "Accept-Encoding: deflate;q=0.1"], "deflate"),
        ] as [([String], String)])
    func picksCoding(_ fields: [String], _ expected: String) throws {
        #expect(try chooseCoding(fields) == expected)
    }

    @Test(
        "refuses an Accept-Encoding that is none", arguments: ["gzip;q=2", "g zip", "gzip;q", "é"])
    func refusesCodings(_ value: String) {
        #expect(throws: HTTPError.badField) { try chooseCoding(["Accept-Encoding: " + value]) }
    }

    @Test(
        "knows the coding of a body",
        arguments: [
            ([], .plain), (["identity"], .plain), ([""], .plain), (["GZip"], .coded(.gzip)),
            (["x-gzip"], .coded(.gzip)), (["deflate"], .coded(.deflate)), (["br"], .unsupported),
            (["gzip, gzip"], .unsupported), (["gzip", "deflate"], .unsupported),
            (["identity, gzip"], .coded(.gzip)), (["br, gzip"], .unsupported),
        ] as [([String], ContentEncoding)])
    func knowsCoding(_ values: [String], _ expected: ContentEncoding) throws {
        let (head, wire) = try head(values.map { "Content-Encoding: " + $0 })
        #expect(ContentEncoding(head, in: wire.span) == expected)
    }

    @Test(
        "reads a media type and its charset",
        arguments: [
            ("application/json", .absent), ("APPLICATION/JSON", .absent),
            ("application/json;charset=utf-8", .utf8),
            ("application/json; charset=\"UTF-8\"", .utf8),
            ("application/json ; a=b;CharSet=Utf8;", .utf8),
            ("application/json;charset=utf-16", .other),
            ("application/json;charset=latin1", .other),
            ("application/json;charset=utf-8;charset=utf-16", .other),
            ("application/json;charset=utf-16;charset=utf-8", .other),
        ] as [(String, MediaType.Charset)])
    func readsMediaTypes(_ text: String, _ charset: MediaType.Charset) throws {
        let wire = bytes(text)
        let type = try MediaType(wire.indices, in: wire.span)
        let (isJSON, isShorter) = (
            type.isType("application/json", in: wire.span),
            type.isType("application/jso", in: wire.span)
        )
        #expect(isJSON && !isShorter)
        #expect(type.charset == charset)
    }

    @Test("knows the suffix of a media type")
    func knowsSuffix() throws {
        let wire = bytes("application/cloudevents+JSON; a=b")
        let type = try MediaType(wire.indices, in: wire.span)
        let (isJSON, isBatch) = (
            type.hasSuffix("+json", in: wire.span), type.hasSuffix("-batch+json", in: wire.span)
        )
        #expect(isJSON && !isBatch)
    }

    @Test(
        "refuses a media type that is none",
        arguments: [
            "", "json", "application/", "/json", "application/json x",
            "application/json, text/html",
            "application/json;charset", "application/json;charset=", "application/json;charset=\"a",
            "application /json",
        ])
    func refusesMediaTypes(_ text: String) {
        let wire = bytes(text)
        #expect(throws: HTTPError.badField) { try MediaType(wire.indices, in: wire.span) }
    }
}
