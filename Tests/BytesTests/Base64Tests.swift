import Bytes
import Testing

private func text(_ bytes: [UInt8], _ base64: Base64) -> String {
    var text: [UInt8] = []
    base64.append(bytes.span, to: &text)
    return String(decoding: text, as: UTF8.self)
}

@Suite("Base64")
struct Base64Tests {
    @Test(
        "is written as RFC 4648 has it, with padding and without",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func writes(_ plain: String, _ padded: String) {
        let bytes = Array(plain.utf8)
        #expect(text(bytes, .standard) == padded)
        let bare = String(padded.prefix { $0 != "=" })
        #expect(text(bytes, .url) == bare)
        #expect(Base64.standard.textSize(of: bytes.count) == padded.utf8.count)
        #expect(Base64.url.textSize(of: bytes.count) == bare.utf8.count)
    }

    @Test("has other letters for 62 and 63 in a URL")
    func letters() {
        #expect(text([0xFB, 0xFF, 0xBF], .standard) == "+/+/")
        #expect(text([0xFB, 0xFF, 0xBF], .url) == "-_-_")
    }

    @Test("is written over as many letters, and touches no others")
    func overwrites() {
        var letters = Array("(Zm9vYmE)".utf8)
        var span = letters.mutableSpan
        Base64.url.write(Array("barfo".utf8).span, over: &span, at: 1)
        #expect(String(decoding: letters, as: UTF8.self) == "(YmFyZm8)")
    }

    @Test("of any bytes is read as those bytes", arguments: 0..<70)
    func comesBack(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 13) }
        #expect(Base64.url.decode(Array(text(bytes, .url).utf8).span) == bytes)
    }
}
