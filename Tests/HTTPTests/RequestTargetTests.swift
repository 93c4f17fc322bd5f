import HTTP
import Testing

private func parts(_ text: String, method: HTTP.Method = .get) throws(HTTPError) -> RequestTarget {
    let wire = bytes(text)
    return try RequestTarget(wire.indices, in: wire.span, method: method)
}

private func segments(_ text: String) throws(HTTPError) -> [String] {
    let wire = bytes(text)
    var cursor = try parts(text).segments
    var texts: [String] = []
    while let segment = cursor.next(in: wire.span) {
        texts.append(try segment.string(in: wire.span))
    }
    return texts
}

private func pairs(_ text: String) throws(HTTPError) -> [String] {
    let wire = bytes(text)
    var cursor = try parts(text).queryPairs
    var texts: [String] = []
    while let pair = cursor.next(in: wire.span) {
        let name = try pair.name.string(in: wire.span)
        let value = try pair.value.string(in: wire.span)
        texts.append(name + "=" + value)
    }
    return texts
}

@Suite("A request target")
struct RequestTargetTests {
    @Test(
        "is cut at raw slashes, and each segment is decoded once",
        arguments: [
            ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/?x/y", [""]),
            ("/v1/topics/or%64ers", ["v1", "topics", "orders"]), ("/a%2Fb/c", ["a/b", "c"]),
            ("/a%252F", ["a%2F"]), ("/%7E/~", ["~", "~"]), ("/a+b", ["a+b"]),
            ("/%c3%A9", ["\u{e9}"]), ("/../%2e%2e", ["..", ".."]), ("/a\\b", ["a\\b"]),
            ("http://h", [""]), ("http://h/", [""]), ("http://h?a/b", [""]),
            ("https://[::1]:1/a/b", ["a", "b"]),
        ])
    func cutsPaths(_ text: String, _ expected: [String]) throws {
        #expect(try segments(text) == expected)
        let target = try parts(text)
        #expect(target.segmentCount(in: bytes(text).span) == expected.count)
        for (number, segment) in expected.enumerated() {
            let found = try target.segment(at: number, equals: segment, in: bytes(text).span)
            #expect(found)
            let longer = try target.segment(at: number, equals: segment + "x", in: bytes(text).span)
            #expect(!longer)
        }
        #expect(target.segment(at: expected.count, in: bytes(text).span) == nil)
    }

    @Test(
        "with a bad escape, an escaped NUL or text that is not UTF-8 is refused when it is read",
        arguments: [
            "/%", "/%2", "/%2/", "/%zz", "/%0g", "/%00", "/%ff", "/%c3", "/%c0%af", "/%ed%a0%80",
            "/a%+20",
        ])
    func refusesEscapes(_ text: String) {
        #expect(throws: HTTPError.badTarget) { try segments(text) }
        let query = "/?" + text.dropFirst()
        #expect(throws: HTTPError.badTarget) { try pairs(query) }
        let value = "/?x=" + text.dropFirst()
        #expect(throws: HTTPError.badTarget) { try pairs(value) }
    }

    @Test(
        "has pairs of names and values in its query",
        arguments: [
            ("/", []), ("/?", []), ("/?&&", []), ("/?a", ["a="]), ("/?a=", ["a="]),
            ("/?=b", ["=b"]), ("/?a=b=c", ["a=b=c"]), ("/?a=1&b=2&a=3", ["a=1", "b=2", "a=3"]),
            ("/?a+b=c+d", ["a b=c d"]), ("/?a=%2B%26%3d", ["a=+&="]),
            ("/?a=?&b=/", ["a=?", "b=/"]),
            ("http://h?a=1&", ["a=1"]),
        ])
    func readsQueries(_ text: String, _ expected: [String]) throws {
        #expect(try pairs(text) == expected)
    }

    @Test(
        "shows its form and whom it is for",
        arguments: [
            ("/a?b", .get, .origin, ""), ("http://h:1/a", .get, .absolute, "h:1"),
            ("*", .options, .asterisk, ""), ("h:1", .connect, .authority, "h:1"),
        ] as [(String, HTTP.Method, RequestTarget.Form, String)])
    func showsForm(
        _ text: String, _ method: HTTP.Method, _ form: RequestTarget.Form, _ authority: String
    ) throws {
        let target = try parts(text, method: method)
        #expect(target.form == form)
        #expect(String(decoding: bytes(text)[target.authority], as: UTF8.self) == authority)
    }

    @Test("compares the whole of a text, and refuses a bad escape even behind a difference")
    func comparesWhole() throws {
        let wire = bytes("/ab%zz")
        let target = try parts("/ab%zz")
        #expect(throws: HTTPError.badTarget) {
            try target.segment(at: 0, equals: "x", in: wire.span)
        }
        let plain = try parts("/ab").segment(at: 0, in: wire.span)
        #expect(plain?.isPlain(in: wire.span) == true)
        let isPrefixEqual = try plain?.equals("a", in: wire.span)
        #expect(isPrefixEqual == false)
    }
}
