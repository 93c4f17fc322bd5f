import HTTP
import Testing

@Test(
    "A date is an IMF-fixdate",
    arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_795_252_666, "Sat, 21 Nov 2026 09:17:46 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] as [(Int64, String)])
func date(_ seconds: Int64, _ expected: String) {
    var line: [UInt8] = []
    HTTPDate.append(seconds, to: &line)
    #expect(String(decoding: line, as: UTF8.self) == expected)
    #expect(HTTPDate.seconds(of: line[...]) == seconds)
}

@Test(
    "What is no IMF-fixdate is no date",
    arguments: [
        "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT ", "Wed, 30 Feb 2000 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 199x 08:49:37 GMT",
    ])
func noDate(_ text: String) { #expect(HTTPDate.seconds(of: bytes(text)[...]) == nil) }

@Test("Every status has a line of its own, and the ones without a body are known")
func statusLines() {
    #expect(HTTPStatus.ok.line == bytes("HTTP/1.1 200 OK\r\n"))
    #expect(HTTPStatus.insufficientStorage.line == bytes("HTTP/1.1 507 Insufficient Storage\r\n"))
    for status in HTTPStatus.allCases {
        #expect(status.line.starts(with: bytes("HTTP/1.1 \(status.code) \(status.reason)\r\n")))
        #expect(!status.reason.isEmpty)
    }
    let bodiless = HTTPStatus.allCases.filter { !$0.allowsBody }
    #expect(bodiless == [.continues, .noContent, .notModified])
}
