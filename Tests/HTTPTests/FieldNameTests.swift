import Bytes
import Testing

@testable import HTTP

@Test(
    "A known field name is recognised in any case, and nothing but it",
    arguments: [
        ("accept", .accept), ("accept-encoding", .acceptEncoding), ("connection", .connection),
        ("content-encoding", .contentEncoding), ("content-length", .contentLength),
        ("content-type", .contentType), ("expect", .expect), ("host", .host), ("origin", .origin),
        ("request-id", .requestID), ("transfer-encoding", .transferEncoding),
        ("access-control-request-headers", .accessControlRequestHeaders),
        ("access-control-request-method", .accessControlRequestMethod),
    ] as [(String, FieldName)])
func recognises(_ name: String, _ expected: FieldName) {
    func recognised(_ text: String) -> FieldName {
        let name = bytes(text)
        return FieldName(recognising: name.indices, in: name.span)
    }
    #expect(recognised(name) == expected)
    #expect(recognised(name.uppercased()) == expected)
    #expect(recognised(name + "s") == .other)
    #expect(recognised(String(name.dropLast()) + "~") == .other)
}

@Test("A token byte is a letter, a digit or one of fifteen marks")
func tokenBytes() {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    let token = Set((letters + "0123456789" + "!#$%&'*+-.^_`|~").utf8)
    let host = Set((letters + "0123456789" + "-._~!$&'()*+;=").utf8)
    for byte in UInt8.min...UInt8.max {
        #expect(ByteClass.token.contains(byte) == token.contains(byte), "\(byte)")
        #expect(ByteClass.host.contains(byte) == host.contains(byte), "\(byte)")
    }
}

@Test("A search by words stops where a search byte by byte does")
func wordSearch() {
    for stop in UInt8.min...UInt8.max {
        for place in 0..<20 {
            var text = [UInt8](repeating: UInt8(ascii: "a"), count: 20)
            text[place] = stop
            if place < 19 { text[place + 1] = stop &+ 1 }
            let span = text.span
            let control = text.firstIndex { $0.isControl } ?? 20
            let target = text.firstIndex { !$0.isTarget } ?? 20
            #expect(span.controlByte(from: 0, to: 20) == control)
            #expect(span.targetEnd(from: 0, to: 20) == target)
            #expect(span.firstPlace(of: stop, from: 0, to: 20) == text.firstIndex(of: stop))
        }
    }
}

@Test(
    "An authority is a host that is not empty, with a port perhaps",
    arguments: [
        ("a", true), ("localhost:8080", true), ("a:", true), ("127.0.0.1", true), ("a%20b", true),
        ("[::]", true), ("[::1]:80", true), ("[1::]", true), ("[1:2:3:4:5:6:7:8]", true),
        ("[1:2:3:4:5:6:7::]", true), ("[::ffff:1.2.3.4]", true), ("[1:2:3:4:5:6:1.2.3.4]", true),
        ("", false), (":1", false), ("[]", false), ("[:]", false), ("[:::]", false),
        ("[1]", false), ("[1::2::3]", false), ("[1:2:3:4:5:6:7:8:9]", false),
        ("[1:2:3:4:5:6:7:8::]", false), ("[12345::]", false), ("[::1.2.3]", false),
        ("[::1.2.3.256]", false), ("[::01.2.3.4]", false), ("[::1%25eth0]", false),
        ("[v1.x]", false), ("[::1]x", false), ("[::1]]", false), ("a:1a", false), ("a%g0", false),
    ])
func authority(_ text: String, _ isValid: Bool) {
    let wire = bytes(text)
    #expect(Authority.isValid(wire.indices, in: wire.span) == isValid)
}
