import HTTP
import Records
import Testing
import Wire

@testable import Gateway

private let now = TurnTime(tick: 0, wall: 1_700_000_000_000)

/// The options of a request for the topic `t`, or why they are none.
private func options(
    _ query: String = "", _ fields: String...
) throws -> Result<PublishOptions, PublishError> {
    let line = "POST /v1/topics/t/messages" + (query.isEmpty ? "" : "?" + query)
    let request = try #require(sampleRequest(line, fields))
    do throws(PublishError) {
        return .success(try PublishOptions(request, at: now))
    } catch {
        return .failure(error)
    }
}

private func string(_ slice: ArraySlice<UInt8>?) -> String? { slice.map { text($0) } }

@Suite("The options of a publish")
struct PublishOptionsTests {
    @Test("are none where nothing is said")
    func none() throws {
        let found = try options("", "Content-Type: text/plain").get()
        #expect(string(found.draft.contentType) == "text/plain")
        #expect(found.draft.key == nil && found.partition == nil && found.draft.attributes.isEmpty)
        #expect(found.draft.ttl == nil && found.draft.delay == nil && found.durability == nil)
    }

    @Test("come in fields or in the query, and may say the same twice")
    func both() throws {
        let fields = try options(
            "", "posthorn-key: a%20b", "Posthorn-Partition: 7", "Posthorn-Delay: 5m",
            "Posthorn-Ttl: 20s", "Posthorn-Durability: buffered", "Idempotency-Key: i-1"
        ).get()
        let query = try options(
            "key=a%20b&partition=7&delay=5m&ttl=20s&durability=buffered", "Idempotency-Key: i-1"
        ).get()
        let same = try options(
            "key=a+b&ttl=20s", "Posthorn-Key: a b", "Posthorn-Ttl: 20s", "Posthorn-Partition: 7",
            "Posthorn-Durability: buffered", "Posthorn-Delay: 300", "Idempotency-Key: i-1"
        ).get()
        for found in [fields, query, same] {
            #expect(string(found.draft.key) == "a b")
            #expect(found.partition == 7)
            #expect(found.draft.delay == .duration(300_000))
            #expect(found.draft.ttl == 20_000)
            #expect(found.durability == .buffered)
            #expect(string(found.idempotencyKey) == "i-1")
        }
    }

    @Test("put off to a date; one that has passed is now")
    func dates() throws {
        let later = try options("deliver_at=2023-11-14T22:13:21Z").get()
        #expect(later.draft.delay == .date(1_700_000_001_000))
        #expect(try options("deliver_at=2023-11-14T22:13:20Z").get().draft.delay == nil)
        #expect(
            try options("", "Posthorn-Deliver-At: 1999-01-01T00:00:00Z").get().draft.delay == nil)
        #expect(try options("delay=0").get().draft.delay == nil)
    }

    @Test(
        "that are refused, with the status of it",
        arguments: [
            ("key=a", "Posthorn-Key: b", 400), ("", "Posthorn-Key: %4", 400),
            ("", "Posthorn-Key: %zz", 400), ("", "Posthorn-Partition: x", 400),
            ("partition=-1", "", 400), ("partition=9999999999", "", 400), ("partition=", "", 400),
            ("", "Posthorn-Delay: soon", 400), ("delay=31d", "", 422), ("delay=99999999d", "", 422),
            ("delay=1s", "Posthorn-Deliver-At: 2023-11-14T22:13:21Z", 400),
            ("deliver_at=tomorrow", "", 400), ("deliver_at=2024-11-14T22:13:20Z", "", 422),
            ("ttl=0", "", 422), ("ttl=x", "", 400), ("durability=some", "", 400),
            ("", "Idempotency-Key: ", 400),
            ("", "Idempotency-Key: " + String(repeating: "i", count: 256), 400),
            ("", "Posthorn-Producer: a;epoch=1;seq=1", 422), ("", "Posthorn-Transaction: t", 422),
            ("", "Posthorn-Attr-_a: 1", 400), ("attr.=1", "", 400), ("attr..a=1", "", 400),
            ("", "Posthorn-Attr-a: %", 400), ("attr.a=1", "Posthorn-Attr-A: 2", 400),
        ])
    func refused(_ query: String, _ field: String, _ status: Int) throws {
        let found = try field.isEmpty ? options(query) : options(query, field)
        guard case .failure(let error) = found else {
            Issue.record("it is taken")
            return
        }
        #expect(Problem(error).status.code == status)
        #expect(Problem(error).faults.isEmpty == false)
    }

    @Test("store attributes, events and traces under their names")
    func attributes() throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let found = try options(
            "attr.Query=%C3%A9&attr.color=red", "Posthorn-Attr-Color: red",
            "posthorn-attr-note: a%20%C3%A9", "CE-Id: 1%252", "ce-Type: a.b",
            "traceparent: " + trace, "tracestate: a=1"
        ).get()
        let pairs = found.draft.attributes.map { "\(text($0.name))=\(text($0.value))" }
        #expect(
            pairs.sorted() == [
                "Query=é", "ce-id=1%2", "ce-type=a.b", "color=red", "note=a é",
                "traceparent=" + trace, "tracestate=a=1",
            ])
    }

    @Test(
        "leave out a trace that nobody could follow",
        arguments: [
            "x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ])
    func badTraces(_ trace: String) throws {
        let found = try options("", "traceparent: " + trace, "tracestate: a=1").get()
        #expect(found.draft.attributes.isEmpty)
    }

    @Test("of a batch are those that can be of all its messages")
    func batches() throws {
        let request = try #require(
            sampleRequest(
                "POST /v1/topics/t/messages?durability=flushed", ["Idempotency-Key: i"]))
        let found = try PublishOptions(ofBatch: request)
        #expect(found.durability == .flushed)
        #expect(string(found.idempotencyKey) == "i")
        for field in [
            "Posthorn-Key: a", "Posthorn-Partition: 1", "Posthorn-Delay: 1s",
            "Posthorn-Deliver-At: x", "Posthorn-Ttl: 1s", "Posthorn-Attr-A: 1",
        ] {
            let request = try #require(sampleRequest("POST /v1/topics/t/messages", [field]))
            #expect(throws: PublishError.self, "\(field)") {
                _ = try PublishOptions(ofBatch: request)
            }
        }
    }
}
