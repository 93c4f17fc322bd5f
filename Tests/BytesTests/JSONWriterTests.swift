import Testing

@testable import Bytes

private func written(_ write: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter()
    write(&json)
    return String(decoding: json.finish(), as: UTF8.self)
}

@Suite("The JSON writer")
struct JSONWriterTests {
    @Test("Commas stand between members and elements and nowhere else")
    func commas() {
        let text = written { json in
            json.beginObject()
            json.key("a")
            json.int(-1)
            json.key("b")
            json.beginArray()
            json.bool(true)
            json.null()
            json.beginObject()
            json.endObject()
            json.beginArray()
            json.endArray()
            json.string("x")
            json.endArray()
            json.key("c")
            json.uint(.max)
            json.endObject()
        }
        #expect(text == #"{"a":-1,"b":[true,null,{},[],"x"],"c":18446744073709551615}"#)
    }

    @Test(
        "Strings are escaped as far as they must be",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("ünï/😀", #""ünï/😀""#),
            ("say \"hi\"\\", #""say \"hi\"\\""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}a\u{1f}b\u{7f}", "\"\\u0000a\\u001fb\u{7f}\""),
            ("\u{8}\u{c}", #""\u0008\u000c""#),
        ])
    func strings(_ value: String, _ expected: String) {
        #expect(written { $0.string(value) } == expected)
        #expect(written { $0.string(utf8: [UInt8](value.utf8)[...]) } == expected)
    }

    @Test("A key is escaped as a string is")
    func keys() {
        let text = written { json in
            json.beginObject()
            json.key("a\"\n")
            json.bool(false)
            json.endObject()
        }
        #expect(text == #"{"a\"\n":false}"#)
    }

    @Test(
        "Doubles come back as the same double",
        arguments: [
            0, -0.0, 1.5, 1e16, 1.7976931348623157e308, 0.1, -123.456,
        ])
    func doubles(_ value: Double) { #expect(Double(written { $0.double(value) }) == value) }

    @Test("Integers at their ends", arguments: [0, 9, 10, -1, .min, .max] as [Int64])
    func integers(_ value: Int64) { #expect(written { $0.int(value) } == String(value)) }

    @Test("A text goes behind what is there, and lines of values follow each other")
    func appends() {
        var bytes = [UInt8]("head ".utf8)
        bytes.appendJSON { json in
            json.int(1)
            json.endLine()
            json.string("\u{1}")
            json.endLine()
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "head 1\n\"\\u0001\"\n")
    }

    @Test("A text that is given up half way leaves no bytes behind")
    func givesUp() {
        struct Stop: Error, Equatable {}
        var bytes = [UInt8]("head ".utf8)
        #expect(throws: Stop()) {
            try bytes.appendJSON { json throws(Stop) in
                json.beginArray()
                throw Stop()
            }
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "head ")
    }

    @Test("Sixty-four levels can be written")
    func depth() {
        let text = written { json in
            for _ in 0..<JSONWriter.depthMax { json.beginArray() }
            for _ in 0..<JSONWriter.depthMax { json.endArray() }
        }
        #expect(text.utf8.count == 128)
    }

    @Test("Decimals", arguments: [0, 1, 9, 10, 99, 100, 12_345, 1 << 62, .max] as [UInt64])
    func decimals(_ value: UInt64) {
        var bytes: [UInt8] = [0x2D]
        bytes.append(decimal: value)
        #expect(String(decoding: bytes, as: UTF8.self) == "-\(value)")
    }

    @Test(
        "Decimals with a least number of digits",
        arguments: [
            (0, 1, "0"), (7, 3, "007"), (1234, 2, "1234"), (99, 4, "0099"),
            (.max, 25, "\(UInt64.max)"),
        ] as [(UInt64, Int, String)])
    func digits(_ value: UInt64, _ digits: Int, _ expected: String) {
        var bytes: [UInt8] = []
        bytes.append(decimal: value, digits: digits)
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix(expected))
    }
}
