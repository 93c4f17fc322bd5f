import HTTP
import Testing

@Suite("A tag that a client has")
struct ETagTests {
    private static let rows: [([String], Bool)] = [
        ([], false), ([""], false), (["\"a\""], true), (["W/\"a\""], true), (["*"], true),
        (["\"b\""], false), (["\"A\""], false), (["\"b\", \"a\""], true),
        (["\"b\",W/\"c\" , W/\"a\""], true), (["\"b\"", "\"a\""], true),
        (["\"a,\", \"x\""], false), (["\"x,\"a\""], false), (["\"x,\\\", \"a\""], true),
        (["\"x, y\", \"a\""], false),
        ([", ,\"a\","], true), (["a"], false), (["\"a"], false), (["a\""], false),
        (["w/\"a\""], false),
        (["W\"a\""], false), (["\"a\" \"b\""], false), (["\"a\"x"], false),
        (["\"a b\", \"a\""], false),
        (["*, \"a\""], false), (["\"\""], false), (["\"\u{e9}\", \"a\""], true), (["W/"], false),
        (["W"], false), (["\""], false),
    ]

    @Test(
        "is found in any list of tags, by the weak comparison, wherever it is cut", arguments: rows)
    func found(_ values: [String], _ expected: Bool) throws {
        let fields = values.map { "If-None-Match: " + $0 }
        let wire = ParsedRequest.wire(fields)
        for cuts in wire.indices.map({ [$0] }) + [[]] {
            let request = try ParsedRequest(wire, cuts: cuts).request
            #expect(request.matches(etag: "\"a\"") == expected)
        }
    }

    @Test("leaves of an answer what a cache needs, and no body")
    func notModified() {
        var response = Response(.ok)
        response.add("Content-Type", "text/plain")
        response.setETag("x-1")
        response.add("Cache-Control", "max-age=9")
        response.add("ETags", "none")
        response.add("Vary", "Accept")
        response.setBody(bytes("long"))
        response.closes = true
        let short = response.notModified()
        #expect(short.status == .notModified)
        #expect(short.body.isEmpty)
        #expect(short.closes)
        let fields = String(decoding: short.fields, as: UTF8.self)
        #expect(fields == "ETag: \"x-1\"\r\nCache-Control: max-age=9\r\nVary: Accept\r\n")
        response.weakenETag()
        #expect(
            String(decoding: response.fields, as: UTF8.self).contains("\r\nETag: W/\"x-1\"\r\n"))
    }
}
