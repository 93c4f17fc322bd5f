import Testing

@testable import Bytes

/// The tokens of a text, a word each: `{ k:name s:text n:1 t f 0 ]`.
private func tokens(_ bytes: [UInt8], from start: Int = 0) throws(JSONError) -> String {
    var reader = JSONReader(in: start..<bytes.count)
    var words: [String] = []
    while true {
        let token = try reader.next(bytes.span)
        var text: [UInt8] = []
        switch token {
        case .beginObject: words.append("{")
        case .endObject: words.append("}")
        case .beginArray: words.append("[")
        case .endArray: words.append("]")
        case .key, .string:
            reader.appendText(of: bytes, to: &text)
            let word = String(decoding: text, as: UTF8.self)
            words.append(token == .key ? "k:\(word)" : "s:\(word)")
        case .number:
            words.append("n:" + String(decoding: bytes[reader.text], as: UTF8.self))
        case .true: words.append("t")
        case .false: words.append("f")
        case .null: words.append("0")
        case .end: return words.joined(separator: " ")
        }
    }
}

private func tokens(_ text: String) throws(JSONError) -> String { try tokens([UInt8](text.utf8)) }

@Suite("The JSON reader")
struct JSONReaderTests {
    static let wholes = [
        ("{}", "{ }"), ("[]", "[ ]"), (" \t\r\n[ ] \n", "[ ]"), ("null", "0"), ("true", "t"),
        ("false", "f"), ("\"\"", "s:"), (#"{"a":1}"#, "{ k:a n:1 }"),
        (#"{"a":{"b":[1,[],{}]},"c":"x"}"#, "{ k:a { k:b [ n:1 [ ] { } ] } k:c s:x }"),
        ("[ 1 , 2 ]", "[ n:1 n:2 ]"), (#"{ "a" : true , "a" : null }"#, "{ k:a t k:a 0 }"),
        (#""\"\\\/\b\f\n\r\t""#, "s:\"\\/\u{8}\u{c}\n\r\t"), (#""a\u0041\u00e9\u20AC""#, "s:aAé€"),
        (#""\ud83d\ude00\uD83D\uDE00x""#, "s:😀😀x"), (#""\u0000""#, "s:\u{0}"),
        ("\"é€😀\u{7f}\u{10FFFF}\"", "s:é€😀\u{7f}\u{10FFFF}"), (#"{"\u0061":0}"#, "{ k:a n:0 }"),
        ("0", "n:0"), ("-0", "n:-0"), ("10.50", "n:10.50"), ("1e5", "n:1e5"),
        ("-1.2E+3", "n:-1.2E+3"),
        ("1E-07", "n:1E-07"), ("[0]", "[ n:0 ]"),
        ("123456789012345678901234567890", "n:123456789012345678901234567890"),
    ]

    @Test("Well-formed texts", arguments: wholes)
    func accepts(_ text: String, _ expected: String) throws {
        #expect(try tokens(text) == expected)
        #expect(try tokens([UInt8]("junk \(text)".utf8), from: 5) == expected)
    }

    @Test(
        "A text that is cut anywhere ends too early, unless what is left is whole",
        arguments: wholes)
    func cuts(_ text: String, _ expected: String) {
        let bytes = [UInt8](text.utf8)
        for count in 0..<bytes.count {
            do throws(JSONError) {
                _ = try tokens(Array(bytes[..<count]))
                // Only a number, or white space, can lose its end and be a text still.
                #expect(expected.hasPrefix("n:") || bytes[count] <= 0x20)
            } catch {
                #expect(error.reason == .unexpectedEnd, "\(text) at \(count)")
                #expect(error.position == count)
            }
        }
    }

    @Test(
        "What is not JSON is refused where it starts to be wrong",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("]", .unexpectedByte, 0),
            ("}", .unexpectedByte, 0), ("{]", .unexpectedByte, 1), ("[}", .unexpectedByte, 1),
            ("[1}", .unexpectedByte, 2), (#"{"a":1]"#, .unexpectedByte, 6),
            ("[,]", .unexpectedByte, 1),
            ("[1,]", .unexpectedByte, 3), ("[1,,2]", .unexpectedByte, 3),
            ("[1 2]", .unexpectedByte, 3),
            (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":}"#, .unexpectedByte, 5),
            ("{1:2}", .unexpectedByte, 1),
            (#"{"a":1,}"#, .unexpectedByte, 7), (#"{"a"}"#, .unexpectedByte, 4),
            ("{a:1}", .unexpectedByte, 1),
            ("{,}", .unexpectedByte, 1), ("[:]", .unexpectedByte, 1), ("1 2", .trailingBytes, 2),
            ("{}x", .trailingBytes, 2), ("[][]", .trailingBytes, 2), ("1,", .trailingBytes, 1),
            ("null\u{0}", .trailingBytes, 4), ("nul", .unexpectedEnd, 3),
            ("nulL", .unexpectedByte, 3),
            ("True", .unexpectedByte, 0), ("truex", .trailingBytes, 4), ("'a'", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0), ("Infinity", .unexpectedByte, 0),
            ("// x\n1", .unexpectedByte, 0),
            ("\u{FEFF}1", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0),
            ("\u{B}1", .unexpectedByte, 0),
            ("+1", .unexpectedByte, 0), (".5", .unexpectedByte, 0), ("01", .badNumber, 1),
            ("-01", .badNumber, 2),
            ("-", .unexpectedEnd, 1), ("-a", .badNumber, 1), ("1.", .unexpectedEnd, 2),
            ("1.e1", .badNumber, 2),
            ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3), ("1e+x", .badNumber, 3),
            ("0x1", .trailingBytes, 1),
            ("[1.2.3]", .unexpectedByte, 4), ("\"\n\"", .controlCharacter, 1),
            ("\"\u{1f}\"", .controlCharacter, 1),
            ("\"\u{0}\"", .controlCharacter, 1), (#""\x""#, .badEscape, 1),
            (#""\u12g4""#, .badEscape, 1),
            (#""\ud800""#, .loneSurrogate, 1), (#""\ud800x""#, .loneSurrogate, 1),
            (#""\ude00\ud83d""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1), (#""\ud800\ud800""#, .loneSurrogate, 1),
        ] as [(String, JSONError.Reason, Int)])
    func refuses(_ text: String, _ reason: JSONError.Reason, _ position: Int) {
        #expect(throws: JSONError(reason, at: position)) { try tokens(text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xE2, 0x82, 0x28], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3, 0x22], [0xF0, 0x9F, 0x98, 0x22],
        ] as [[UInt8]])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError(.badUTF8, at: 2)) {
            try tokens([.quote, 0x61] + bytes + [.quote])
        }
    }

    @Test(
        "UTF-16 is refused",
        arguments: [[0xFE, 0xFF, 0, 0x31], [0x31, 0], [0, 0x31]] as [[UInt8]])
    func utf16(_ bytes: [UInt8]) { #expect(throws: JSONError.self) { try tokens(bytes) } }

    @Test(
        "Every scalar is taken as it is and as an escape",
        arguments: [0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF])
    func scalars(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let units = Character(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        #expect(try tokens("\"\(Character(scalar))\"") == "s:\(Character(scalar))")
        #expect(try tokens("\"\(units.joined())\"") == "s:\(Character(scalar))")
    }

    @Test("Sixty-four levels are read, and not one more; a hundred thousand cost nothing")
    func depth() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try tokens(deepest).utf8.count == 255)
        let mixed = String(repeating: #"{"a":["#, count: 32) + String(repeating: "]}", count: 32)
        #expect(try tokens(mixed).hasSuffix("] }"))
        for count in [65, 100_000] {
            #expect(throws: JSONError(.tooDeep(limit: 64), at: 64)) {
                try tokens(String(repeating: "[", count: count))
            }
        }
    }

    @Test("A value is skipped whole, whatever it is, and checked")
    func skips() throws {
        let bytes = [UInt8](#"{"a":[1,{"b":[]}],"c":"x","d":{},"e":7}"#.utf8)
        var reader = JSONReader(in: 0..<bytes.count)
        #expect(try reader.next(bytes.span) == .beginObject)
        for name in ["a", "c", "d"] {
            #expect(try reader.next(bytes.span) == .key)
            #expect(reader.textIs(name, bytes.span) == true)
            #expect(reader.textIs("ab", bytes.span) == false)
            #expect(reader.textIs("z", bytes.span) == false)
            try reader.skipValue(bytes.span)
            #expect(reader.depth == 1)
        }
        #expect(try reader.next(bytes.span) == .key)
        #expect(try reader.next(bytes.span) == .number)
        #expect(reader.integer(bytes.span) == 7)
        #expect(try reader.next(bytes.span) == .endObject)
        #expect(try reader.next(bytes.span) == .end)
        #expect(try reader.next(bytes.span) == .end)
    }

    @Test(
        "Integers are exact or none",
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("-7", -7), ("9223372036854775807", .max),
            ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil),
            ("1.0", 1), ("-7.000", -7), ("1.5", nil), ("1e2", nil), ("1.0e2", nil),
            ("99999999999999999999", nil),
        ] as [(String, Int64?)])
    func integers(_ text: String, _ expected: Int64?) throws {
        let bytes = [UInt8](text.utf8)
        var reader = JSONReader(in: 0..<bytes.count)
        #expect(try reader.next(bytes.span) == .number)
        #expect(reader.integer(bytes.span) == expected)
    }

    @Test("What the writer wrote comes back, for texts of any bytes", arguments: 1...50)
    func roundTrip(seed: UInt64) throws {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var scalars = String.UnicodeScalarView()
        for _ in 0..<200 {
            let value = next() % 3 == 0 ? next() % 0x110000 : next() % 0x80
            if let scalar = Unicode.Scalar(UInt32(value)) { scalars.append(scalar) }
        }
        var json = JSONWriter()
        json.string(String(scalars))
        #expect(try tokens(json.finish()) == "s:\(String(scalars))")
    }

    @Test("No damage of one byte is a crash")
    func damage() {
        let good = [UInt8](#"{"a":[1.5e3,"\u00e9é",true,null,{}],"b":-0}"#.utf8)
        for index in good.indices {
            for byte in UInt8.min ... .max {
                var bytes = good
                bytes[index] = byte
                do throws(JSONError) {
                    _ = try tokens(bytes)
                } catch {
                    #expect(0...bytes.count ~= error.position)
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }
}
