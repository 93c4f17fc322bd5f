import HTTP
import Testing

/// What a decoder makes of some bytes that arrive in pieces.
private enum Outcome: Equatable {
    case body(String, rest: String)
    case incomplete
    case refused(HTTPError)

    init(_ wire: [UInt8], cuts: [Int] = [], limits: HTTPLimits = HTTPLimits()) {
        var decoder = ChunkedDecoder(limits: limits)
        var body: [UInt8] = []
        var start = 0
        self = .incomplete
        do throws(HTTPError) {
            for end in cuts + [wire.count] {
                let piece = Array(wire[start..<end])
                var position = 0
                try Self.drain(&decoder, piece, &position, &body)
                start += position
                if decoder.isDone {
                    self = .body(
                        String(decoding: body, as: UTF8.self),
                        rest: String(decoding: wire[start...], as: UTF8.self))
                    return
                }
            }
        } catch {
            self = .refused(error)
        }
    }

    private static func drain(
        _ decoder: inout ChunkedDecoder, _ piece: [UInt8], _ position: inout Int,
        _ body: inout [UInt8]
    ) throws(HTTPError) {
        while true {
            switch try decoder.advance(over: piece.span, from: &position) {
            case .data(let range): body.append(contentsOf: piece[range])
            case .needMore, .done: return
            }
        }
    }
}

private func expect(
    _ text: String, _ outcome: Outcome, _ limits: HTTPLimits = HTTPLimits(),
    at place: SourceLocation = #_sourceLocation
) {
    let wire = bytes(text)
    #expect(Outcome(wire, limits: limits) == outcome, sourceLocation: place)
    for cut in wire.indices {
        let verdict = Outcome(wire, cuts: [cut], limits: limits)
        #expect(verdict == outcome, "cut at \(cut)", sourceLocation: place)
    }
    let dribbled = Outcome(wire, cuts: Array(wire.indices), limits: limits)
    #expect(dribbled == outcome, "byte by byte", sourceLocation: place)
}

@Suite("A chunked body")
struct ChunkedDecoderTests {
    @Test(
        "is put together, wherever it is cut",
        arguments: [
            ("0\r\n\r\n", "", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello", ""),
            ("1\r\na\r\n02\r\nbc\r\n000\r\n\r\nGET", "abc", "GET"),
            ("000000000000000A\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""),
            ("c\r\n\r\n0\r\n\r\n12345\r\n0\r\n\r\n", "\r\n0\r\n\r\n12345", ""),
            ("1;a\r\nx\r\n0 ; b = \"\u{e9}\"\r\n\r\n", "x", ""),
            ("0\r\nA: b\r\nC:\td \r\n\r\n\r\n", "", "\r\n"),
        ])
    func accepts(_ text: String, _ body: String, _ rest: String) {
        expect(text, .body(body, rest: rest))
    }

    @Test(
        "whose framing could hide a second request is refused",
        arguments: [
            "\r\n", "g\r\n", "+1\r\n", "-1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", ";a\r\n", "\n",
            "5\nhello", "5\rXhello", "5;a\nhello", "5;a\r\r", "5;a\0", "5;\u{7f}", "5 \0",
            "5,5\r\n",
            "00000000000000000\r\n", "8000000000000000\r\n", "ffffffffffffffff\r\n",
            "1\r\nab", "1\r\na\n", "1\r\na\r\r", "1\r\na0\r\n",
            "0\r\n\r\r", "0\r\nA: b\r\r",
        ])
    func refusesFraming(_ text: String) {
        expect(text, .refused(.badChunk))
    }

    @Test(
        "with a trailer that is no field line is refused",
        arguments: [
            "0\r\n\n", "0\r\n a: b\r\n", "0\r\nA: b\r\n c\r\n", "0\r\nA : b\r\n", "0\r\n: b\r\n",
            "0\r\nA\r\n", "0\r\nA: \0", "0\r\nA: b\n", "0\r\n\u{e9}: b",
        ])
    func refusesTrailers(_ text: String) {
        expect(text, .refused(.badField))
    }

    @Test("has bounded extensions, trailers and trailer counts")
    func bounds() {
        var limits = HTTPLimits()
        limits.chunkExtensionsSizeMax = 4
        limits.fieldsSizeMax = 8
        limits.fieldCountMax = 2
        expect("1;a\r\nx\r\n0;b\r\n\r\n", .body("x", rest: ""), limits)
        expect("1;a\r\nx\r\n0;bc", .refused(.badChunk), limits)
        expect("0\r\nA:\r\nB:\r\n\r\n", .body("", rest: ""), limits)
        expect("0\r\nA:\r\nB:\r\nC", .refused(.tooManyFields(limit: 2)), limits)
        expect("0\r\nA:345678", .incomplete, limits)
        expect("0\r\nA:3456789", .refused(.fieldsTooLarge(limit: 8)), limits)
    }

    @Test("of the largest chunk is not read ahead of its bytes")
    func largestChunk() {
        expect("7fffffffffffffff\r\nabc", .incomplete)
    }
}
