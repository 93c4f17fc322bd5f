import Bytes
import Records
import Testing

@testable import Gateway

private let now = TurnTime(tick: 0, wall: 1_700_000_000_000)

/// What a body says, a line for each step; or why it says nothing.
private func steps<Source: MessageSource & ~Copyable>(
    _ body: [UInt8], _ source: consuming Source
) -> [String] {
    var lines: [String] = []
    var message = BatchMessage()
    do throws(BodyError) {
        while true {
            message.clear()
            switch try source.next(body.span, at: now, into: &message) {
            case .end: return lines
            case .fault(let fault): lines.append(fault.fault(under: Source.root).place)
            case .stored(let stored): lines.append("stored \(stored.count)")
            case .message: lines.append(line(message))
            }
        }
    } catch {
        switch error {
        case .notJSON: return lines + ["not JSON"]
        case .unknownMembers(let places): return lines + places.map { "unknown \($0)" }
        case .invalid(let faults): return lines + faults.map { "invalid \($0.place)" }
        }
    }
}

private func line(_ message: BatchMessage) -> String {
    let draft = message.draft
    var line = text(draft.body)
    if let key = draft.key { line += " key=\(text(key))" }
    if !draft.contentType.isEmpty { line += " type=\(text(draft.contentType))" }
    for attribute in draft.attributes {
        line += " \(text(attribute.name))=\(text(attribute.value))"
    }
    if let ttl = draft.ttl { line += " ttl=\(ttl)" }
    if let delay = draft.delay { line += " \(delay)" }
    if let partition = message.partition { line += " partition=\(partition)" }
    return line
}

private func list(_ body: String) -> [String] {
    steps(Array(body.utf8), MessageListReader(Array(body.utf8)))
}

private func events(_ body: String) -> [String] {
    steps(Array(body.utf8), EventListReader(Array(body.utf8)))
}

private let event = #""specversion":"1.0","id":"1","source":"/s","type":"t""#
private let eventLine = "ce-specversion=1.0 ce-id=1 ce-source=/s ce-type=t"

