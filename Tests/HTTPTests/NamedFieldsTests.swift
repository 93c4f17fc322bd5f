import HTTP
import Testing

private func listed(_ name: FieldName, of request: Request) -> [String] {
    request.fields(name).map { field in
        let name = request.text(field.name)
        #expect(name.hasSuffix(request.text(field.suffix)))
        return request.text(field.suffix) + "=" + request.text(field.value)
    }
}

@Suite("The fields of a request")
struct NamedFieldsTests {
    private static let fields = [
        "Posthorn-Attr-Tenant: acme", "CE-ID: 1", "Posthorn-Key: k", "posthorn-attr-a:",
        "X-Other: y", "POSTHORN-ATTR-a:  two ", "Posthorn-Dealy: 5s", "ce-type: t",
        "Posthorn-Attr-: none", "posthorn-key: l", "Posthorn-Dealy: 6s", "posthorn-odd: z",
        "Accept: a/b", "Accept: c/d",
    ]

    private func check(_ request: Request) {
        #expect(listed(.attribute, of: request) == ["Tenant=acme", "a=", "a=two", "=none"])
        #expect(listed(.cloudEvent, of: request) == ["ID=1", "type=t"])
        #expect(listed(.unknownOption, of: request) == ["Dealy=5s", "Dealy=6s", "odd=z"])
        #expect(listed(.posthornKey, of: request) == ["=k", "=l"])
        #expect(listed(.posthornDelay, of: request).isEmpty)
        #expect(request.has(.posthornKey))
        #expect(!request.has(.posthornDelay))
        #expect(request.value(of: .posthornDelay) == nil)
        #expect(request.value(of: .posthornKey).map(request.text) == "k")
        let unclear = request.repeatedFields.intersection(.singular)
        #expect(unclear == FieldSet(.posthornKey))
        #expect(request.repeatedFields.contains(.accept))
        #expect(request.names(in: unclear, max: 9) == ["Posthorn-Key", "posthorn-key"])
        let unknown = FieldSet(.unknownOption)
        #expect(request.names(in: unknown, max: 9) == ["Posthorn-Dealy", "posthorn-odd"])
        #expect(request.names(in: unknown, max: 1) == ["Posthorn-Dealy"])
    }

    @Test("are found by name and by the beginning of a name, wherever the bytes are cut")
    func found() throws {
        let wire = ParsedRequest.wire(Self.fields)
        check(try ParsedRequest(wire).request)
        for cut in wire.indices { check(try ParsedRequest(wire, cuts: [cut]).request) }
        check(try ParsedRequest(wire, cuts: Array(wire.indices)).request)
    }

    @Test("that were not sent are not found, nor those of a request before")
    func none() throws {
        let conversation = Conversation()
        conversation.feed(request("GET /a", "Posthorn-Key: k", "ce-id: 1", "Posthorn-Key: k"))
        conversation.feed(request("GET /later"))
        let next = try #require(conversation.request)
        #expect(next.presentFields == FieldSet(.host))
        #expect(next.repeatedFields.isEmpty)
        for name in FieldName.allCases where name != .host && name != .other {
            #expect(listed(name, of: next).isEmpty)
        }
    }
}
