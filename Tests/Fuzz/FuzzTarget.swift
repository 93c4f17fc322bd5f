import Simulation

/// What is fuzzed: one case here and one function in `Targets/` each.
enum FuzzTarget: String, CaseIterable {
    case request, chunked, response, target, negotiation, json, batch, filter, cursor, receipt,
        groups

    /// Runs `input`, whole and cut at `cuts`; returns what was accepted of it, or why it failed.
    func check(_ input: [UInt8], cuts: [Int]) -> FuzzVerdict {
        switch self {
        case .request: checkRequest(input, cuts: cuts)
        case .chunked: checkChunked(input, cuts: cuts)
        case .response: checkResponse(input, cuts: cuts)
        case .target: checkTarget(input)
        case .negotiation: checkNegotiation(input)
        case .json: checkJSON(input, cuts: cuts)
        case .batch: checkBatch(input)
        case .filter: checkFilter(input)
        case .cursor: checkCursor(input)
        case .receipt: checkReceipt(input)
        case .groups: checkGroups(input)
        }
    }

    /// Pieces of the language, which random bytes would hardly ever hit.
    var words: [String] {
        switch self {
        case .request, .response:
            [
                "\r\n", "\r\n\r\n", ": ", "Host: a\r\n", "Content-Length: ", "Transfer-Encoding: ",
                "chunked", "Connection: close\r\n", "Expect: 100-continue\r\n", "HTTP/1.1 ",
                "HTTP/1.0 ", "GET ", "POST ", "http://", "[::1]", "%2F", "\0", "\t", ",", "200 OK",
                "204", "100 Continue\r\n\r\n", "9223372036854775807", "0\r\n\r\n", "5\r\nhello\r\n",
            ]
        case .chunked:
            [
                "\r\n", "0\r\n\r\n", "5\r\nhello\r\n", ";", "a=b", "\"", "7fffffffffffffff",
                "A: b\r\n",
                "0000000000000000", "ffffffffffffffff", "\t", " ", "\0",
            ]
        case .target:
            [
                "/", "?", "&", "=", "+", "%", "%00", "%2F", "%c3%a9", "%ff", "http://", "https://",
                "*",
                "a:80", "[::1]", "[::ffff:1.2.3.4]:65535", "//", "%25",
            ]
        case .negotiation:
            [
                "application/json", "text/event-stream", "*/*", "*", "text/*", ";q=", "0.5", ".2",
                "1.000",
                ",", ";", "gzip", "deflate", "identity", "charset=\"utf-8\"", "\"", "\\\"", " ",
                "\t",
            ]
        case .batch:
            [
                "\u{1}\u{1}\0\0", "\0\0\0\0", "\0\0\0\0\0\0\0\0", "\u{1}\0\0\0", "\u{5}\0\0\0hello",
                "\u{2}\0\0\0", "\u{8}\0\0\0", "\u{4}", "\u{7F}", "\0\0\u{10}\0", "application/json",
                "\u{10}",
            ]
        case .filter:
            [
                " and ", " or ", "not ", " in (", " not in (", "exists(", "prefix(", "key", "time",
                "attr[\"", "\"]", "(", ")", ", ", "=", "!=", "<=", ">=", "\"eu\"", "'", "\\u{e9}",
                "\\", "-1.5e3", "1e999999", "\"2026-11-21T09:17:46.123Z\"", "region", "total",
                "\u{e9}", "((((((((((((((((",
            ]
        case .cursor: ["AQ", "Ag", "Aw", "AQcC", "gA", "_", "-", "=", "AAAA", "____"]
        case .receipt: ["AQ", "AQEJ", ".", "AAA", "AQEB", "-", "_", "____"]
        case .groups:
            [
                "\u{1}\u{9}", "\u{2}\u{9}\0", "\u{3}\u{9}\u{3}\u{1}\u{9}", "\u{4}\u{9}\u{3}\u{1}",
                "\u{5}\u{9}\u{3}\u{1}", "\u{6}\u{9}\u{3}\u{1}", "\u{7}\u{9}\u{3}\u{1}", "\0",
                "\u{1}",
                "\u{8}\u{9}\u{3}\u{1}\u{1}\u{5}", "\u{9}\u{9}\u{3}\u{1}\u{2}", "\u{7F}",
            ]
        case .json:
            [
                "{", "}", "[", "]", ",", ":", "\"", "\\", "{\"a\":", "[[[[[[[[[[[[[[[[",
                "]]]]]]]]]]]]]]]]",
                "\\u0000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\n", "\u{e9}", "\u{10FFFF}",
                "true",
                "false", "null", "-", "0", "1e", "1.5E+9", "9223372036854775807",
                "-9223372036854775808",
                "1e999", "\"abcdefgh", " \n\t\r",
            ]
        }
    }
}

enum FuzzVerdict {
    case refused
    /// Good inputs are kept, because what is broken by one byte reaches deepest.
    case accepted
    case failed(String)
}
