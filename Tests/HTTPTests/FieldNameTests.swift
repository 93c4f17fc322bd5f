import Bytes
import Testing

@testable import HTTP

private func recognised(_ text: String) -> FieldName {
    let name = bytes(text)
    return FieldName(recognising: name.indices, in: name.span)
}

/// Every name that stands for itself, once.
private let names: [(String, FieldName)] = [
    ("accept", .accept), ("accept-encoding", .acceptEncoding), ("connection", .connection),
    ("content-encoding", .contentEncoding), ("content-length", .contentLength),
    ("content-type", .contentType), ("expect", .expect), ("host", .host), ("origin", .origin),
    ("request-id", .requestID), ("transfer-encoding", .transferEncoding),
    ("access-control-request-headers", .accessControlRequestHeaders),
    ("access-control-request-method", .accessControlRequestMethod),
    ("authorization", .authorization), ("idempotency-key", .idempotencyKey),
    ("if-none-match", .ifNoneMatch), ("last-event-id", .lastEventID), ("prefer", .prefer),
    ("traceparent", .traceparent), ("tracestate", .tracestate),
    ("posthorn-delay", .posthornDelay), ("posthorn-deliver-at", .posthornDeliverAt),
    ("posthorn-durability", .posthornDurability), ("posthorn-key", .posthornKey),
    ("posthorn-partition", .posthornPartition), ("posthorn-producer", .posthornProducer),
    ("posthorn-transaction", .posthornTransaction), ("posthorn-ttl", .posthornTTL),
]

@Test("A known field name is recognised in any case, and nothing but it", arguments: names)
func recognises(_ name: String, _ expected: FieldName) {
    let unknown: FieldName = name.hasPrefix("posthorn-") ? .unknownOption : .other
    #expect(recognised(name) == expected)
    #expect(recognised(name.uppercased()) == expected)
    for place in name.indices {
        var changed = name
        changed.replaceSubrange(place...place, with: "~")
        let isPrefix = name.distance(from: name.startIndex, to: place) < "posthorn-".count
        #expect(recognised(changed) == (isPrefix ? .other : unknown), "\(changed)")
    }
    #expect(recognised(name + "s") == unknown)
    #expect(recognised(String(name.dropLast()) + "~") == unknown)
    #expect(names.count { $0.1 == expected } == 1)
}

@Test("The table of field names has all of them")
func hasAllNames() {
    let byPrefix: Set<FieldName> = [.other, .attribute, .cloudEvent, .unknownOption]
    #expect(Set(names.map(\.1)).union(byPrefix) == Set(FieldName.allCases))
}

@Test(
    "A field name is known by its beginning where names of its kind share one",
    arguments: [
        ("posthorn-attr-a", .attribute), ("Posthorn-Attr-Tenant.Name_1", .attribute),
        ("POSTHORN-ATTR-", .attribute), ("posthorn-attr", .unknownOption),
        ("posthorn-attribute", .unknownOption), ("Posthorn-Dealy", .unknownOption),
        ("posthorn-", .unknownOption), ("posthorn", .other), ("posthorm-key", .other),
        ("x-posthorn-key", .other), ("ce-id", .cloudEvent), ("CE-Type", .cloudEvent),
        ("ce-specversion", .cloudEvent), ("ce-", .cloudEvent), ("ce", .other), ("cf-id", .other),
        ("ce-" + String(repeating: "a", count: 40), .cloudEvent),
        ("posthorn-attr-" + String(repeating: "a", count: 40), .attribute), ("c", .other),
        ("p", .other), ("cookie", .other), ("pragma", .other),
    ] as [(String, FieldName)])
func recognisesPrefixes(_ name: String, _ expected: FieldName) {
    #expect(recognised(name) == expected)
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