@Suite("The body of a batch")
struct BatchBodyTests {
    @Test(
        "in JSON",
        arguments: [
            (#"{"messages":[]}"#, []),
            (#" { "messages" : [ {"value":""} , {"value":"a"} ] } "#, ["", "a"]),
            (#"{"messages":[{"value":"a\nb\u00e9","key":"k\t"}]}"#, ["a\nbé key=k\t"]),
            (#"{"messages":[{"value_base64":"aGk="},{"value_base64":"aGk"}]}"#, ["hi", "hi"]),
            (
                #"{"messages":[{"key":"k","value":"v","content_type":"a/b","ttl":5,"#
                    + #""delay":"1m","partition":3,"attributes":{"a":"1","b":"\"x"}}]}"#,
                ["v key=k type=a/b a=1 b=\"x ttl=5000 duration(60000) partition=3"]
            ),
            (
                #"{"messages":[{"value":"v","key":null,"delay":null,"attributes":null}]}"#, ["v"]
            ),
            (
                #"{"messages":[{"value":"v","deliver_at":"2023-11-14T22:13:21Z"}]}"#,
                ["v date(1700000001000)"]
            ),
        ])
    func json(_ body: String, _ wanted: [String]) { #expect(list(body) == wanted) }

    @Test(
        "in JSON that is refused, as a whole or a message of it",
        arguments: [
            ("", ["not JSON"]), ("[]", ["invalid "]), ("{}", ["invalid /messages"]),
            (#"{"messages":{}}"#, ["invalid /messages"]),
            (#"{"message":[]}"#, ["unknown /message"]),
            (#"{"messages":[],"a":1}"#, ["unknown /a"]), (#"{"messages":[]} x"#, ["not JSON"]),
            (#"{"messages":[],"messages":[]}"#, ["invalid /messages"]),
            (#"{"messages":[{"value":"a"},]}"#, ["a", "not JSON"]),
            (#"{"messages":[{"val":"a"}]}"#, ["unknown /messages/0/val"]),
            (#"{"messages":[1,{"value":"a"}]}"#, ["/messages/0", "a"]),
            (#"{"messages":[{"value":{"a":[1]}},{"value":"b"}]}"#, ["/messages/0/value", "b"]),
            (#"{"messages":[{"value":"a","value_base64":"YQ=="}]}"#, ["/messages/0/value"]),
            (#"{"messages":[{"value_base64":"YQ=a"}]}"#, ["/messages/0/value_base64"]),
            (#"{"messages":[{"value_base64":"YR=="}]}"#, ["/messages/0/value_base64"]),
            (#"{"messages":[{"value":"a","attributes":{"a":1}}]}"#, ["/messages/0/attributes"]),
            (#"{"messages":[{"value":"a","attributes":{"_a":"1"}}]}"#, ["/messages/0/attributes"]),
            (#"{"messages":[{"value":"a","partition":-1}]}"#, ["/messages/0/partition"]),
            (#"{"messages":[{"value":"a","ttl":"0s"}]}"#, ["/messages/0/ttl"]),
            (#"{"messages":[{"value":"a","delay":"31d"}]}"#, ["/messages/0/delay"]),
            (
                #"{"messages":[{"value":"a","delay":1,"deliver_at":"2023-11-14T22:13:21Z"}]}"#,
                ["/messages/0/delay"]
            ),
        ])
    func badJSON(_ body: String, _ wanted: [String]) { #expect(list(body) == wanted) }

    @Test("in JSON never traps and never reads on, wherever it is cut")
    func cut() {
        let whole =
            #"{"messages":[{"key":"\u00e9","value":"v","attributes":{"a":"1"},"ttl":"5s"}]}"#
        let bytes = Array(whole.utf8)
        for end in bytes.indices {
            let found = list(String(decoding: bytes[..<end], as: UTF8.self))
            #expect(found.last == "not JSON", "cut at \(end)")
        }
    }

    @Test(
        "in lines",
        arguments: [
            ("", []), ("\n \r\n", []),
            ("{\"a\":1}\n[2]\r\n\"x\"", ["{\"a\":1}", "[2]", "\"x\""]),
            ("1\nx\n2 2\n3", ["1", "/1", "/2", "3"]),
        ])
    func lines(_ body: String, _ wanted: [String]) {
        let found = steps(Array(body.utf8), MessageLineReader(Array(body.utf8)))
        #expect(
            found == wanted.map { $0.hasPrefix("/") ? $0 : $0 + " type=application/json" })
    }

    @Test("of events")
    func cloudEvents() {
        #expect(events("[]") == [])
        #expect(
            events(#"[{\#(event),"data":{"a": 1},"ext":true,"n":7,"gone":null}]"#)
                == [#"{"a": 1} type=application/json \#(eventLine) ce-ext=true ce-n=7"#])
        #expect(
            events(#"[{"data":"a\nb","datacontenttype":"text/plain",\#(event)}]"#)
                == ["a\nb type=text/plain \(eventLine)"])
        #expect(
            events(#"[{"data" : "a","datacontenttype":"x/y+JSON; a=b",\#(event)}]"#)
                == [#""a" type=x/y+JSON; a=b \#(eventLine)"#])
        #expect(
            events(#"[{\#(event),"data_base64":"aGk=","datacontenttype":"a/b"}]"#)
                == ["hi type=a/b \(eventLine)"])
        #expect(events("[{\(event)}]") == [" \(eventLine)"])
    }

    @Test(
        "of events that are refused",
        arguments: [
            ("{}", ["invalid "]), ("[", ["not JSON"]), ("[] 1", ["not JSON"]), ("[7]", ["/0"]),
            (#"[{"specversion":"1.0","id":"","source":"s","type":"t"}]"#, ["/0/id"]),
            (#"[{"specversion":"1.0","id":7,"source":"s","type":"t"}]"#, ["/0/id"]),
            (#"[{"specversion":"0.3","id":"1","source":"s","type":"t"}]"#, ["/0/specversion"]),
            (#"[{"id":"1","source":"s","type":"t"}]"#, ["/0/specversion"]),
            (#"[{\#(event),"data":1,"data_base64":"aGk="}]"#, ["/0/data"]),
            (#"[{\#(event),"x":{"y":[]}}]"#, ["/0/ce-x"]), (#"[{\#(event),"x y":"1"}]"#, ["/0"]),
        ])
    func badEvents(_ body: String, _ wanted: [String]) { #expect(events(body) == wanted) }

    @Test("of frames, as messages and as batches that rest")
    func frames() throws {
        var draft = RecordDraft(time: 0, body: Array("hello".utf8)[...])
        draft.key = Array("k1".utf8)[...]
        draft.attributes = [
            RecordAttribute(name: Array("a".utf8)[...], value: Array("b".utf8)[...])
        ]
        let message: [UInt8] =
            [0x12, 0, 0, 0, 1, 2, 2, 0, 0, 0, 0x6B, 0x31, 1, 5, 0, 0, 0] + Array("hello".utf8)
        #expect(steps(message, MessageFrameReader(message)) == ["hello key=k1"])
        #expect(steps([1], MessageFrameReader([1])) == ["invalid /0"])
        var builder = BatchBuilder()
        var compressor = BatchCompressor()
        _ = try builder.append(draft)
        _ = try builder.append(draft)
        let batch = builder.encode(.none, with: &compressor)
        var body = message
        let size = UInt32(batch.count + 9)
        body += (0..<4).map { UInt8(truncatingIfNeeded: size >> UInt32(8 * $0)) } + [2]
        body += [0, 0, 0, 0, 2, 0, 0, 0] + batch
        #expect(steps(body, MessageFrameReader(body)) == ["hello key=k1", "stored 2"])
        body[body.count - 1] ^= 1
        #expect(steps(body, MessageFrameReader(body)) == ["hello key=k1", "invalid /1"])
        draft.attributes[0].name = Array("_a".utf8)[...]
        _ = try builder.append(draft)
        let reserved = builder.encode(.none, with: &compressor)
        var other = [UInt8](repeating: 0, count: 4) + [2, 0, 0, 0, 0, 1, 0, 0, 0] + reserved
        other[0] = UInt8(reserved.count + 9)
        #expect(steps(other, MessageFrameReader(other)) == ["invalid /0"])
    }
}
